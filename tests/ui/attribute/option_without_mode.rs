use ad_runtime::prelude::*;

#[autodiff(name = d_square)]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {}
