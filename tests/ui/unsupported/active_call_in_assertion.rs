use ad_runtime::prelude::*;

fn helper(x: f64) -> f64 {
    x * x
}

#[autodiff]
fn f(x: f64) -> f64 {
    let mut y = x;
    assert!({
        y = helper(x);
        y > 0.0
    });
    y
}

fn main() {}
