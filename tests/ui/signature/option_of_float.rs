use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Active)]
fn value(x: Option<f64>) -> f64 {
    x.unwrap_or(0.0)
}

fn main() {}
