//! Gravitational energy.

use super::two;
use crate::peers::{self, Function};
use crate::problem::{Method, Problem};
use crate::scalar::{Scalar, sum};
use ad_tests::programs::energy::{self, energy_gradient_by_hand};

/// The gradient by the positions and the softening.
pub struct Energy {
    data: energy::Inputs,
}

impl Energy {
    /// `n` particles.
    #[must_use]
    pub fn new(n: usize) -> Energy {
        Energy {
            data: energy::inputs(n),
        }
    }
}

impl Problem for Energy {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        [&self.data.pos[..], &[self.data.eps2]].concat()
    }

    fn primal(&mut self, at: &[f64]) -> f64 {
        let (pos, eps2) = at.split_at(self.data.pos.len());
        energy::energy(pos, &self.data.mass, eps2[0])
    }

    fn ours(&mut self, at: &[f64], d: &mut [f64]) {
        let coordinates = self.data.pos.len();
        let ([pos, eps2], [d_pos, d_eps2]) = two(at, d, coordinates);
        d_eps2[0] = energy::energy::reverse(pos, d_pos, &self.data.mass, eps2[0], 1.0);
    }

    fn ours_with_primal(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let coordinates = self.data.pos.len();
        let ([pos, eps2], [d_pos, d_eps2]) = two(at, d, coordinates);
        let mass = &self.data.mass;
        let (value, by_eps2) = energy::energy::reverse_with_primal(pos, d_pos, mass, eps2[0], 1.0);
        d_eps2[0] = by_eps2;
        value
    }

    fn by_hand(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let coordinates = self.data.pos.len();
        let ([pos, eps2], [d_pos, d_eps2]) = two(at, d, coordinates);
        energy_gradient_by_hand(pos, d_pos, &self.data.mass, eps2[0], &mut d_eps2[0])
    }

    fn peers(&self) -> &'static [Method] {
        &[Method::Tape]
    }

    fn peer(&mut self, _: Method, at: &[f64], d: &mut [f64]) {
        peers::tape(self, at, d);
    }
}

impl Function for Energy {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let mass = &self.data.mass;
        let n = mass.len();
        let pair = |i: usize, j: usize| {
            let apart: [S; 3] = std::array::from_fn(|k| v[3 * i + k] - v[3 * j + k]);
            let r = (sum(apart.map(|x| x * x)) + v[3 * n]).sqrt();
            r.constant(-mass[i] * mass[j]) / r
        };
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
        [sum(pairs.map(|(i, j)| pair(i, j)))]
    }
}
