use ad_runtime::prelude::*;

// Accepted today, and the derivative is lost.
trait Basis {
    fn eval(self, x: f64) -> f64;
}

impl Basis for usize {
    fn eval(self, x: f64) -> f64 {
        x.powi(self as i32)
    }
}

#[autodiff]
fn f(x: f64, n: usize) -> f64 {
    n.eval(x)
}

fn main() {}
