use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    let y = x;
    #[cfg(any())]
    let y = x * x * x;
    y
}

fn main() {}
