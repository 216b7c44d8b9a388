use ad_runtime::prelude::*;

#[autodiff]
fn f(xs: &[f64]) -> f64 {
    let sum = xs.iter().fold(0.0, |sum, x| sum + x);
    sum * 2.0
}

fn main() {
    f::reverse(&[1.0], &mut [0.0], 1.0);
}
