use ad_runtime::prelude::*;

#[autodiff]
fn f(xs: &[f64]) -> f64 {
    unsafe { *xs.get_unchecked(0) }
}

fn main() {
    f::reverse(&[1.0], &mut [0.0], 1.0);
}
