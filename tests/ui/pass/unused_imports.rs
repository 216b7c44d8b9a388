//! A crate of its own names does not disturb generated code.
#![allow(dead_code, non_camel_case_types)]
use ad_runtime::prelude::*;

struct Vec;
struct Option;
struct Some;
trait Copy {}
enum Result {}
struct X;

#[autodiff]
fn scale(x: f64, y: f64) -> f64 {
    let _ = X;
    let mut sum = 0.0;
    for _ in 0..3 {
        if sum > x {
            break;
        }
        sum += x * y;
    }
    sum
}

fn main() {
    assert_eq!(scale::reverse(1.0, 0.25, 1.0), (0.75, 3.0));
}
