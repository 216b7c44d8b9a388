use ad_runtime::prelude::*;

#[autodiff]
fn first(x: f64, _: f64) -> f64 {
    x
}

fn main() {}
