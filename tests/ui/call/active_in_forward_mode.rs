use ad_runtime::autodiff;
use ad_runtime::prelude::*;

#[autodiff]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {
    autodiff!(Forward, square, Duplicated, Active(1.0));
}
