use ad_runtime::prelude::*;

use std::cell::Cell;

#[autodiff]
fn f(x: f64) -> f64 {
    let last = Cell::new(0.0);
    last.set(x * x);
    last.get()
}

fn main() {
    f::reverse(1.0, 1.0);
}
