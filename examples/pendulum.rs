//! Finds the length and the damping of a pendulum from observed angles, by gradient descent
//! through the time integration.
//!
//! Run: `cargo run --release --example pendulum`

#![allow(
    clippy::needless_range_loop,
    reason = "loops over indices read as the formulas do, and are what `#[autodiff]` takes"
)]

use ad_runtime::prelude::*;

const GRAVITY: f64 = 9.81;
const START_ANGLE: f64 = 1.2;
const STEP: f64 = 0.005;
const STEPS_BETWEEN_OBSERVATIONS: usize = 20;

/// Swings the pendulum from rest and notes its angle at regular intervals.
#[autodiff]
fn swing(angles: &mut [f64], length: f64, damping: f64) {
    let mut angle = START_ANGLE;
    let mut speed = 0.0;
    for i in 0..angles.len() {
        let mut step = 0;
        while step < STEPS_BETWEEN_OBSERVATIONS {
            // Updating the speed first keeps the energy from drifting.
            speed -= STEP * (GRAVITY / length * angle.sin() + damping * speed);
            angle += STEP * speed;
            step += 1;
        }
        angles[i] = angle;
    }
}

/// Mean squared distance between the swing and the observations.
#[autodiff(Reverse, Active, Active, Active, Const)]
fn misfit(length: f64, damping: f64, observed: &[f64]) -> f64 {
    let mut angles = vec![0.0; observed.len()];
    swing(&mut angles, length, damping);
    let mut sum = 0.0;
    for i in 0..observed.len() {
        let miss = angles[i] - observed[i];
        sum += miss * miss;
    }
    sum / observed.len() as f64
}

/// Angles of a known pendulum, with reading errors of up to half a hundredth.
fn observe(length: f64, damping: f64) -> Vec<f64> {
    let mut angles = vec![0.0; 40];
    swing(&mut angles, length, damping);
    for (i, angle) in angles.iter_mut().enumerate() {
        *angle += 0.005 * (12.9898 * (i + 1) as f64).sin();
    }
    angles
}

fn main() {
    let (true_length, true_damping) = (1.3, 0.25);
    let observed = observe(true_length, true_damping);

    let (mut length, mut damping) = (1.0, 0.0);
    let mut rate = 1.0;
    println!("iteration        misfit  |gradient|    length   damping");
    for iteration in 0..1000 {
        let (value, (dl, dd)) = misfit::reverse_with_primal(length, damping, &observed, 1.0);
        let slope = dl * dl + dd * dd;
        if iteration % 10 == 0 || slope < 1e-16 {
            let norm = slope.sqrt();
            println!("{iteration:>9}  {value:.6e}  {norm:.4e}  {length:.6}  {damping:.6}");
        }
        if slope < 1e-16 {
            break;
        }
        // Shorten the step until it descends as far as the slope promises, then dare more.
        while misfit(length - rate * dl, damping - rate * dd, &observed)
            > value - 0.5 * rate * slope
        {
            rate *= 0.5;
        }
        length -= rate * dl;
        damping -= rate * dd;
        rate *= 1.5;
    }

    println!("true values: length {true_length}, damping {true_damping}");
    assert!((length - true_length).abs() < 0.01);
    assert!((damping - true_damping).abs() < 0.01);
}
