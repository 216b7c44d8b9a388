//! The expansion is free of warnings.
#![deny(warnings, missing_docs, unused, nonstandard_style, rust_2018_idioms)]
#![deny(clippy::all, clippy::pedantic)]
#![allow(clippy::float_cmp, clippy::cast_precision_loss)]
use ad_runtime::prelude::*;

/// Leaves early.
#[autodiff]
pub fn early(x: f64, n: usize) -> f64 {
    if n == 0 {
        return x;
    }
    for i in 0..n {
        if x > i as f64 {
            continue;
        }
        return x * x * i as f64;
    }
    1.0
}

/// Shadows its names.
#[autodiff]
pub fn shadowing(x: f64) -> f64 {
    let y = x * x;
    let y = y + x;
    let x = y * 2.0;
    x * y
}

/// Does not use all it computes.
#[autodiff]
pub fn unused_result(x: f64, unused: f64) -> f64 {
    let _ = early(x, 2);
    let _ignored = x * unused;
    x
}

/// Does not depend on its parameter.
#[autodiff]
pub fn constant(_x: f64) -> f64 {
    1.0
}

/// Writes memory.
#[autodiff]
pub fn memory(xs: &[f64], out: &mut [f64]) {
    for (o, x) in out.iter_mut().zip(xs) {
        *o += x.sin();
    }
}

/// Nothing active.
#[autodiff(Reverse, Const, Const)]
pub fn inactive(x: f64) -> f64 {
    x * 2.0
}

/// Calls itself.
#[autodiff]
pub fn recursive(x: f64, n: usize) -> f64 {
    if n == 0 { 1.0 } else { x * recursive(x, n - 1) }
}

fn main() {
    assert_eq!(shadowing::reverse(1.0, 1.0), 24.0);
    assert_eq!(early::reverse(0.5, 0, 1.0), 1.0);
    assert_eq!(constant::reverse(0.5, 1.0), 0.0);
    assert_eq!(recursive::reverse(2.0, 3, 1.0), 12.0);
}
