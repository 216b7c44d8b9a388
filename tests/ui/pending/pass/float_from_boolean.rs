//! `f64::from(true)`: the generated code does not compile.
use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64, on: bool) -> f64 {
    x * f64::from(on)
}

fn main() {
    assert_eq!(f::reverse(2.0, true, 1.0), 1.0);
}
