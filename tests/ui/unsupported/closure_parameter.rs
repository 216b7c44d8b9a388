use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64, g: &dyn Fn(f64) -> f64) -> f64 {
    g(x)
}

fn main() {
    f::reverse(1.0, 1.0);
}
