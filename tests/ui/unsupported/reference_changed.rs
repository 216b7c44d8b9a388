use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    let y = x * x;
    let mut r = &x;
    let first = *r;
    r = &y;
    first + *r
}

fn main() {
    f::reverse(1.0, 1.0);
}
