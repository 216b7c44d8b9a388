//! Kepler's equation.

use super::two;
use crate::peers::{self, Function};
use crate::problem::{Method, Problem};
use crate::scalar::{Scalar, sum};
use ad_tests::programs::fixpoint::{self, kepler_gradient_by_hand, kepler_misfit};

/// The gradient by eccentricities and mean anomalies.
pub struct Kepler {
    data: fixpoint::Inputs,
}

impl Kepler {
    /// `n` bodies.
    #[must_use]
    pub fn new(n: usize) -> Kepler {
        Kepler {
            data: fixpoint::inputs(n),
        }
    }
}

impl Problem for Kepler {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        [&self.data.e[..], &self.data.m].concat()
    }

    fn primal(&mut self, at: &[f64]) -> f64 {
        let (e, m) = at.split_at(self.data.e.len());
        kepler_misfit(e, m, &self.data.seen)
    }

    fn ours(&mut self, at: &[f64], d: &mut [f64]) {
        let n = self.data.e.len();
        let ([e, m], [de, dm]) = two(at, d, n);
        kepler_misfit::reverse(e, de, m, dm, &self.data.seen, 1.0);
    }

    fn ours_with_primal(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let n = self.data.e.len();
        let ([e, m], [de, dm]) = two(at, d, n);
        kepler_misfit::reverse_with_primal(e, de, m, dm, &self.data.seen, 1.0).0
    }

    fn by_hand(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let n = self.data.e.len();
        let ([e, m], [de, dm]) = two(at, d, n);
        kepler_gradient_by_hand(e, de, m, dm, &self.data.seen)
    }

    fn peers(&self) -> &'static [Method] {
        &[Method::Tape]
    }

    fn peer(&mut self, _: Method, at: &[f64], d: &mut [f64]) {
        peers::tape(self, at, d);
    }
}

impl Function for Kepler {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let (e, m) = v.split_at(self.data.e.len());
        let (seen, _) = self.data.seen.as_chunks::<2>();
        let misfit = |(i, seen): (usize, &[f64; 2])| {
            let x = eccentric_anomaly(e[i], m[i]);
            let dx = x.cos() - e[i] - seen[0];
            let dy = (-(e[i] * e[i]) + 1.0).sqrt() * x.sin() - seen[1];
            dx * dx + dy * dy
        };
        [sum(seen.iter().enumerate().map(misfit))]
    }
}

fn eccentric_anomaly<S: Scalar>(e: S, m: S) -> S {
    let (mut x, mut length, mut trips) = (m, 1.0_f64, 0);
    while length.abs() >= 1e-12 && trips < 50 {
        let step = (x - e * x.sin() - m) / (-(e * x.cos()) + 1.0);
        x = x - step;
        length = step.value();
        trips += 1;
    }
    x
}
