use ad_runtime::prelude::*;

// Accepted today: what stands in `[..]` is taken for an integer, and `k` loses its derivative.
struct Table;

impl std::ops::Index<f64> for Table {
    type Output = f64;
    fn index(&self, _: f64) -> &f64 {
        &2.0
    }
}

#[autodiff]
fn square(x: f64) -> f64 {
    x * x
}

#[autodiff(Reverse, Active, Active, Const)]
fn f(x: f64, table: &Table) -> f64 {
    let k = square(x);
    let entry = table[k];
    k * entry
}

fn main() {}
