use ad_runtime::prelude::*;

// Accepted today; `read_back` in ../activity is refused.
#[autodiff]
fn double(x: &mut f64) -> f64 {
    *x *= 2.0;
    *x
}

#[autodiff(Reverse, Active, Active, DuplicatedNoNeed)]
fn f(x: f64, out: &mut f64) -> f64 {
    *out = x;
    double(out)
}

fn main() {}
