use ad_runtime::prelude::*;

// The error is rustc's, on generated code.
macro_rules! bump {
    ($x:ident) => {
        $x += 1.0
    };
}

#[autodiff]
fn f(x: f64) -> f64 {
    let mut k = 1.0;
    let first = x * k;
    bump!(k);
    first + x * k
}

fn main() {}
