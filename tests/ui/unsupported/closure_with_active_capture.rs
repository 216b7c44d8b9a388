use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    let scale = |y: f64| x * y;
    scale(2.0)
}

fn main() {
    f::reverse(1.0, 1.0);
}
