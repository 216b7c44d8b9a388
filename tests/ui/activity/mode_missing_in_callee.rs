use ad_runtime::prelude::*;

#[autodiff(Forward)]
fn square(x: f64) -> f64 {
    x * x
}

#[autodiff(Reverse)]
fn twice(x: f64) -> f64 {
    2.0 * square(x)
}

fn main() {}
