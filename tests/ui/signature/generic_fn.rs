use ad_runtime::prelude::*;

#[autodiff]
fn square<T: Copy + std::ops::Mul<Output = T>>(x: T) -> T {
    x * x
}

fn main() {
    square(1.0);
}
