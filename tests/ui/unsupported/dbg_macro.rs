use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    dbg!(x * x)
}

fn main() {
    f::reverse(1.0, 1.0);
}
