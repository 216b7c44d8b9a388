//! A method may change a `Const` argument between two reads. The derivative is 2 today.
use ad_runtime::prelude::*;

#[autodiff(Reverse, Active, Active, Const)]
fn f(x: f64, k: &mut Vec<f64>) -> f64 {
    let first = x * k[0];
    k.reverse();
    first + x * k[0]
}

fn main() {
    let mut k = vec![1.0, 2.0];
    let (dx, ()) = ad_runtime::autodiff!(Reverse, f, Active, Active(1.0), Const(&mut k));
    assert_eq!(dx, 3.0);
}
