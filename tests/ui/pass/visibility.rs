//! Functions in modules, imported by `use`.
use ad_runtime::prelude::*;
use numerics::deep::{cube as third_power, scale};
use numerics::square;

mod numerics {
    use ad_runtime::prelude::*;

    #[autodiff]
    pub(crate) fn square(x: f64) -> f64 {
        deep::scale(x, x)
    }

    pub mod deep {
        use ad_runtime::prelude::*;

        #[autodiff]
        pub fn scale(x: f64, by: f64) -> f64 {
            x * by
        }

        #[autodiff]
        pub fn cube(x: f64) -> f64 {
            super::square(x) * crate::numerics::deep::scale(x, half())
        }

        fn half() -> f64 {
            0.5
        }
    }
}

#[autodiff]
fn f(x: f64) -> f64 {
    square(x) + third_power(x) + numerics::square(x) + scale(x, 2.0)
}

fn main() {
    assert_eq!(f::reverse(2.0, 1.0), 4.0 + 6.0 + 4.0 + 2.0);
    assert_eq!(f::forward(2.0, 1.0), 16.0);
}
