use ad_runtime::prelude::*;

struct Spring(f64);

impl Spring {
    #[autodiff]
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.0 * x * x
    }
}

fn main() {
    Spring(1.0).energy(2.0);
}
