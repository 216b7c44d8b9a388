use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Const)]
fn square(x: f64, out: &mut f64) {
    *out = x * x;
}

fn main() {
    square(1.0, &mut 0.0);
}
