use ad_runtime::prelude::*;

#[autodiff]
fn square(x: f64, out: &mut f64) {
    *out = x * x;
}

#[autodiff(Reverse, Active, Const)]
fn outer(x: f64, out: &mut f64) {
    square(x.sin(), out);
}

fn main() {}
