use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Active, Active)]
fn power(x: f64, n: usize) -> f64 {
    x.powi(n as i32)
}

fn main() {}
