//! `==` on a `&str`: the generated code does not compile.
use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64, name: &str) -> f64 {
    if name == "square" { x * x } else { x }
}

fn main() {
    assert_eq!(f::reverse(2.0, "square", 1.0), 4.0);
}
