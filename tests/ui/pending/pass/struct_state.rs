//! A value of a user's type that carries no derivative may change.
use ad_runtime::prelude::*;

struct Counter(u32);

impl Counter {
    fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}

#[autodiff]
fn weighted(x: f64) -> f64 {
    let mut counter = Counter(0);
    let mut sum = 0.0;
    for _ in 0..3 {
        let weight = counter.next();
        sum += x * x * f64::from(weight);
    }
    sum
}

fn main() {
    assert_eq!(weighted::reverse(1.0, 1.0), 12.0);
    assert_eq!(weighted::forward(1.0, 1.0), 12.0);
}
