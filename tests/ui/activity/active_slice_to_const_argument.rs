use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Active, Const)]
fn scale(x: f64, by: &[f64]) -> f64 {
    x * by[0]
}

#[autodiff(Reverse)]
fn square(x: &[f64]) -> f64 {
    scale(x[0], x)
}

fn main() {}
