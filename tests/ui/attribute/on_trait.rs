use ad_runtime::prelude::*;

#[autodiff]
trait Energy {
    fn energy(&self, x: f64) -> f64;
}

fn main() {}
