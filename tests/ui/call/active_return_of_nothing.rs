use ad_runtime::autodiff;
use ad_runtime::prelude::*;

#[autodiff]
fn double(x: &mut [f64]) {
    x[0] *= 2.0;
}

fn main() {
    let (mut x, mut dx) = ([1.0], [1.0]);
    autodiff!(Reverse, double, Active, Duplicated(&mut x, &mut dx));
}
