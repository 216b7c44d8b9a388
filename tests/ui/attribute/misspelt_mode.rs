use ad_runtime::prelude::*;

#[autodiff(Revers, Active, Active)]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {
    square::reverse(1.0, 1.0);
}
