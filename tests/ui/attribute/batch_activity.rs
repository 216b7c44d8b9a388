use ad_runtime::prelude::*;

#[autodiff(Forward, BatchDuplicated, BatchDuplicated)]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {}
