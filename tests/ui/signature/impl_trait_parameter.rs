use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Const, Active)]
fn apply(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    f(x)
}

fn main() {}
