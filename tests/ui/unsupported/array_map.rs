use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    let a = [x, x * x].map(|y| y * 2.0);
    a[1]
}

fn main() {
    f::reverse(1.0, 1.0);
}
