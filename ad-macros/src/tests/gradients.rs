//! Derivatives run by the evaluator of the IR, against central differences.

use super::lower;
use crate::ir::eval::{Datum, Machine};
use crate::ir::{Block, VarId};
use crate::transform::forward;
use crate::transform::reverse::{self, Form};

/// Checks `fn f(x: &[f64]) -> f64` at a point, both modes, joint and split.
fn check(source: &str, x: &[f64]) {
    let lowered = lower(source);
    let facts = lowered.facts();
    let primal = |x: &[f64]| {
        let mut machine = Machine::new(&lowered.func);
        machine.set(lowered.func.params[0], floats(x));
        machine.run(&lowered.func.body);
        float(&machine.result())
    };
    let expected: Vec<f64> = (0..x.len())
        .map(|at| {
            let moved = |h: f64| {
                let mut x = x.to_vec();
                x[at] += h;
                primal(&x)
            };
            (moved(1e-6) - moved(-1e-6)) / 2e-6
        })
        .collect();
    let all = [Form::Joint, Form::Split].map(|form| reverse::reverse(&facts, "f", form));
    let fused = reverse::fused(&facts, "f").map(|(sweeps, _)| sweeps);
    for sweeps in all.iter().chain(&fused) {
        let shadow = sweeps.shadows[0].expect("the parameter is active");
        let mut machine = Machine::new(&sweeps.func);
        machine.set(sweeps.func.params[0], floats(x));
        machine.set(shadow, floats(&vec![0.5; x.len()]));
        machine.set(sweeps.seed, Datum::Float(1.0));
        machine.run(&sweeps.func.body);
        machine.run(&sweeps.reverse);
        if sweeps.fused.is_some() {
            assert_eq!(float(&machine.result()), primal(x), "the value");
        }
        close(&machine, shadow, &expected, 0.5);
    }
    let tangent = forward::forward(&facts);
    let shadow = tangent.shadows[0].expect("the parameter is active");
    for (at, expected) in expected.iter().enumerate() {
        let mut direction = vec![0.0; x.len()];
        direction[at] = 1.0;
        let mut machine = Machine::new(&tangent.func);
        machine.set(tangent.func.params[0], floats(x));
        machine.set(shadow, floats(&direction));
        run(&mut machine, &tangent.func.body);
        let found = match &tangent.ret {
            Some(crate::ir::Atom::Var(id)) => float(&machine.get(*id)),
            _ => 0.0,
        };
        assert!(
            (found - expected).abs() < 1e-7,
            "forward: {found} {expected}"
        );
    }
}

fn run(machine: &mut Machine, block: &Block) {
    machine.run(block);
}

fn floats(x: &[f64]) -> Datum {
    Datum::Seq(x.iter().map(|x| Datum::Float(*x)).collect())
}

fn float(value: &Datum) -> f64 {
    match value {
        Datum::Float(value) => *value,
        other => panic!("{other:?} is no float"),
    }
}

fn close(machine: &Machine, shadow: VarId, expected: &[f64], start: f64) {
    let Datum::Seq(found) = machine.get(shadow) else {
        panic!("a shadow is a sequence");
    };
    for (found, expected) in found.iter().zip(expected) {
        let found = float(found) - start;
        assert!(
            (found - expected).abs() < 1e-7,
            "reverse: {found} {expected}"
        );
    }
}

#[test]
fn a_sum() {
    check(
        "fn f(x: &[f64]) -> f64 { let mut s = 0.0; for i in 0..x.len() { s += x[i].sin() * x[i]; } s }",
        &[0.3, -1.0, 2.0],
    );
}

#[test]
fn a_product_carried_through_a_loop() {
    check(
        "fn f(x: &[f64]) -> f64 { let mut p = 1.5; for i in 0..x.len() { p = p * x[i] + p.sin(); } p }",
        &[0.3, -1.0, 2.0],
    );
}

#[test]
fn an_array_overwritten_in_place() {
    check(
        "fn f(x: &[f64]) -> f64 {
            let mut y = vec![0.0; x.len()];
            for i in 0..x.len() { y[i] = x[i] * x[i]; }
            for i in 1..x.len() { y[i] = y[i] * y[i - 1].tanh(); }
            let mut s = 0.0;
            for i in 0..y.len() { s += y[i]; }
            s
        }",
        &[0.3, -1.0, 2.0, 0.7],
    );
}

#[test]
fn an_index_that_is_overwritten() {
    check(
        "fn f(x: &[f64]) -> f64 {
            let mut k = 0;
            let mut s = 1.0;
            while k < 3 { s *= x[k].exp(); k += 1; s += x[(k * 2) % 3]; }
            s
        }",
        &[0.3, -1.0, 0.2],
    );
}

#[test]
fn early_exits() {
    check(
        "fn f(x: &[f64]) -> f64 {
            let mut s = 0.0;
            for i in 0..x.len() {
                if x[i] < 0.0 { continue; }
                if s > 3.0 { return s * x[0]; }
                s += x[i] * x[i];
            }
            s
        }",
        &[1.3, -1.0, 2.0, 0.4],
    );
}

#[test]
fn nested_loops_with_a_local_array() {
    check(
        "fn f(x: &[f64]) -> f64 {
            let mut s = 0.0;
            for i in 0..x.len() {
                let mut row = [0.0; 3];
                for j in 0..3 { row[j] = x[i] * x[(i + j) % x.len()]; }
                let mut p = 1.0;
                for j in 0..3 { p *= row[j]; }
                s += p.tanh();
            }
            s
        }",
        &[0.9, -1.1, 0.8],
    );
}

#[test]
fn a_branch_on_an_active_value() {
    check(
        "fn f(x: &[f64]) -> f64 { let y = if x[0] > x[1] { x[0] * x[1] } else { x[1].exp() }; y * y }",
        &[0.3, 0.4],
    );
}
