//! A Newton iteration that ends when its data say so: Kepler's equation, and the
//! misfit of the places on the orbits.

use super::data::Rng;
use ad_runtime::prelude::*;

/// The eccentric anomaly `x` with `x - e sin x = m`, for an eccentricity `e`
/// below one: Newton steps down to `1e-12`, at most fifty.
#[autodiff]
pub fn eccentric_anomaly(e: f64, m: f64) -> f64 {
    let mut x = m;
    let mut step: f64 = 1.0;
    let mut trips = 0;
    while step.abs() >= 1e-12 && trips < 50 {
        step = (x - e * x.sin() - m) / (1.0 - e * x.cos());
        x -= step;
        trips += 1;
    }
    x
}

/// The squared misfit to `seen[2*n]` of the places in their orbital planes of
/// `n` bodies with eccentricities `e[n]` and mean anomalies `m[n]`; the long
/// half-axes are one.
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, Const)]
#[autodiff(Reverse, Active, Duplicated, Duplicated, Const)]
pub fn kepler_misfit(e: &[f64], m: &[f64], seen: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..e.len() {
        let x = eccentric_anomaly(e[i], m[i]);
        let dx = x.cos() - e[i] - seen[2 * i];
        let dy = (1.0 - e[i] * e[i]).sqrt() * x.sin() - seen[2 * i + 1];
        sum += dx * dx + dy * dy;
    }
    sum
}

/// The value of [`kepler_misfit`]; adds its gradient to `d_e[n]` and `d_m[n]`.
///
/// The solution's derivatives are those of the implicit equation; the iteration
/// is not reversed.
pub fn kepler_gradient_by_hand(
    e: &[f64],
    d_e: &mut [f64],
    m: &[f64],
    d_m: &mut [f64],
    seen: &[f64],
) -> f64 {
    let n = e.len();
    let (seen, _) = seen.as_chunks::<2>();
    let (m, seen, d_e, d_m) = (&m[..n], &seen[..n], &mut d_e[..n], &mut d_m[..n]);
    let mut sum = 0.0;
    for i in 0..n {
        let e = e[i];
        let (sin, cos) = eccentric_anomaly(e, m[i]).sin_cos();
        let short = (1.0 - e * e).sqrt();
        let dx = cos - e - seen[i][0];
        let dy = short * sin - seen[i][1];
        sum += dx * dx + dy * dy;
        let d_x = 2.0 * (dy * short * cos - dx * sin) / (1.0 - e * cos);
        d_m[i] += d_x;
        d_e[i] += d_x * sin - 2.0 * (dx + dy * sin * e / short);
    }
    sum
}

/// A problem for [`kepler_misfit`].
pub struct Inputs {
    /// Eccentricities, `[n]`.
    pub e: Vec<f64>,
    /// Mean anomalies, `[n]`.
    pub m: Vec<f64>,
    /// Places seen, `[2*n]`.
    pub seen: Vec<f64>,
}

/// `n` bodies on orbits of eccentricities up to 0.9, seen near where they are.
pub fn inputs(n: usize) -> Inputs {
    let mut rng = Rng::new(13);
    let e = rng.uniform_vec(n, 0.01, 0.9);
    let m = rng.uniform_vec(n, 0.1, 3.0);
    let mut seen = Vec::with_capacity(2 * n);
    for i in 0..n {
        let x = eccentric_anomaly(e[i], m[i]);
        seen.push(x.cos() - e[i] + 0.1 * rng.normal());
        seen.push((1.0 - e[i] * e[i]).sqrt() * x.sin() + 0.1 * rng.normal());
    }
    Inputs { e, m, seen }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::check::{self, Num};

    fn misfit_dual<D: Num>(e: &[D], m: &[D], seen: &[f64]) -> D {
        let mut sum = D::from(0.0);
        for i in 0..e.len() {
            let mut x = m[i];
            for _ in 0..60 {
                x -= (x - e[i] * x.sin() - m[i]) / (-e[i] * x.cos() + 1.0);
            }
            sum += (x.cos() - e[i] - seen[2 * i]).powi(2);
            sum += ((-e[i] * e[i] + 1.0).sqrt() * x.sin() - seen[2 * i + 1]).powi(2);
        }
        sum
    }

    #[test]
    fn gradient() {
        for n in [1, 5, 60] {
            let data = inputs(n);
            check::gradient(
                &[&data.e[..], &data.m].concat(),
                &|v| kepler_misfit(&v[..n], &v[n..], &data.seen),
                &|v| misfit_dual(&v[..n], &v[n..], &data.seen),
                &|v, g| {
                    let (d_e, d_m) = g.split_at_mut(n);
                    kepler_gradient_by_hand(&v[..n], d_e, &v[n..], d_m, &data.seen)
                },
            );
        }
    }
}
