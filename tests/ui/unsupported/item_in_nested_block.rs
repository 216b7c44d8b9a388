use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    if x > 0.0 {
        const HALF: f64 = 0.5;
        return HALF * x;
    }
    x
}

fn main() {
    f::reverse(1.0, 1.0);
}
