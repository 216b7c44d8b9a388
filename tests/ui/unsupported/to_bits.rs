use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    f64::from_bits(x.to_bits())
}

fn main() {
    f::reverse(1.0, 1.0);
}
