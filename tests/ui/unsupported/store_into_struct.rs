use ad_runtime::prelude::*;

struct Model {
    rate: f64,
}

#[autodiff(Reverse, Active, Active, Const)]
fn f(x: f64, model: &mut Model) -> f64 {
    model.rate = x * x;
    model.rate
}

fn main() {}
