use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    let mut calls = 0;
    let y = std::iter::repeat_with(|| {
        calls += 1;
        2.0
    });
    x * y.take(1).sum::<f64>()
}

fn main() {
    f::reverse(1.0, 1.0);
}
