//! A user's `detach` is no `stop_gradient`. The derivative is 0 today.
use ad_runtime::prelude::*;

mod parts {
    use ad_runtime::prelude::autodiff;

    #[autodiff]
    pub fn detach(a: f64) -> f64 {
        a * a
    }
}

#[autodiff]
fn f(x: f64) -> f64 {
    parts::detach(x)
}

fn main() {
    assert_eq!(f::reverse(2.0, 1.0), 4.0);
}
