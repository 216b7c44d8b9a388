use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Duplicate, Active)]
fn scale(x: &[f64], by: f64) -> f64 {
    x[0] * by
}

fn main() {}
