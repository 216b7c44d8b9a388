//! `into` of an integer may be a float. The derivative is 0 today.
use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64, n: u32) -> f64 {
    let weight: f64 = n.into();
    weight * x
}

fn main() {
    assert_eq!(f::reverse(2.0, 3, 1.0), 3.0);
}
