use ad_runtime::autodiff;
use ad_runtime::prelude::*;

#[autodiff]
fn square(x: f64, out: &mut f64) {
    *out = x * x;
}

fn main() {
    let mut out = 0.0;
    autodiff!(Reverse, square, Const, Active(1.0), Const(&mut out));
}
