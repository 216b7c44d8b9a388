//! A method of an integer may return a float. The derivative is 0 today.
use ad_runtime::prelude::*;

trait Weight {
    fn weight(self) -> f64;
}

impl Weight for usize {
    fn weight(self) -> f64 {
        self as f64
    }
}

#[autodiff]
fn f(x: f64, n: usize) -> f64 {
    n.weight() * x
}

fn main() {
    assert_eq!(f::reverse(2.0, 3, 1.0), 3.0);
}
