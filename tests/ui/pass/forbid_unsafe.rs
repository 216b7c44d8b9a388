//! Generated code has no `unsafe`.
#![forbid(unsafe_code)]
use ad_runtime::prelude::*;

#[autodiff]
fn rows(xs: &[Vec<f64>], out: &mut [f64]) {
    for i in 0..xs.len() {
        let row = &xs[i];
        let mut sum = 0.0;
        for v in row.iter() {
            sum += v * v;
        }
        out[i] = sum;
    }
}

#[autodiff]
fn split(xs: &mut [f64]) {
    let (left, right) = xs.split_at_mut(1);
    left[0] *= right[0];
}

fn main() {
    let xs = [vec![1.0, 2.0], vec![3.0]];
    let mut dxs = [vec![0.0; 2], vec![0.0]];
    let (mut out, mut d_out) = ([0.0; 2], [1.0, 10.0]);
    rows::reverse(&xs, &mut dxs, &mut out, &mut d_out);
    assert_eq!(dxs, [vec![2.0, 4.0], vec![60.0]]);
    let (mut ys, mut dys) = ([2.0, 3.0], [1.0, 0.0]);
    split::reverse(&mut ys, &mut dys);
    assert_eq!(dys, [3.0, 2.0]);
}
