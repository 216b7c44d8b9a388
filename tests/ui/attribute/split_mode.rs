use ad_runtime::prelude::*;

#[autodiff(ReverseSplitWithPrimal, Active, Active)]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {}
