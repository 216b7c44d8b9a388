use ad_runtime::prelude::*;

macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

#[autodiff]
fn f(x: f64) -> f64 {
    square!(x) + 1.0
}

fn main() {
    f::reverse(1.0, 1.0);
}
