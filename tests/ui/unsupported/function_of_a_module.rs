use ad_runtime::prelude::*;

mod numerics {
    pub fn helper(x: f64) -> f64 {
        x * x
    }
}

#[autodiff]
fn f(x: f64) -> f64 {
    numerics::helper(x) + 1.0
}

fn main() {
    f::reverse(1.0, 1.0);
}
