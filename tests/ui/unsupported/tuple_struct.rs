use ad_runtime::prelude::*;

struct Meters(f64);

#[autodiff]
fn f(x: f64) -> f64 {
    let m = Meters(x);
    m.0 * m.0
}

fn main() {
    f::reverse(1.0, 1.0);
}
