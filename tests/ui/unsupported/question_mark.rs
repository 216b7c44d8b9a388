use ad_runtime::prelude::*;

#[autodiff(Forward, Const, Duplicated)]
fn f(xs: &[f64]) -> Option<f64> {
    let first = xs.first()?;
    Some(first * first)
}

fn main() {}
