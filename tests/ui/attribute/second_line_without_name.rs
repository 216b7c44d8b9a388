use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Active, Const)]
#[autodiff(Reverse, Active, Const, Active)]
fn product(x: f64, y: f64) -> f64 {
    x * y
}

fn main() {}
