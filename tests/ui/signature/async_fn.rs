use ad_runtime::prelude::*;

#[autodiff]
async fn square(x: f64) -> f64 {
    x * x
}

fn main() {
    square::reverse(1.0, 1.0);
}
