use ad_runtime::prelude::*;

// The error is rustc's, on generated code.
#[autodiff]
fn f(x: f64, n: usize) -> f64 {
    let found = Some(n);
    if n > 1
        && let Some(m) = found
    {
        return x * m as f64;
    }
    x
}

fn main() {}
