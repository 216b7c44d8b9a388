use ad_runtime::prelude::*;

#[autodiff]
fn f(xs: &[f64]) -> f64 {
    let mut sum = 0.0;
    let mut i = 0;
    while let Some(x) = xs.get(i) {
        sum += x;
        i += 1;
    }
    sum
}

fn main() {
    f::reverse(&[1.0], &mut [0.0], 1.0);
}
