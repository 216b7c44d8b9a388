use ad_runtime::autodiff;
use ad_runtime::prelude::*;

#[autodiff]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {
    let mut dx = 0.0;
    autodiff!(Reverse, square, Active, Duplicated(1.0, &mut dx));
}
