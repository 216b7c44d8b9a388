//! An annotated function inside an annotated function.
use ad_runtime::prelude::*;

#[autodiff]
fn outer(x: f64) -> f64 {
    #[autodiff]
    fn inner(x: f64) -> f64 {
        x * x
    }
    inner(x) * x
}

fn main() {
    assert_eq!(outer::reverse(2.0, 1.0), 12.0);
    assert_eq!(outer::forward(2.0, 1.0), 12.0);
}
