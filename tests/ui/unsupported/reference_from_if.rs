use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64, y: f64) -> f64 {
    let larger = if x > y { &x } else { &y };
    larger * 2.0
}

fn main() {
    f::reverse(1.0, 1.0, 1.0);
}
