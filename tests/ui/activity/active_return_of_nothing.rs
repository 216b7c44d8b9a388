use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Duplicated)]
fn double(x: &mut [f64]) {
    x[0] *= 2.0;
}

fn main() {}
