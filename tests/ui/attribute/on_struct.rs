use ad_runtime::prelude::*;

#[autodiff]
struct Point {
    x: f64,
}

fn main() {
    let _ = Point { x: 1.0 }.x;
}
