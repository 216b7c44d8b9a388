use ad_runtime::prelude::*;

// The error is rustc's, on generated code.
#[autodiff]
fn f(x: f64) -> f64 {
    let y = x * x;
    let mut r = &x;
    let first = *r;
    r = &y;
    first + *r
}

fn main() {}
