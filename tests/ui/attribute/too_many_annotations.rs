use ad_runtime::prelude::*;

#[autodiff(Forward, Duplicated, Duplicated, Const, Const)]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {}
