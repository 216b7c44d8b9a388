use ad_runtime::prelude::*;

struct Point {
    x: f64,
}

#[autodiff(Reverse, Active, Duplicated)]
fn norm(p: &Point) -> f64 {
    p.x * p.x
}

fn main() {}
