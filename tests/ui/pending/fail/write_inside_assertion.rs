use ad_runtime::prelude::*;

// The error is rustc's, on generated code.
#[autodiff]
fn f(x: f64) -> f64 {
    let mut y = x;
    assert!({
        y = x * x;
        y > 0.0
    });
    y
}

fn main() {}
