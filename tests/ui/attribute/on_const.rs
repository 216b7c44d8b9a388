use ad_runtime::prelude::*;

#[autodiff]
const HALF: f64 = 0.5;

fn main() {
    let _ = HALF;
}
