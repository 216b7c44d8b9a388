use ad_runtime::autodiff;
use ad_runtime::prelude::*;

#[autodiff]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {
    autodiff!(Reverse, square, Active, Activ(1.0));
}
