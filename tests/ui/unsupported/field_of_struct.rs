use ad_runtime::prelude::*;

struct Model {
    rate: f64,
}

#[autodiff]
fn f(x: f64, model: &mut Model) -> f64 {
    model.rate = x;
    model.rate
}

fn main() {
    f::reverse(1.0, 1.0);
}
