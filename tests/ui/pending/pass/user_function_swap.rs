//! A user's `swap` is no `mem::swap`. The derivative is 0 today.
use ad_runtime::prelude::*;

#[autodiff]
fn swap(a: f64, b: f64) -> f64 {
    a * b
}

#[autodiff]
fn f(x: f64) -> f64 {
    swap(x, x)
}

fn main() {
    assert_eq!(f::reverse(2.0, 1.0), 4.0);
}
