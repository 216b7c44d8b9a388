use ad_runtime::prelude::*;

#[autodiff(reverse)]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {}
