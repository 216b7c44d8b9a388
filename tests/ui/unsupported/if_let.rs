use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64, n: usize) -> f64 {
    let found = Some(n);
    if let Some(m) = found {
        return x * m as f64;
    }
    x
}

fn main() {
    f::reverse(1.0, 2, 1.0);
}
