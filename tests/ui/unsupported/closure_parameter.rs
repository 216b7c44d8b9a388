use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Active, Const)]
fn f(x: f64, g: &dyn Fn(f64) -> f64) -> f64 {
    g(x)
}

fn main() {}
