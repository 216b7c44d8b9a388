//! The time integrations.

use super::two;
use crate::peers::{self, Function};
use crate::problem::{Method, Problem};
use crate::scalar::Scalar;
use ad_tests::programs::ode::{self, pendulum, pendulum_gradient_by_hand};
use ad_tests::programs::ode::{rk4, rk4_gradient_by_hand};

const BOTH: &[Method] = &[Method::NumDual, Method::Tape];

/// The peers of an integration of `steps` steps: the tape takes kilobytes for each.
fn peers(steps: usize) -> &'static [Method] {
    if steps <= 100_000 { BOTH } else { &BOTH[..1] }
}

/// The gradient of Runge-Kutta steps by the initial state and two parameters.
pub struct Rk4 {
    data: ode::Inputs,
}

impl Rk4 {
    /// `steps` steps.
    #[must_use]
    pub fn new(steps: usize) -> Rk4 {
        Rk4 {
            data: ode::inputs(steps),
        }
    }
}

impl Problem for Rk4 {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        [&self.data.y0[..], &self.data.p].concat()
    }

    fn primal(&mut self, at: &[f64]) -> f64 {
        rk4(&at[..2], &at[2..], self.data.steps, self.data.dt)
    }

    fn ours(&mut self, at: &[f64], d: &mut [f64]) {
        let ([y, p], [dy, dp]) = two(at, d, 2);
        rk4::reverse(y, dy, p, dp, self.data.steps, self.data.dt, 1.0);
    }

    fn ours_with_primal(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let ([y, p], [dy, dp]) = two(at, d, 2);
        rk4::reverse_with_primal(y, dy, p, dp, self.data.steps, self.data.dt, 1.0).0
    }

    fn by_hand(&mut self, at: &[f64], d: &mut [f64]) -> f64 {
        let ([y, p], [dy, dp]) = two(at, d, 2);
        rk4_gradient_by_hand(y, dy, p, dp, self.data.steps, self.data.dt)
    }

    fn peers(&self) -> &'static [Method] {
        peers(self.data.steps)
    }

    fn peer(&mut self, peer: Method, at: &[f64], d: &mut [f64]) {
        peers::either::<4>(peer, self, at, d);
    }
}

impl Function for Rk4 {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let (p, dt) = ([v[2], v[3]], self.data.dt);
        let mut y = [v[0], v[1]];
        for _ in 0..self.data.steps {
            let k1 = rhs(y, p);
            let k2 = rhs(add(y, 0.5 * dt, k1), p);
            let k3 = rhs(add(y, 0.5 * dt, k2), p);
            let k4 = rhs(add(y, dt, k3), p);
            let total = |i| k1[i] + k2[i] * 2.0 + k3[i] * 2.0 + k4[i];
            y = add(y, dt / 6.0, [total(0), total(1)]);
        }
        [y[0] * y[0] + y[1] * y[1]]
    }
}

fn rhs<S: Scalar>(y: [S; 2], p: [S; 2]) -> [S; 2] {
    [y[1], p[0] * (-(y[0] * y[0]) + 1.0) * y[1] - p[1] * y[0]]
}

/// `y + s * k`.
fn add<S: Scalar>(y: [S; 2], s: f64, k: [S; 2]) -> [S; 2] {
    [y[0] + k[0] * s, y[1] + k[1] * s]
}

/// The gradient of a pendulum's swing by its four parameters.
pub struct Pendulum {
    data: ode::Inputs,
}

impl Pendulum {
    /// About `steps` Euler steps.
    #[must_use]
    pub fn new(steps: usize) -> Pendulum {
        Pendulum {
            data: ode::inputs(steps),
        }
    }
}

impl Problem for Pendulum {
    type Real = f64;

    fn point(&self) -> Vec<f64> {
        self.data.pendulum.to_vec()
    }

    fn primal(&mut self, v: &[f64]) -> f64 {
        pendulum(v[0], v[1], v[2], v[3], self.data.dt, self.data.t_end)
    }

    fn ours(&mut self, v: &[f64], d: &mut [f64]) {
        let (dt, end) = (self.data.dt, self.data.t_end);
        d.copy_from_slice(&<[f64; 4]>::from(pendulum::reverse(
            v[0], v[1], v[2], v[3], dt, end, 1.0,
        )));
    }

    fn ours_with_primal(&mut self, v: &[f64], d: &mut [f64]) -> f64 {
        let (dt, end) = (self.data.dt, self.data.t_end);
        let (value, gradient) = pendulum::reverse_with_primal(v[0], v[1], v[2], v[3], dt, end, 1.0);
        d.copy_from_slice(&<[f64; 4]>::from(gradient));
        value
    }

    fn by_hand(&mut self, v: &[f64], d: &mut [f64]) -> f64 {
        let (dt, end) = (self.data.dt, self.data.t_end);
        pendulum_gradient_by_hand(v[0], v[1], v[2], v[3], dt, end, d)
    }

    fn peers(&self) -> &'static [Method] {
        peers(self.data.steps)
    }

    fn peer(&mut self, peer: Method, at: &[f64], d: &mut [f64]) {
        peers::either::<4>(peer, self, at, d);
    }
}

impl Function for Pendulum {
    fn eval<S: Scalar>(&self, v: &[S]) -> impl AsRef<[S]> {
        let (dt, end) = (self.data.dt, self.data.t_end);
        let (mut angle, mut velocity, mut t) = (v[0], v[1], 0.0);
        let mut loss = angle.constant(0.0);
        while t < end {
            loss = loss + (angle * angle + velocity * velocity * 0.1) * dt;
            let acceleration = -(v[2] * velocity) - v[3] * angle.sin();
            angle = angle + velocity * dt;
            velocity = velocity + acceleration * dt;
            t += dt;
        }
        [loss]
    }
}
