//! The checks themselves: right derivatives pass, wrong ones do not.

use super::Program;
use super::support::{Case, Derivatives, Point};

/// `y[0] = x[0] * c * y[0]; x[1].sin() * c`
fn plain(p: &mut Point) -> Vec<f64> {
    p.slices[1][0] *= p.slices[0][0] * p.floats[0];
    vec![p.slices[0][1].sin() * p.floats[0]]
}

fn forward(p: &mut Point, d: &mut Point) -> Vec<f64> {
    let (x, dx, c, dc) = (&p.slices[0], &d.slices[0], p.floats[0], d.floats[0]);
    let (y, dy) = (p.slices[1][0], d.slices[1][0]);
    let tangent = x[1].cos() * dx[1] * c + x[1].sin() * dc;
    d.slices[1][0] = dx[0] * c * y + x[0] * dc * y + x[0] * c * dy;
    plain(p);
    vec![tangent]
}

fn forward_with_primal(p: &mut Point, d: &mut Point) -> Vec<f64> {
    let primal = plain(&mut p.clone());
    [primal, forward(p, d)].concat()
}

fn reverse(p: &mut Point, d: &mut Point, seed: f64) -> Vec<f64> {
    let (x, c, y, dy) = (
        p.slices[0].clone(),
        p.floats[0],
        p.slices[1][0],
        d.slices[1][0],
    );
    plain(p);
    d.slices[0][0] += dy * c * y;
    d.slices[0][1] += seed * x[1].cos() * c;
    d.slices[1][0] = dy * x[0] * c;
    vec![seed * x[1].sin() + dy * x[0] * y]
}

fn reverse_with_primal(p: &mut Point, d: &mut Point, seed: f64) -> Vec<f64> {
    let primal = plain(&mut p.clone());
    [primal, reverse(p, d, seed)].concat()
}

fn case(derivatives: Derivatives) -> Case {
    Case {
        number: 0,
        points: 0,
        slices: &[(2, false), (1, true)],
        floats: 1,
        ints: &[],
        bools: 0,
        returns: true,
        plain,
        derivatives: Some(derivatives),
    }
}

const RIGHT: Derivatives = Derivatives {
    forward,
    forward_with_primal,
    reverse,
    reverse_with_primal,
};

#[test]
fn right_derivatives_pass() {
    assert_eq!(case(RIGHT).check(), Ok(0));
}

fn refused(derivatives: Derivatives, with: &str) {
    let message = case(derivatives)
        .check()
        .expect_err("the derivative is wrong");
    assert!(message.contains(with), "{message}");
}

#[test]
fn wrong_tangents_are_found() {
    let forward = |p: &mut Point, d: &mut Point| vec![1.0001 * forward(p, d)[0]];
    let forward_with_primal = |p: &mut Point, d: &mut Point| {
        let both = forward_with_primal(p, d);
        vec![both[0], 1.0001 * both[1]]
    };
    refused(
        Derivatives { forward, ..RIGHT },
        "forward and forward_with_primal",
    );
    let wrong = Derivatives {
        forward,
        forward_with_primal,
        ..RIGHT
    };
    refused(wrong, "tangent of output 0");
}

#[test]
fn wrong_gradients_are_found() {
    let reverse = |p: &mut Point, d: &mut Point, seed: f64| vec![reverse(p, d, seed)[0] + 1e-6];
    refused(
        Derivatives { reverse, ..RIGHT },
        "reverse and reverse_with_primal",
    );
    let reverse_with_primal = |p: &mut Point, d: &mut Point, seed: f64| {
        let both = reverse_with_primal(p, d, seed);
        vec![both[0], both[1] + 1e-6]
    };
    let wrong = Derivatives {
        reverse,
        reverse_with_primal,
        ..RIGHT
    };
    refused(wrong, "forward and reverse disagree");
}

#[test]
fn shadows_that_are_overwritten_are_found() {
    fn clear(d: &mut Point) {
        d.slices[0].fill(0.0);
    }
    let wrong = Derivatives {
        reverse: |p, d, seed| {
            clear(d);
            reverse(p, d, seed)
        },
        reverse_with_primal: |p, d, seed| {
            clear(d);
            reverse_with_primal(p, d, seed)
        },
        ..RIGHT
    };
    refused(wrong, "not zero");
}

#[test]
fn primal_bits_are_compared() {
    let reverse = |p: &mut Point, d: &mut Point, seed: f64| {
        let gradient = reverse(p, d, seed);
        p.slices[1][0] = p.slices[1][0].next_up();
        gradient
    };
    refused(Derivatives { reverse, ..RIGHT }, "arguments after reverse");
}

#[test]
fn a_program_is_a_function_of_its_seed_and_number() {
    let source = |seed, number| Program::new(seed, number).module(true);
    assert_eq!(source(3, 5), source(3, 5));
    assert_ne!(source(3, 5), source(3, 6));
    assert_ne!(source(3, 5), source(4, 5));
}
