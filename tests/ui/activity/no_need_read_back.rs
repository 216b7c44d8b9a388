use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, DuplicatedNoNeed)]
fn square(x: f64, out: &mut [f64]) {
    out[0] = x * x;
    out[1] = out[0] * x;
}

fn main() {}
