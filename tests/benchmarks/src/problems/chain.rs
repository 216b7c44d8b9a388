//! A chain of masses.

use super::three;
use crate::peers::{self, Function};
use crate::problem::{Method, Problem};
use crate::scalar::{Scalar, sum};
use ad_tests::programs::chain::{self, HARDENING, chain_gradient_by_hand, chain_misfit};

/// The gradient by displacements, velocities and stiffness.
pub struct Chain {
    data: chain::Inputs,
}

impl Chain {
    /// `steps` steps of `n` masses.
    #[must_use]
    pub fn new(n: usize, steps: usize) -> Chain {
        Chain {
            data: chain::inputs(n, steps),
        }
    }

    fn cuts(&self) -> (usize, usize) {
        let n = self.data.x0.len();
        (n, 2 * n)
    }
}

impl Problem for Chain {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        let data = &self.data;
        [&data.x0[..], &data.v0, &[data.stiffness]].concat()
    }

    fn primal(&mut self, at: &[f64]) -> f64 {
        let (data, (a, b)) = (&self.data, self.cuts());
        let (x, v) = (&at[..a], &at[a..b]);
        chain_misfit(x, v, at[b], &data.target, data.steps, data.dt)
    }

    fn ours(&mut self, at: &[f64], d: &mut [f64]) {
        let data = &self.data;
        let ([x, v, k], [dx, dv, dk]) = three(at, d, self.cuts());
        let (target, steps, dt) = (&data.target, data.steps, data.dt);
        dk[0] = chain_misfit::reverse(x, dx, v, dv, k[0], target, steps, dt, 1.0);
    }

    fn ours_with_primal(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let data = &self.data;
        let ([x, v, k], [dx, dv, dk]) = three(at, d, self.cuts());
        let (target, steps, dt) = (&data.target, data.steps, data.dt);
        let (value, by_k) =
            chain_misfit::reverse_with_primal(x, dx, v, dv, k[0], target, steps, dt, 1.0);
        dk[0] = by_k;
        value
    }

    fn by_hand(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let data = &self.data;
        let ([x, v, k], [dx, dv, dk]) = three(at, d, self.cuts());
        let (target, steps, dt) = (&data.target, data.steps, data.dt);
        chain_gradient_by_hand(x, dx, v, dv, k[0], &mut dk[0], target, steps, dt)
    }

    fn peers(&self) -> &'static [Method] {
        &[Method::Tape]
    }

    fn peer(&mut self, _: Method, at: &[f64], d: &mut [f64]) {
        peers::tape(self, at, d);
    }
}

impl Function for Chain {
    fn eval<S: Scalar>(&self, at: &[S]) -> impl AsRef<[S]> {
        let (data, (n, end)) = (&self.data, self.cuts());
        let (mut x, mut v, k) = (at[..n].to_vec(), at[n..end].to_vec(), at[end]);
        let force = |s: S| s * (s * s * HARDENING + k);
        for _ in 0..data.steps {
            let forces: Vec<S> = x.windows(2).map(|pair| force(pair[1] - pair[0])).collect();
            for i in 1..n - 1 {
                v[i] = v[i] + (forces[i] - forces[i - 1]) * data.dt;
                x[i] = x[i] + v[i] * data.dt;
            }
        }
        let misses = x.iter().zip(&data.target).map(|(x, t)| *x - *t);
        [sum(misses.map(|miss| miss * miss))]
    }
}
