//! The heat equation.

use super::two;
use crate::peers::{self, Function};
use crate::problem::{Method, Problem};
use crate::scalar::{Scalar, sum};
use ad_tests::programs::heat::{self, heat_gradient_by_hand, heat_misfit};

/// The gradient by the initial field and the conductivities.
pub struct Heat {
    data: heat::Inputs,
    by_tape: bool,
}

impl Heat {
    /// `steps` steps on `side` rows of `side` cells. The tape takes some 500 bytes for
    /// each cell and step, so `by_tape` says whether it is measured.
    #[must_use]
    pub fn new(side: usize, steps: usize, by_tape: bool) -> Heat {
        Heat {
            data: heat::inputs(side, side, steps),
            by_tape,
        }
    }

    fn cells(&self) -> usize {
        self.data.u0.len()
    }
}

impl Problem for Heat {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        [&self.data.u0[..], &self.data.k].concat()
    }

    fn primal(&mut self, at: &[f64]) -> f64 {
        let ((u, k), data) = (at.split_at(self.cells()), &self.data);
        heat_misfit(u, k, &data.target, data.nx, data.steps, data.dt)
    }

    fn ours(&mut self, at: &[f64], d: &mut [f64]) {
        let (n, data) = (self.cells(), &self.data);
        let ([u, k], [du, dk]) = two(at, d, n);
        heat_misfit::reverse(
            u,
            du,
            k,
            dk,
            &data.target,
            data.nx,
            data.steps,
            data.dt,
            1.0,
        );
    }

    fn ours_with_primal(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let (n, data) = (self.cells(), &self.data);
        let ([u, k], [du, dk]) = two(at, d, n);
        let (goal, nx, steps, dt) = (&data.target, data.nx, data.steps, data.dt);
        heat_misfit::reverse_with_primal(u, du, k, dk, goal, nx, steps, dt, 1.0).0
    }

    fn by_hand(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let (n, data) = (self.cells(), &self.data);
        let ([u, k], [du, dk]) = two(at, d, n);
        heat_gradient_by_hand(u, du, k, dk, &data.target, data.nx, data.steps, data.dt)
    }

    fn peers(&self) -> &'static [Method] {
        if self.by_tape { &[Method::Tape] } else { &[] }
    }

    fn peer(&mut self, _: Method, at: &[f64], d: &mut [f64]) {
        peers::tape(self, at, d);
    }
}

impl Function for Heat {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let (u, k) = v.split_at(self.cells());
        let mut u = u.to_vec();
        for _ in 0..self.data.steps {
            u = step(&u, k, self.data.nx, self.data.dt);
        }
        let misses = u.iter().zip(&self.data.target).map(|(&u, &t)| u - t);
        [sum(misses.map(|miss| miss * miss))]
    }
}

/// The field one step after `u`.
fn step<S: Scalar>(u: &[S], k: &[S], nx: usize, dt: f64) -> Vec<S> {
    let mut next = u.to_vec();
    for j in 1..u.len() / nx - 1 {
        for c in j * nx + 1..(j + 1) * nx - 1 {
            let flow = |other: usize| (k[c] + k[other]) * 0.5 * (u[other] - u[c]);
            next[c] = u[c] + sum([c + 1, c - 1, c + nx, c - nx].map(flow)) * dt;
        }
    }
    next
}
