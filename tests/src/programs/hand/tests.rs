//! The derivatives by hand against dual numbers and differences.

use super::*;
use crate::programs::check::{self, Num};
use crate::programs::data::Rng;

type Matrix<D> = [[D; 4]; 4];

fn product<D: Num>(a: &Matrix<D>, b: &Matrix<D>) -> Matrix<D> {
    let entry = |i: usize, j: usize| (0..4).map(|k| a[i][k] * b[k][j]).sum();
    std::array::from_fn(|i| std::array::from_fn(|j| entry(i, j)))
}

fn constant<D: Num>(m: &[f64]) -> Matrix<D> {
    std::array::from_fn(|i| std::array::from_fn(|j| D::from(m[4 * i + j])))
}

/// The turn by `angle` of the plane of the coordinates after `axis`.
fn turn<D: Num>(axis: usize, angle: D) -> Matrix<D> {
    let mut out = constant(&[
        1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0,
    ]);
    let (i, j) = ((axis + 1) % 3, (axis + 2) % 3);
    (out[i][i], out[j][j]) = (angle.cos(), angle.cos());
    (out[i][j], out[j][i]) = (-angle.sin(), angle.sin());
    out
}

/// The vertices in the pose `theta`, by the rotation formula of Rodrigues.
fn vertices_dual<D: Num>(theta: &[D], data: &Inputs) -> Vec<[D; 3]> {
    let v = data.base_positions.len() / 4;
    let mut absolutes: Vec<Matrix<D>> = Vec::new();
    let mut out = vec![[D::from(0.0); 3]; v];
    for b in 0..BONES {
        let mut local = constant(&data.base_relatives[16 * b..]);
        if (2..21).contains(&b) && b % 4 != 1 {
            let first = 6 + 4 * ((b - 2) / 4);
            let x = match b % 4 {
                2 => first,
                3 => first + 2,
                _ => first + 3,
            };
            if b % 4 == 2 {
                local = product(&local, &turn(2, theta[first + 1]));
            }
            local = product(&local, &turn(0, theta[x]));
        }
        if let Ok(p) = usize::try_from(data.parents[b]) {
            local = product(&absolutes[p], &local);
        }
        absolutes.push(local);
        let skin = product(&local, &constant(&data.inverses[16 * b..]));
        for j in 0..v {
            for i in 0..3 {
                let terms = (0..4).map(|k| skin[i][k] * data.base_positions[k * v + j]);
                out[j][i] += terms.sum::<D>() * data.weights[b * v + j];
            }
        }
    }
    let sq: D = theta[..3].iter().map(|t| *t * *t).sum();
    for x in &mut out {
        if data.mirrored {
            x[0] = -x[0];
        }
        if sq.re() > 0.0 {
            let norm = sq.sqrt();
            let axis: [D; 3] = std::array::from_fn(|i| theta[i] / norm);
            let along = (0..3).map(|i| axis[i] * x[i]).sum::<D>() * (-norm.cos() + 1.0);
            *x = std::array::from_fn(|i| {
                let (j, k) = ((i + 1) % 3, (i + 2) % 3);
                let aside = axis[j] * x[k] - axis[k] * x[j];
                x[i] * norm.cos() + aside * norm.sin() + axis[i] * along
            });
        }
        for i in 0..3 {
            x[i] += theta[3 + i];
        }
    }
    out
}

/// The residuals, weighted; the complicated ones if there are `us`.
fn weighted_dual<D: Num>(theta: &[D], us: Option<&[D]>, data: &Inputs, seeds: &[f64]) -> D {
    let x = vertices_dual(theta, data);
    let mut sum = D::from(0.0);
    for (i, &at) in data.correspondences.iter().enumerate() {
        for k in 0..3 {
            let place = us.map_or(x[at][k], |us| {
                let [a, b, c] = std::array::from_fn(|c| x[data.triangles[3 * at + c]][k]);
                us[2 * i] * (a - c) + us[2 * i + 1] * (b - c) + c
            });
            sum += (-place + data.points[3 * i + k]) * seeds[3 * i + k];
        }
    }
    sum
}

/// Shapes, with the rotation and the mirror or without.
fn problems() -> impl Iterator<Item = (Inputs, Vec<f64>)> {
    let shapes = [(3, 2, true), (9, 30, false), (41, 17, true)];
    shapes.into_iter().map(|(v, n, mirrored)| {
        let mut data = inputs(v, n);
        data.mirrored = mirrored;
        let seeds = Rng::new(16).uniform_vec(3 * n, 0.0, 1.0);
        (data, seeds)
    })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn residuals(theta: &[f64], us: Option<&[f64]>, d: &Inputs) -> Vec<f64> {
    let mut out = vec![0.0; d.points.len()];
    let (parents, base, inverses) = (&d.parents, &d.base_relatives, &d.inverses);
    let (rest, weights, flip) = (&d.base_positions, &d.weights, d.mirrored);
    let (at, points) = (&d.correspondences, &d.points);
    match us {
        None => hand_residuals(
            theta, parents, base, inverses, rest, weights, flip, at, points, &mut out,
        ),
        Some(us) => hand_residuals_complicated(
            theta,
            us,
            parents,
            base,
            inverses,
            rest,
            weights,
            flip,
            &d.triangles,
            at,
            points,
            &mut out,
        ),
    }
    out
}

#[test]
fn gradient() {
    for (data, seeds) in problems() {
        check::gradient(
            &data.theta,
            &|v| dot(&residuals(v, None, &data), &seeds),
            &|v| weighted_dual(v, None, &data, &seeds),
            &|v, g| {
                let mut out = vec![0.0; seeds.len()];
                hand_gradient_by_hand(
                    v,
                    g,
                    &data.parents,
                    &data.base_relatives,
                    &data.inverses,
                    &data.base_positions,
                    &data.weights,
                    data.mirrored,
                    &data.correspondences,
                    &data.points,
                    &mut out,
                    &seeds,
                );
                dot(&out, &seeds)
            },
        );
    }
}

#[test]
fn gradient_complicated() {
    for (data, seeds) in problems() {
        check::gradient(
            &[&data.theta[..], &data.us].concat(),
            &|v| dot(&residuals(&v[..THETA], Some(&v[THETA..]), &data), &seeds),
            &|v| weighted_dual(&v[..THETA], Some(&v[THETA..]), &data, &seeds),
            &|v, g| {
                let mut out = vec![0.0; seeds.len()];
                let (d_theta, d_us) = g.split_at_mut(THETA);
                hand_gradient_complicated_by_hand(
                    &v[..THETA],
                    d_theta,
                    &v[THETA..],
                    d_us,
                    &data.parents,
                    &data.base_relatives,
                    &data.inverses,
                    &data.base_positions,
                    &data.weights,
                    data.mirrored,
                    &data.triangles,
                    &data.correspondences,
                    &data.points,
                    &mut out,
                    &seeds,
                );
                dot(&out, &seeds)
            },
        );
    }
}

#[test]
fn jacobian() {
    for (data, seeds) in problems() {
        let n = seeds.len();
        check::gradient(
            &data.theta,
            &|v| dot(&residuals(v, None, &data), &seeds),
            &|v| weighted_dual(v, None, &data, &seeds),
            &|v, g| {
                let (mut out, mut jac) = (vec![0.0; n], vec![f64::NAN; THETA * n]);
                hand_jacobian_by_hand(
                    v,
                    &data.parents,
                    &data.base_relatives,
                    &data.inverses,
                    &data.base_positions,
                    &data.weights,
                    data.mirrored,
                    &data.correspondences,
                    &data.points,
                    &mut out,
                    &mut jac,
                );
                for (g, column) in g.iter_mut().zip(jac.chunks_exact(n)) {
                    *g += dot(column, &seeds);
                }
                dot(&out, &seeds)
            },
        );
    }
}

#[test]
fn jacobian_complicated() {
    for (data, seeds) in problems() {
        let n = seeds.len();
        check::gradient(
            &[&data.theta[..], &data.us].concat(),
            &|v| dot(&residuals(&v[..THETA], Some(&v[THETA..]), &data), &seeds),
            &|v| weighted_dual(&v[..THETA], Some(&v[THETA..]), &data, &seeds),
            &|v, g| {
                let (mut out, mut jac) = (vec![0.0; n], vec![f64::NAN; (2 + THETA) * n]);
                hand_jacobian_complicated_by_hand(
                    &v[..THETA],
                    &v[THETA..],
                    &data.parents,
                    &data.base_relatives,
                    &data.inverses,
                    &data.base_positions,
                    &data.weights,
                    data.mirrored,
                    &data.triangles,
                    &data.correspondences,
                    &data.points,
                    &mut out,
                    &mut jac,
                );
                for k in 0..THETA {
                    g[k] += dot(&jac[(2 + k) * n..(3 + k) * n], &seeds);
                }
                for i in 0..n / 3 {
                    for c in 0..2 {
                        let own = c * n + 3 * i..c * n + 3 * i + 3;
                        g[THETA + 2 * i + c] += dot(&jac[own], &seeds[3 * i..3 * i + 3]);
                    }
                }
                dot(&out, &seeds)
            },
        );
    }
}
