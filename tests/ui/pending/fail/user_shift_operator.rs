use ad_runtime::prelude::*;

// Accepted today: the derivative is 0. The operators and methods of a user's type have no known rules.
#[derive(Clone, Copy)]
struct Shift;

impl std::ops::Shl<f64> for Shift {
    type Output = f64;
    fn shl(self, x: f64) -> f64 {
        x * x
    }
}

#[autodiff(Reverse, Active, Active, Const)]
fn f(x: f64, s: Shift) -> f64 {
    (s << x) * 2.0
}

fn main() {}
