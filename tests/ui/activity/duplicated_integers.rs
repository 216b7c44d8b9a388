use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Duplicated, Duplicated)]
fn pick(x: &[f64], at: &[usize]) -> f64 {
    x[at[0]]
}

fn main() {}
