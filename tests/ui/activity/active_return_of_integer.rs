use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Active)]
fn floor(x: f64) -> usize {
    x as usize
}

fn main() {}
