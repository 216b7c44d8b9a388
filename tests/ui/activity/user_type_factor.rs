use ad_runtime::prelude::*;

#[derive(Clone, Copy)]
struct Square;

impl std::ops::Mul<f64> for Square {
    type Output = f64;
    fn mul(self, x: f64) -> f64 {
        x * x
    }
}

#[autodiff]
fn square(x: f64) -> f64 {
    Square * x
}

fn main() {}
