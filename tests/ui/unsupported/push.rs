use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    let mut powers = vec![x];
    powers.push(x * x);
    powers[1]
}

fn main() {
    f::reverse(1.0, 1.0);
}
