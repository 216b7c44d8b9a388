//! Sines and cosines, which are computed together.
use ad_runtime::prelude::*;
use ad_tests::check;

/// A state is carried: the cosine goes onto the tape.
#[autodiff]
fn pendulum(angle0: f64, velocity0: f64, gravity: f64, steps: usize) -> f64 {
    let mut angle = angle0;
    let mut velocity = velocity0;
    let mut sum = 0.0;
    for _ in 0..steps {
        velocity -= 0.1 * gravity * angle.sin();
        angle += 0.1 * velocity;
        sum += angle.cos();
    }
    sum * velocity
}

/// The user has both, in either order, in other blocks, and of values that change.
#[autodiff]
fn both(x: &mut [f64], turn: f64) -> f64 {
    let mut sum = 1.0;
    let mut phase = turn;
    for i in 0..x.len() {
        let cosine = phase.cos();
        if x[i] > 0.0 {
            let sine = phase.sin();
            x[i] = sine * cosine - x[i] * phase.sin();
        } else {
            x[i] *= phase.cos();
        }
        phase = f64::sin(phase * x[i]) + cosine;
        sum *= 1.0 + 0.1 * phase.sin() * phase.cos();
    }
    sum + phase.sin().cos()
}

/// Exits, and an angle that overflows where the branch is not taken.
#[autodiff]
fn until(x: &[f64], limit: f64) -> f64 {
    let mut at = x[0];
    for value in x {
        at += (at * value).sin();
        if at > limit {
            break;
        }
        at *= (at + value).cos();
    }
    at
}

#[autodiff]
fn narrow(x: &[f32]) -> f32 {
    let mut state = 0.5;
    for i in 0..x.len() {
        state = (state * x[i]).sin() + (state + x[i]).cos();
    }
    state
}

#[test]
fn sines_beside_cosines() {
    for steps in [0, 1, 7] {
        check!(pendulum(0.9, -0.4, 1.3, #steps));
    }
    check!(both(&mut [0.4, -0.3, 0.9, -1.2], 0.7));
    for limit in [0.1, 0.9, 5.0] {
        check!(until(&[0.5, 0.7, -0.3, 0.8], limit));
    }
    check!(narrow(&[0.4_f32, 0.9, -0.7]));
}
