use ad_runtime::prelude::*;

#[autodiff]
fn f(xs: &[f64]) -> f64 {
    let mut sum = 0.0;
    xs.iter().for_each(|x| sum += x);
    sum
}

fn main() {
    f::reverse(&[1.0], &mut [0.0], 1.0);
}
