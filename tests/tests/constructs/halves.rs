//! Parts of one array that lie apart, lent to one call.
use ad_runtime::prelude::*;
use ad_tests::check;

fn numbers(n: usize, start: f64) -> Vec<f64> {
    (0..n)
        .map(|i| ((i as f64 + start) * 0.7).sin() * 0.8)
        .collect()
}

/// Overwrites both of its outputs, and reads them.
#[autodiff]
fn exchange(a: &mut [f64], b: &mut [f64], x: &[f64]) {
    for i in 0..a.len() {
        let old = a[i];
        a[i] = b[i] * x[i] + old;
        b[i] = old * a[i];
    }
}

#[autodiff]
fn product(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.len() {
        sum += a[i] * a[i] * b[i];
    }
    sum
}

#[autodiff]
fn mix(a: &mut [f64], b: &[f64], c: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.len() {
        a[i] = a[i] * b[i] + c[i];
        sum += a[i] * c[i];
    }
    sum
}

/// The shadow of a parameter is split, or of a part of it; in a loop.
#[autodiff]
fn steps(y: &mut [f64], x: &[f64], n: usize) -> f64 {
    let b = x.len();
    for j in 0..n {
        let (a, c) = y[j..j + 2 * b].split_at_mut(b);
        exchange(a, c, x);
    }
    let (a, c) = y.split_at_mut(b);
    exchange(a, &mut c[..b], x);
    exchange(&mut c[1..b], &mut a[..b - 1], &x[1..]);
    y[0] * x[0]
}

/// A local array in three parts, and parts of them.
#[autodiff]
fn thirds(x: &[f64], n: usize) -> f64 {
    let mut t = x.to_vec();
    let (a, rest) = t.split_at_mut(n);
    let (b, c) = rest.split_at_mut(n);
    let mut sum = mix(a, b, c);
    sum += mix(b, c, a) * 0.5;
    sum += mix(&mut c[1..], &a[1..n], &b[..n - 1]);
    // Two parts of one half: both cannot be lent.
    sum += mix(a, &c[..n], &c[..n]);
    sum += product(&b[..n - 1], &b[1..]);
    sum * sum + t[0]
}

/// Shared halves; called with the joint derivative.
#[autodiff]
fn shared(x: &[f64]) -> f64 {
    let half = x.len() / 2;
    let (low, high) = x.split_at(half);
    product(low, high) + product(&high[..half], low) + product(low, low)
}

/// Fields of a tuple.
#[autodiff]
fn fields(x: &[f64; 3], y: &[f64; 3]) -> f64 {
    let mut t = ([x[0], x[1], 0.5], ([y[0], y[1], x[2]], [y[2], x[0], 1.0]));
    let mut sum = mix(&mut t.0, &t.1.0, &t.1.1);
    sum += mix(&mut t.1.0, &t.0, &t.1.1);
    sum + product(&t.1.0, &t.0)
}

/// One half has no derivative of its own, the other one only sometimes.
#[autodiff]
fn partly(y: &mut [f64], x: &[f64], turn: bool) -> f64 {
    let b = x.len();
    let mut own = vec![0.5; 2 * b];
    if turn {
        own[0] = x[0];
    }
    let (a, c) = own.split_at_mut(b);
    exchange(a, c, x);
    let (low, high) = y.split_at_mut(b);
    exchange(low, high, a);
    product(low, c)
}

#[test]
fn parts_of_one_array() {
    for n in [1, 2, 5] {
        let x = numbers(3, 0.4);
        check!(steps(&mut numbers(5 + n, 1.3), &x, #n));
    }
    for n in [1, 2, 4] {
        check!(thirds(&numbers(3 * n, 0.9), #n));
        check!(shared(&numbers(2 * n, 0.3)));
    }
    check!(fields(&[0.3, -0.8, 1.1], &[0.7, 0.2, -0.4]));
    for turn in [false, true] {
        check!(partly(&mut numbers(6, 1.9), &numbers(3, 0.1), #turn));
    }
}

/// Only one of the arguments has a shadow.
#[test]
fn any_activities() {
    let (x, y) = (numbers(3, 0.4), numbers(7, 1.3));
    let (mut d_y, mut d_x) = (vec![1.0; 7], vec![0.0; 3]);
    steps::reverse(&mut y.clone(), &mut d_y, &x, &mut d_x, 2, 0.5);
    let (mut alone, mut other) = (vec![1.0; 7], vec![0.0; 3]);
    ad_runtime::autodiff!(
        Reverse,
        only_y,
        Active,
        Duplicated(&mut y.clone(), &mut alone),
        Const(&x),
        Const(2)
    );
    assert_eq!(alone, d_y);
    ad_runtime::autodiff!(
        Reverse,
        only_x,
        Active,
        Const(&y),
        Duplicated(&x, &mut other)
    );
    let (mut d_own, mut d_x) = (vec![0.0; 7], vec![0.0; 3]);
    only_x::reverse(&y, &mut d_own, &x, &mut d_x, 1.0);
    assert_eq!(other, d_x);
    assert!(other.iter().all(|d| *d != 0.0));
}

#[autodiff]
fn only_y(y: &mut [f64], x: &[f64], n: usize) -> f64 {
    steps(y, x, n) * 0.5
}

/// The halves are constant where `y` is.
#[autodiff]
fn only_x(y: &[f64], x: &[f64]) -> f64 {
    let (a, b) = y.split_at(3);
    let mut t = a.to_vec();
    mix(&mut t, &b[..3], x) + product(a, x) + product(&b[..3], a)
}

/// Arrays of fixed length that are overwritten behind a call, behind a reference and in a
/// tuple.
#[autodiff]
fn arrays(y: &mut [f64; 3], n: usize) -> f64 {
    let mut t = ([0.5, y[0], y[1]], 2.0);
    let mut sum = 0.0;
    for k in 0..n {
        sum += product(&*y, &t.0) * t.1;
        y[k] *= sum;
        t.0[2 - k] += sum * 0.25;
        t.1 = sum;
    }
    sum
}

#[test]
fn arrays_are_kept() {
    for n in [0, 1, 3] {
        check!(arrays(&mut [0.4, -0.7, 0.9], #n));
    }
}

/// A half is read behind the last write to what has to be kept.
#[autodiff]
fn read_behind(x: &[f64], n: usize) -> f64 {
    let mut p: f64 = 1.0;
    for j in 0..n {
        let mut t = x[1..].to_vec();
        let (lo, hi) = t.split_at_mut(1);
        exchange(lo, hi, x);
        hi[j % 1] = 0.3 * hi[0].atan();
        p = p.atan() * lo[0] + x[0];
    }
    p
}

#[test]
fn halves_of_what_is_kept() {
    for n in [0, 1, 3] {
        check!(read_behind(&[0.4, -0.7, 0.9], #n));
    }
}
