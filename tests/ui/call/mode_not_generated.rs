use ad_runtime::autodiff;
use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Active)]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {
    autodiff!(Forward, square, Duplicated(1.0, 1.0));
}
