//! `f64::from_bits` of an integer: the generated code does not compile.
use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64, bits: u64) -> f64 {
    f64::from_bits(bits) * x
}

fn main() {
    assert_eq!(f::reverse(2.0, 3.0f64.to_bits(), 1.0), 3.0);
}
