use ad_runtime::prelude::*;

struct Point;

#[autodiff]
impl Point {
    fn x(&self) -> f64 {
        1.0
    }
}

fn main() {
    Point.x();
}
