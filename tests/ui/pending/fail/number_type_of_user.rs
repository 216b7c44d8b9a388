use ad_runtime::prelude::*;

// Accepted today: `2` makes the kind of the product an integer.
use ad_runtime::differentiable::{Accumulate, Differentiable, Hollow, Mismatch};

#[derive(Clone, Copy)]
struct Weight(f64);

impl Differentiable for Weight {
    type Owned = Weight;
    fn zero_like(&self) -> Weight {
        Weight(0.0)
    }
    fn own(&self) -> Weight {
        *self
    }
    fn clear(&mut self) {
        self.0 = 0.0;
    }
    fn compare(&self, _: &Weight) -> Result<(), Mismatch> {
        Ok(())
    }
}

impl Accumulate<Weight> for Weight {
    fn accumulate(&mut self, other: &Weight) {
        self.0 += other.0;
    }
}

impl Hollow for Weight {
    fn hollow() -> Weight {
        Weight(0.0)
    }
}

impl std::ops::Mul<Weight> for i32 {
    type Output = f64;
    fn mul(self, weight: Weight) -> f64 {
        weight.0 * f64::from(self)
    }
}

#[autodiff(Reverse, Active, Duplicated)]
fn f(w: &Weight) -> f64 {
    2 * *w
}

fn main() {}
