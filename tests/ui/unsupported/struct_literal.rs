use ad_runtime::prelude::*;

struct Point {
    x: f64,
}

#[autodiff]
fn f(x: f64) -> f64 {
    let p = Point { x };
    p.x * p.x
}

fn main() {
    f::reverse(1.0, 1.0);
}
