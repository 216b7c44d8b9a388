//! Two time integrations: the van der Pol oscillator by Runge-Kutta steps and a
//! damped pendulum by Euler steps.

use super::data::Rng;
use ad_runtime::prelude::*;

/// The van der Pol oscillator: `y` is position and velocity, `p[2]` the damping
/// and the stiffness.
#[autodiff]
pub fn rhs(y: [f64; 2], p: &[f64]) -> [f64; 2] {
    [y[1], p[0] * (1.0 - y[0] * y[0]) * y[1] - p[1] * y[0]]
}

/// The state after one classical Runge-Kutta step of length `dt`; `p[2]`.
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, Const)]
#[autodiff(Reverse, Active, Active, Duplicated, Const)]
pub fn rk4_step(y: [f64; 2], p: &[f64], dt: f64) -> [f64; 2] {
    let half = 0.5 * dt;
    let k1 = rhs(y, p);
    let k2 = rhs([y[0] + half * k1[0], y[1] + half * k1[1]], p);
    let k3 = rhs([y[0] + half * k2[0], y[1] + half * k2[1]], p);
    let k4 = rhs([y[0] + dt * k3[0], y[1] + dt * k3[1]], p);
    let mut out = y;
    for i in 0..2 {
        out[i] += dt / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
    }
    out
}

/// The squared norm of the state `steps` steps of length `dt` after `y0[2]`;
/// `p[2]`.
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, Const, Const)]
#[autodiff(Reverse, Active, Duplicated, Duplicated, Const, Const)]
pub fn rk4(y0: &[f64], p: &[f64], steps: usize, dt: f64) -> f64 {
    let mut y = [y0[0], y0[1]];
    for _ in 0..steps {
        y = rk4_step(y, p, dt);
    }
    y[0] * y[0] + y[1] * y[1]
}

/// `J g` for the transposed Jacobian `J` of [`rhs`] at `y`; adds to `d_p[2]`.
fn rhs_reverse(y: [f64; 2], p: &[f64], d_p: &mut [f64; 2], g: [f64; 2]) -> [f64; 2] {
    let bend = 1.0 - y[0] * y[0];
    d_p[0] += g[1] * (bend * y[1]);
    d_p[1] -= g[1] * y[0];
    [
        -g[1] * (2.0 * p[0] * y[0] * y[1] + p[1]),
        g[0] + g[1] * (p[0] * bend),
    ]
}

/// `y + s * k`.
fn add(y: [f64; 2], s: f64, k: [f64; 2]) -> [f64; 2] {
    [y[0] + s * k[0], y[1] + s * k[1]]
}

/// The value of [`rk4`]; adds its gradient to `d_y0[2]` and `d_p[2]`.
///
/// The points at which the four stages of a step evaluate are kept. The stages'
/// adjoints are carried without their common factor `dt / 6`, which the sums
/// take at the end.
pub fn rk4_gradient_by_hand(
    y0: &[f64],
    d_y0: &mut [f64],
    p: &[f64],
    d_p: &mut [f64],
    steps: usize,
    dt: f64,
) -> f64 {
    let (half, sixth) = (0.5 * dt, dt / 6.0);
    let mut kept = Vec::with_capacity(steps);
    let mut y = [y0[0], y0[1]];
    for _ in 0..steps {
        let k1 = rhs(y, p);
        let y2 = add(y, half, k1);
        let k2 = rhs(y2, p);
        let y3 = add(y, half, k2);
        let k3 = rhs(y3, p);
        let y4 = add(y, dt, k3);
        let k4 = rhs(y4, p);
        kept.push([y, y2, y3, y4]);
        for i in 0..2 {
            y[i] += sixth * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
        }
    }

    let mut d = [2.0 * y[0], 2.0 * y[1]];
    let mut sums = [0.0; 2];
    for &[y1, y2, y3, y4] in kept.iter().rev() {
        let twice = [2.0 * d[0], 2.0 * d[1]];
        let d4 = rhs_reverse(y4, p, &mut sums, d);
        let d3 = rhs_reverse(y3, p, &mut sums, add(twice, dt, d4));
        let d2 = rhs_reverse(y2, p, &mut sums, add(twice, half, d3));
        let d1 = rhs_reverse(y1, p, &mut sums, add(d, half, d2));
        for i in 0..2 {
            d[i] += sixth * (d1[i] + (d2[i] + (d3[i] + d4[i])));
        }
    }
    for i in 0..2 {
        d_y0[i] += d[i];
        d_p[i] += sixth * sums[i];
    }
    y[0] * y[0] + y[1] * y[1]
}

/// The time integral up to `t_end`, in Euler steps of `dt`, of a damped
/// pendulum's squared angle and a tenth of its squared angular velocity.
#[autodiff(
    Forward, Duplicated, Duplicated, Duplicated, Duplicated, Duplicated, Const, Const
)]
#[autodiff(Reverse, Active, Active, Active, Active, Active, Const, Const)]
pub fn pendulum(
    angle0: f64,
    velocity0: f64,
    damping: f64,
    gravity: f64,
    dt: f64,
    t_end: f64,
) -> f64 {
    let mut angle = angle0;
    let mut velocity = velocity0;
    let mut loss = 0.0;
    let mut t = 0.0;
    while t < t_end {
        loss += dt * (angle * angle + 0.1 * velocity * velocity);
        let acceleration = -damping * velocity - gravity * angle.sin();
        angle += dt * velocity;
        velocity += dt * acceleration;
        t += dt;
    }
    loss
}

/// The value of [`pendulum`]; adds its gradient by initial angle, initial
/// velocity, damping and gravity to `grad[4]`.
pub fn pendulum_gradient_by_hand(
    angle0: f64,
    velocity0: f64,
    damping: f64,
    gravity: f64,
    dt: f64,
    t_end: f64,
    grad: &mut [f64],
) -> f64 {
    let mut kept = Vec::with_capacity((t_end / dt).max(0.0) as usize + 2);
    let (mut angle, mut velocity) = (angle0, velocity0);
    let (mut loss, mut t) = (0.0, 0.0);
    while t < t_end {
        let (sin, cos) = angle.sin_cos();
        kept.push([angle, velocity, sin, cos]);
        loss += dt * (angle * angle + 0.1 * velocity * velocity);
        let acceleration = -damping * velocity - gravity * sin;
        angle += dt * velocity;
        velocity += dt * acceleration;
        t += dt;
    }

    let (mut d_angle, mut d_velocity) = (0.0, 0.0);
    let (mut along_velocity, mut along_sin) = (0.0, 0.0);
    let (drag, pull) = (1.0 - dt * damping, dt * gravity);
    for &[angle, velocity, sin, cos] in kept.iter().rev() {
        along_velocity += d_velocity * velocity;
        along_sin += d_velocity * sin;
        let passed = d_angle;
        d_angle += dt * 2.0 * angle - pull * cos * d_velocity;
        d_velocity = d_velocity * drag + dt * (passed + 0.2 * velocity);
    }
    grad[0] += d_angle;
    grad[1] += d_velocity;
    grad[2] -= dt * along_velocity;
    grad[3] -= dt * along_sin;
    loss
}

/// A problem for [`rk4`] and [`pendulum`].
pub struct Inputs {
    /// Initial state of the oscillator, `[2]`.
    pub y0: Vec<f64>,
    /// Damping and stiffness of the oscillator, `[2]`.
    pub p: Vec<f64>,
    /// Initial angle, initial velocity, damping and gravity of the pendulum.
    pub pendulum: [f64; 4],
    /// Number of Runge-Kutta steps.
    pub steps: usize,
    /// Length of a step of either.
    pub dt: f64,
    /// End of the pendulum's swing, about `steps` steps on.
    pub t_end: f64,
}

/// `steps` steps of a hundredth of a time unit.
pub fn inputs(steps: usize) -> Inputs {
    let mut rng = Rng::new(5);
    let dt = 0.01;
    Inputs {
        y0: rng.uniform_vec(2, 0.5, 1.5),
        p: rng.uniform_vec(2, 0.8, 1.2),
        pendulum: [1.2, -0.3, 0.25, 9.81],
        steps,
        dt,
        t_end: dt * (steps as f64 - 0.5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::check::{self, Num};

    fn rk4_dual<D: Num>(y0: &[D], p: &[D], steps: usize, dt: f64) -> D {
        let rhs = |y: [D; 2]| [y[1], p[0] * (-y[0] * y[0] + 1.0) * y[1] - p[1] * y[0]];
        let add = |y: [D; 2], s: f64, k: [D; 2]| [y[0] + k[0] * s, y[1] + k[1] * s];
        let mut y = [y0[0], y0[1]];
        for _ in 0..steps {
            let k1 = rhs(y);
            let k2 = rhs(add(y, 0.5 * dt, k1));
            let k3 = rhs(add(y, 0.5 * dt, k2));
            let k4 = rhs(add(y, dt, k3));
            for i in 0..2 {
                y[i] += (k1[i] + k2[i] * 2.0 + k3[i] * 2.0 + k4[i]) * (dt / 6.0);
            }
        }
        y[0] * y[0] + y[1] * y[1]
    }

    fn pendulum_dual<D: Num>(v: &[D], dt: f64, t_end: f64) -> D {
        let (mut angle, mut velocity) = (v[0], v[1]);
        let (mut loss, mut t) = (D::from(0.0), 0.0);
        while t < t_end {
            loss += (angle * angle + velocity * velocity * 0.1) * dt;
            let acceleration = -v[2] * velocity - v[3] * angle.sin();
            angle += velocity * dt;
            velocity += acceleration * dt;
            t += dt;
        }
        loss
    }

    #[test]
    fn rk4_gradient() {
        for steps in [1, 7, 500] {
            let data = inputs(steps);
            check::gradient(
                &[&data.y0[..], &data.p].concat(),
                &|v| rk4(&v[..2], &v[2..], steps, data.dt),
                &|v| rk4_dual(&v[..2], &v[2..], steps, data.dt),
                &|v, g| {
                    let (gy, gp) = g.split_at_mut(2);
                    rk4_gradient_by_hand(&v[..2], gy, &v[2..], gp, steps, data.dt)
                },
            );
        }
    }

    #[test]
    fn pendulum_gradient() {
        for steps in [1, 7, 500] {
            let Inputs {
                pendulum: at,
                dt,
                t_end,
                ..
            } = inputs(steps);
            check::gradient(
                &at,
                &|v| pendulum(v[0], v[1], v[2], v[3], dt, t_end),
                &|v| pendulum_dual(v, dt, t_end),
                &|v, g| pendulum_gradient_by_hand(v[0], v[1], v[2], v[3], dt, t_end, g),
            );
        }
    }
}
