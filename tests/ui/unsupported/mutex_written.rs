use ad_runtime::prelude::*;

use std::sync::Mutex;

static LAST: Mutex<f64> = Mutex::new(0.0);

#[autodiff]
fn f(x: f64) -> f64 {
    *LAST.lock().unwrap() = x * x;
    x
}

fn main() {}
