use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64) -> f64 {
    let text = format!("{x:.3}");
    x * text.len() as f64
}

fn main() {
    f::reverse(1.0, 1.0);
}
