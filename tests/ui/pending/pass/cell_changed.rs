//! A `Cell` may change between two reads. The derivative is 2 today.
use ad_runtime::prelude::*;

use std::cell::Cell;

#[autodiff(Reverse, Active, Active, Const)]
fn f(x: f64, k: &Cell<f64>) -> f64 {
    let first = x * k.get();
    k.set(5.0);
    first + x * k.get()
}

fn main() {
    let k = Cell::new(1.0);
    let (dx, ()) = ad_runtime::autodiff!(Reverse, f, Active, Active(1.0), Const(&k));
    assert_eq!(dx, 6.0);
}
