use ad_runtime::prelude::*;

#[autodiff]
fn f(xs: &[f64]) -> f64 {
    let Some(first) = xs.first() else {
        return 0.0;
    };
    first * first
}

fn main() {
    f::reverse(&[1.0], &mut [0.0], 1.0);
}
