use ad_runtime::prelude::*;

#[autodiff("Reverse")]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {}
