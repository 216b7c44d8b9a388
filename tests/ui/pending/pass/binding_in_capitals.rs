//! A name in capitals may bind.
use ad_runtime::prelude::*;

#[allow(non_snake_case)]
#[autodiff]
fn f(x: f64) -> f64 {
    match x {
        Y if Y > 0.0 => Y * Y,
        Z => Z,
    }
}

fn main() {
    assert_eq!(f::reverse(2.0, 1.0), 4.0);
}
