//! A closure over integers has nothing to differentiate.
use ad_runtime::prelude::*;

#[autodiff]
fn pick(xs: &[f64]) -> f64 {
    let wrapped = |i: usize| (i + 1) % 2;
    xs[wrapped(0)] * xs[wrapped(1)]
}

fn main() {
    let mut dx = [0.0; 2];
    pick::reverse(&[2.0, 3.0], &mut dx, 1.0);
    assert_eq!(dx, [3.0, 2.0]);
}
