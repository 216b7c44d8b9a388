use ad_runtime::prelude::*;

// Accepted today: a method of an integer or boolean is taken to have no float inside.
#[autodiff]
fn f(x: f64, flag: bool) -> f64 {
    let y = flag.then_some(x);
    y.unwrap_or(1.0) * 2.0
}

fn main() {}
