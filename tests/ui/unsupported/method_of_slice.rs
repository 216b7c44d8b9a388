use ad_runtime::prelude::*;

#[autodiff]
fn f(xs: &[f64]) -> f64 {
    xs.first().copied().unwrap_or(0.0)
}

fn main() {
    f::reverse(&[1.0], &mut [0.0], 1.0);
}
