//! An associated constant of an integer type may be a float. The derivative is 0 today.
use ad_runtime::prelude::*;

trait Unit {
    const SCALE: f64;
}

impl Unit for i32 {
    const SCALE: f64 = 3.0;
}

#[autodiff]
fn f(x: f64) -> f64 {
    i32::SCALE * x
}

fn main() {
    assert_eq!(f::reverse(2.0, 1.0), 3.0);
}
