use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Active, Const)]
fn scale(x: f64, by: f64) -> f64 {
    x * by
}

#[autodiff(Reverse)]
fn cube(x: f64) -> f64 {
    scale(x, x * x)
}

fn main() {}
