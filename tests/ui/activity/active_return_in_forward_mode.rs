use ad_runtime::prelude::*;

#[autodiff(Forward, Active, Duplicated)]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {}
