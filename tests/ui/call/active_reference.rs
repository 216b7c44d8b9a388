use ad_runtime::autodiff;
use ad_runtime::prelude::*;

#[autodiff]
fn norm(x: &[f64]) -> f64 {
    x[0] * x[0]
}

fn main() {
    let x = [1.0];
    autodiff!(Reverse, norm, Active, Active(&x));
}
