use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    let mut powers = Vec::with_capacity(2);
    powers.push(x);
    powers[0]
}

fn main() {
    f::reverse(1.0, 1.0);
}
