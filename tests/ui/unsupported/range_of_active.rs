use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    let range = 0.0..x;
    range.end - range.start
}

fn main() {
    f::reverse(1.0, 1.0);
}
