use ad_runtime::prelude::*;

#[autodiff]
fn f(xs: &[f64]) -> f64 {
    xs.iter().map(|x| x * x).sum()
}

fn main() {
    f::reverse(&[1.0], &mut [0.0], 1.0);
}
