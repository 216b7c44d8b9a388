use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Active)]
fn product(x: f64, y: f64, z: f64) -> f64 {
    x * y * z
}

fn main() {
    product::reverse(1.0, 2.0, 3.0, 1.0);
}
