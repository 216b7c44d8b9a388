use ad_runtime::prelude::*;

// Accepted today: `reverse` returns a derivative of type `usize`.
type Index = usize;

#[autodiff(Reverse, Active, Duplicated, Active)]
fn pick(x: &[f64], at: Index) -> f64 {
    x[at]
}

fn main() {}
