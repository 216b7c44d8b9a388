use ad_runtime::autodiff;
use ad_runtime::prelude::*;

#[autodiff]
fn power(x: f64, n: i32) -> f64 {
    x.powi(n)
}

fn main() {
    autodiff!(Reverse, power, Active, Active(1.0), Active(2));
}
