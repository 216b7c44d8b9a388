//! What has no derivative runs as often as in the plain function.
#![allow(clippy::needless_range_loop, reason = "numerical loops index")]

use ad_runtime::prelude::*;
use std::cell::Cell;

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

/// A function without derivative whose value changes from call to call.
fn next_weight(step: usize) -> f64 {
    CALLS.with(|calls| {
        calls.set(calls.get() + 1);
        f64::from(calls.get()) + step as f64
    })
}

#[autodiff]
fn noisy(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        let weight = next_weight(i);
        sum += weight * x[i] * x[i];
    }
    sum
}

#[test]
fn an_impure_function_is_called_once_per_iteration() {
    let x = [1.0, 2.0, 3.0];
    let mut dx = [0.0; 3];
    CALLS.set(0);
    noisy::reverse(&x, &mut dx, 1.0);
    assert_eq!(CALLS.get(), 3);
    // Weights 1 + 0, 2 + 1, 3 + 2.
    assert_eq!(dx, [2.0, 12.0, 30.0]);
    CALLS.set(0);
    assert_eq!(noisy::forward(&x, &[0.0, 1.0, 0.0]), 12.0);
    assert_eq!(CALLS.get(), 3);
}
