use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    let mut pair = [x, 1.0];
    pair.sort_by(f64::total_cmp);
    pair[0]
}

fn main() {
    f::reverse(1.0, 1.0);
}
