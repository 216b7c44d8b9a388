use ad_runtime::autodiff;
use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Active, Const)]
fn scale(x: f64, by: f64) -> f64 {
    x * by
}

fn main() {
    autodiff!(Reverse, scale, Active, Active(1.0), Active(2.0));
}
