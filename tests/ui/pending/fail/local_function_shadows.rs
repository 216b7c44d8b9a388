use ad_runtime::prelude::*;

// Accepted today: the value is that of the inner `square`, the derivative that of the outer one.
#[autodiff]
fn square(x: f64) -> f64 {
    x
}

#[autodiff]
fn f(x: f64) -> f64 {
    fn square(x: f64) -> f64 {
        x * x
    }
    square(x)
}

fn main() {}
