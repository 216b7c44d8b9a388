use ad_runtime::prelude::*;

#[autodiff]
mod numerics {
    pub fn square(x: f64) -> f64 {
        x * x
    }
}

fn main() {
    numerics::square(1.0);
}
