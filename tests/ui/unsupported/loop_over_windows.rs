use ad_runtime::prelude::*;

#[autodiff]
fn f(xs: &[f64]) -> f64 {
    let mut sum = 0.0;
    for pair in xs.windows(2) {
        sum += pair[0] * pair[1];
    }
    sum
}

fn main() {
    f::reverse(&[1.0], &mut [0.0], 1.0);
}
