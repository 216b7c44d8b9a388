use ad_runtime::prelude::*;

#[autodiff]
fn sum((x, y): (f64, f64)) -> f64 {
    x + y
}

fn main() {}
