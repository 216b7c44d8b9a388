use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Active(x))]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {}
