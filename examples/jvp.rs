//! Multiplies the Jacobian of a vector function by a vector: one forward pass per direction,
//! whatever the number of outputs.
//!
//! Run: `cargo run --release --example jvp`

use ad_runtime::prelude::*;

/// Spherical coordinates (radius, inclination, azimuth) to Cartesian ones.
#[autodiff]
fn cartesian(point: &mut [f64], spherical: &[f64]) {
    let radius = spherical[0];
    let inclination = spherical[1];
    let azimuth = spherical[2];
    point[0] = radius * inclination.sin() * azimuth.cos();
    point[1] = radius * inclination.sin() * azimuth.sin();
    point[2] = radius * inclination.cos();
}

/// The change of the point for a small change of the coordinates: J * direction.
fn push_forward(spherical: &[f64; 3], direction: &[f64; 3]) -> [f64; 3] {
    let mut point = [0.0; 3];
    let mut change = [0.0; 3];
    cartesian::forward(&mut point, &mut change, spherical, direction);
    change
}

fn determinant(m: &[[f64; 3]; 3]) -> f64 {
    m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
}

fn main() {
    let spherical = [2.0, 0.8, 0.3];
    let [radius, inclination, _] = spherical;

    // The columns of the Jacobian are its products with the unit vectors.
    let columns = [
        push_forward(&spherical, &[1.0, 0.0, 0.0]),
        push_forward(&spherical, &[0.0, 1.0, 0.0]),
        push_forward(&spherical, &[0.0, 0.0, 1.0]),
    ];
    for (name, column) in ["radius", "inclination", "azimuth"].iter().zip(&columns) {
        println!("d(x, y, z) / d {name:<12} {column:>10.6?}");
    }

    // Its determinant is the volume element known from integration, r^2 sin(inclination).
    let volume = determinant(&columns);
    println!("determinant {volume:.6}");
    assert!((volume - radius * radius * inclination.sin()).abs() < 1e-12);

    // A product with any other vector costs one pass too, without forming the matrix.
    let direction = [0.5, -1.0, 2.0];
    let product = push_forward(&spherical, &direction);
    println!("J * {direction:?} = {product:.6?}");
    for row in 0..3 {
        let expected: f64 = (0..3).map(|k| columns[k][row] * direction[k]).sum();
        assert!((product[row] - expected).abs() < 1e-12);
    }
}
