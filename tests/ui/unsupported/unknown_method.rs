use ad_runtime::prelude::*;

trait Smooth {
    fn smooth(self) -> f64;
}

impl Smooth for f64 {
    fn smooth(self) -> f64 {
        self * self
    }
}

#[autodiff]
fn f(x: f64) -> f64 {
    x.smooth() + 1.0
}

fn main() {
    f::reverse(1.0, 1.0);
}
