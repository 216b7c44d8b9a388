//! Names that generated code uses itself are free for users.
use ad_runtime::prelude::*;

mod rt {}

#[autodiff]
fn names(rt: f64, seed: f64, result: &[f64], d_result: f64, d_rt: f64, t: f64, t1: f64) -> f64 {
    let primal = rt * seed;
    let pullback = primal * result[0];
    let tape = pullback * d_result;
    let r#type = tape * d_rt;
    r#type * t * t1
}

fn main() {
    let mut d = [0.0];
    let _ = rt_unused();
    let grads = names::reverse(1.0, 2.0, &[3.0], &mut d, 1.0, 1.0, 1.0, 1.0, 1.0);
    assert_eq!(grads, (6.0, 3.0, 6.0, 6.0, 6.0, 6.0));
    assert_eq!(d, [2.0]);
}

fn rt_unused() {}
