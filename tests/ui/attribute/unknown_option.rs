use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Active, names = d_square)]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {}
