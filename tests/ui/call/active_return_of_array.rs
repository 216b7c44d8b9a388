use ad_runtime::autodiff;
use ad_runtime::prelude::*;

#[autodiff]
fn pair(x: f64) -> [f64; 2] {
    [x, x * x]
}

fn main() {
    autodiff!(Reverse, pair, Active, Active(1.0));
}
