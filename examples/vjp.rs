//! Multiplies a vector by the Jacobian of a function which writes its result in place: one
//! reverse pass per weighting of the outputs, whatever the number of inputs.
//!
//! Run: `cargo run --release --example vjp`

use ad_runtime::prelude::*;

/// Exponential smoothing of a signal, with a soft clip.
#[autodiff]
fn smooth(y: &mut [f64], x: &[f64]) {
    let mut level = x[0];
    for i in 0..x.len() {
        level = 0.6 * level + 0.4 * x[i];
        y[i] = level.tanh();
    }
}

/// weights * J: how the weighted sum of the outputs changes with every input.
fn pull_back(x: &[f64], weights: &[f64]) -> Vec<f64> {
    let mut y = vec![0.0; x.len()];
    let mut dy = weights.to_vec();
    let mut dx = vec![0.0; x.len()];
    // The weights of the outputs go in as the shadow of `y`, in place of a seed.
    smooth::reverse(&mut y, &mut dy, x, &mut dx);
    // `smooth` overwrites all of `y`, so what was in it before has no influence: its gradient
    // is zero, and that is what the shadow holds now.
    assert!(dy.iter().all(|&d| d == 0.0));
    dx
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn main() {
    let x = [0.9, -0.3, 0.4, 1.2, -0.8];

    // A unit weight picks one row of the Jacobian. No output depends on later inputs, so the
    // matrix is lower triangular.
    println!("Jacobian:");
    for row in 0..x.len() {
        let mut weights = [0.0; 5];
        weights[row] = 1.0;
        let gradient = pull_back(&x, &weights);
        println!("  {gradient:>9.6?}");
        assert!(gradient[row + 1..].iter().all(|&d| d == 0.0));
    }

    // Shadows of inputs are added to, so a second call accumulates.
    let weights = [1.0, -2.0, 0.5, 0.0, 3.0];
    let once = pull_back(&x, &weights);
    let mut twice = once.clone();
    smooth::reverse(&mut [0.0; 5], &mut weights.clone(), &x, &mut twice);
    assert!((0..5).all(|i| (twice[i] - 2.0 * once[i]).abs() < 1e-14));

    // Both modes know the same Jacobian: (weights * J) * v = weights * (J * v).
    let v = [0.3, 1.0, -1.0, 0.2, 0.7];
    let mut product = [0.0; 5];
    smooth::forward(&mut [0.0; 5], &mut product, &x, &v);
    let (left, right) = (dot(&once, &v), dot(&weights, &product));
    println!("(weights * J) * v = {left:.12}\nweights * (J * v) = {right:.12}");
    assert!((left - right).abs() < 1e-12);
}
