//! `<f64>::powi` is `f64::powi`.
use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    <f64>::powi(x, 2)
}

fn main() {
    assert_eq!(f::reverse(2.0, 1.0), 4.0);
}
