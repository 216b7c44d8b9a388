use ad_runtime::prelude::*;

fn square(x: f64) -> f64 {
    x * x
}

#[autodiff]
fn f(x: f64) -> f64 {
    let g: fn(f64) -> f64 = square;
    g(x)
}

fn main() {
    f::reverse(1.0, 1.0);
}
