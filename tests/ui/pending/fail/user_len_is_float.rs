use ad_runtime::prelude::*;

// Accepted today: the derivative is 0. The operators and methods of a user's type have no known rules.
#[derive(Clone, Copy)]
struct Shift;

impl Shift {
    fn len(self) -> f64 {
        2.0
    }
}

#[autodiff(Reverse, Active, Active, Const)]
fn f(x: f64, s: Shift) -> f64 {
    s.len() * x
}

fn main() {}
