use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    let square = |y: f64| y * y;
    square(x)
}

fn main() {
    f::reverse(1.0, 1.0);
}
