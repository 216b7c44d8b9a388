use ad_runtime::prelude::*;

// Accepted today: the macro reads `x`, its call does not show it.
#[autodiff]
fn f(x: f64) -> f64 {
    macro_rules! square {
        () => {
            x * x
        };
    }
    square!() + x
}

fn main() {}
