use ad_runtime::prelude::*;

type Index = usize;

#[autodiff(Reverse, Active, Duplicated, Active)]
fn pick(x: &[f64], at: Index) -> f64 {
    x[at]
}

fn main() {
    pick::reverse(&[1.0], &mut [0.0], 0, 1.0);
}
