use ad_runtime::prelude::*;

// Accepted today; `..x` is taken for a field access, and the derivative is lost.
#[autodiff]
fn f(x: f64) -> f64 {
    let range = 0.0..x;
    range.end - range.start
}

fn main() {}
