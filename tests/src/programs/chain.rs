//! A chain of masses between two walls, with springs that harden, by symplectic
//! Euler steps.

use super::data::Rng;
use ad_runtime::prelude::*;

/// What a spring's force has beside the linear part, for its stretch cubed.
pub const HARDENING: f64 = 0.5;

/// The squared distance of the masses from `target[n]` after `steps` steps of
/// length `dt` from the displacements `x0[n]` and velocities `v0[n]`; the first and
/// the last mass do not move.
#[autodiff(
    Forward, Duplicated, Duplicated, Duplicated, Duplicated, Const, Const, Const
)]
#[autodiff(Reverse, Active, Duplicated, Duplicated, Active, Const, Const, Const)]
pub fn chain_misfit(
    x0: &[f64],
    v0: &[f64],
    stiffness: f64,
    target: &[f64],
    steps: usize,
    dt: f64,
) -> f64 {
    let n = x0.len();
    let mut x = x0.to_vec();
    let mut v = v0.to_vec();
    let mut a = vec![0.0; n];
    for _ in 0..steps {
        for i in 1..n - 1 {
            let left = x[i] - x[i - 1];
            let right = x[i + 1] - x[i];
            let cubes = right * right * right - left * left * left;
            a[i] = stiffness * (right - left) + HARDENING * cubes;
        }
        for i in 1..n - 1 {
            v[i] += dt * a[i];
            x[i] += dt * v[i];
        }
    }
    let mut sum = 0.0;
    for i in 0..n {
        let miss = x[i] - target[i];
        sum += miss * miss;
    }
    sum
}

/// The value of [`chain_misfit`]; adds its gradient to `d_x0[n]`, `d_v0[n]` and
/// `d_stiffness`.
///
/// Displacements are kept. A spring's force goes to both of its masses, so its
/// stretch takes one adjoint.
pub fn chain_gradient_by_hand(
    x0: &[f64],
    d_x0: &mut [f64],
    v0: &[f64],
    d_v0: &mut [f64],
    stiffness: f64,
    d_stiffness: &mut f64,
    target: &[f64],
    steps: usize,
    dt: f64,
) -> f64 {
    let n = x0.len();
    let springs = n - 1;
    let mut kept = Vec::with_capacity((steps + 1) * n);
    kept.extend_from_slice(x0);
    let mut v = v0.to_vec();
    let mut forces = vec![0.0; springs];
    for s in 0..steps {
        kept.extend_from_within(s * n..);
        let (x, next) = kept[s * n..].split_at_mut(n);
        for i in 0..springs {
            let stretch = x[i + 1] - x[i];
            forces[i] = stretch * (stiffness + HARDENING * (stretch * stretch));
        }
        let (inner, next) = (&mut v[1..springs], &mut next[1..springs]);
        for (i, pair) in forces.windows(2).enumerate() {
            inner[i] += dt * (pair[1] - pair[0]);
            next[i] += dt * inner[i];
        }
    }

    let mut sum = 0.0;
    let mut d_x = vec![0.0; n];
    for (i, d) in d_x.iter_mut().enumerate() {
        let miss = kept[steps * n + i] - target[i];
        sum += miss * miss;
        *d = 2.0 * miss;
    }
    // Those of the walls stay zero.
    let mut d_v = vec![0.0; n];
    let mut pulls = vec![0.0; springs];
    for s in (0..steps).rev() {
        let x = &kept[s * n..(s + 1) * n];
        for (d_v, d_x) in d_v[1..springs].iter_mut().zip(&d_x[1..springs]) {
            *d_v += dt * d_x;
        }
        let mut along = [0.0; 4];
        for i in 0..springs {
            let stretch = x[i + 1] - x[i];
            let d_force = dt * (d_v[i] - d_v[i + 1]);
            along[i % 4] += d_force * stretch;
            pulls[i] = d_force * (stiffness + 3.0 * HARDENING * (stretch * stretch));
        }
        *d_stiffness += along.iter().sum::<f64>();
        d_x[0] -= pulls[0];
        for (i, pair) in pulls.windows(2).enumerate() {
            d_x[i + 1] += pair[0] - pair[1];
        }
        d_x[springs] += pulls[springs - 1];
    }
    for i in 0..n {
        d_x0[i] += d_x[i];
        d_v0[i] += d_v[i];
    }
    sum
}

/// A problem for [`chain_misfit`].
pub struct Inputs {
    /// Displacements, `[n]`.
    pub x0: Vec<f64>,
    /// Velocities, `[n]`.
    pub v0: Vec<f64>,
    /// The springs' stiffness.
    pub stiffness: f64,
    /// Displacements to reach, `[n]`.
    pub target: Vec<f64>,
    /// Number of steps.
    pub steps: usize,
    /// Length of a step.
    pub dt: f64,
}

/// `n` masses at random, to come to rest.
pub fn inputs(n: usize, steps: usize) -> Inputs {
    let mut rng = Rng::new(13);
    Inputs {
        x0: rng.normal_vec(n, 0.3),
        v0: rng.normal_vec(n, 0.2),
        stiffness: 1.2,
        target: vec![0.0; n],
        steps,
        dt: 0.02,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::check::{self, Num};

    fn misfit_dual<D: Num>(x0: &[D], v0: &[D], stiffness: D, data: &Inputs) -> D {
        let n = x0.len();
        let (mut x, mut v) = (x0.to_vec(), v0.to_vec());
        for _ in 0..data.steps {
            let force = |s: D| s * (stiffness + s * s * HARDENING);
            let stretches: Vec<D> = x.windows(2).map(|pair| pair[1] - pair[0]).collect();
            for i in 1..n - 1 {
                v[i] += (force(stretches[i]) - force(stretches[i - 1])) * data.dt;
                x[i] += v[i] * data.dt;
            }
        }
        let apart = x.iter().zip(&data.target).map(|(x, t)| (*x - *t).powi(2));
        apart.sum()
    }

    #[test]
    fn gradient() {
        for (n, steps) in [(3, 0), (3, 4), (6, 9)] {
            let data = inputs(n, steps);
            check::gradient(
                &[&data.x0[..], &data.v0, &[data.stiffness]].concat(),
                &|v| {
                    let (x0, v0) = (&v[..n], &v[n..2 * n]);
                    chain_misfit(x0, v0, v[2 * n], &data.target, steps, data.dt)
                },
                &|v| misfit_dual(&v[..n], &v[n..2 * n], v[2 * n], &data),
                &|v, g| {
                    let (g_x, rest) = g.split_at_mut(n);
                    let (g_v, g_k) = rest.split_at_mut(n);
                    let (x0, v0) = (&v[..n], &v[n..2 * n]);
                    let (k, target) = (v[2 * n], &data.target);
                    chain_gradient_by_hand(x0, g_x, v0, g_v, k, &mut g_k[0], target, steps, data.dt)
                },
            );
        }
    }
}
