//! Adjoints that go from trip to trip, or straight through a function: their products
//! are formed in another order.
use ad_runtime::autodiff;
use ad_runtime::prelude::*;
use ad_tests::check;

/// Three numbers that wait for each other: more than a form holds.
#[autodiff]
fn three_states(x0: f64, y0: f64, z0: f64, n: usize) -> f64 {
    let (mut x, mut y, mut z) = (x0, y0, z0);
    for _ in 0..n {
        let dx = 1.1 * (y - x);
        let dy = x * (0.9 - z) - y;
        let dz = x * y - 0.7 * z;
        x += 0.1 * dx;
        y += 0.1 * dy;
        z += 0.1 * dz;
    }
    x * y + z
}

/// Assigned, not added to; with signs, quotients and a value used thrice.
#[autodiff]
fn rational(x0: f64, a: f64, n: usize) -> f64 {
    let mut x = x0;
    for _ in 0..n {
        let t = -(x * a) / (1.0 + x * x);
        x = t * t - t / 3.0 + t;
    }
    x
}

/// Part of a trip is in a branch, part behind it.
#[autodiff]
fn with_branch(x0: f64, a: f64, n: usize) -> f64 {
    let mut x = x0;
    let mut v = a;
    for k in 0..n {
        let step = 0.3 * v - 0.2 * x;
        if k % 2 == 0 {
            x += step * v;
            v -= 0.5 * step * x;
        } else {
            x -= a * step;
        }
        v = 0.9 * v + 0.1 * x * step;
    }
    x + v
}

#[autodiff]
fn single_width(x0: f32, a: f32, n: usize) -> f32 {
    let mut x = x0;
    for _ in 0..n {
        x = 3.0 * a * x * (1.0 - x) * 0.5 + 0.25 * x * x;
    }
    x
}

/// Sums beside the state, with several contributions of the same adjoint.
#[autodiff]
fn sums_beside(x0: f64, w: &[f64], n: usize) -> f64 {
    let mut x = x0;
    let mut s = 0.0;
    for k in 0..n {
        let t = x * w[k % 3];
        s += t * t + 2.0 * t - x;
        x = t + 0.25 * x - 0.125 * (t * x);
    }
    s * x
}

#[autodiff]
fn straight(x: f64, y: f64) -> f64 {
    let a = x * y;
    let b = a * x - y;
    let c = b * b * a - 3.0 * b;
    -(c / (1.0 + a * a)) + (a - b) * c
}

/// Two results: forms of two roots.
#[autodiff]
fn pair(v: [f64; 2], k: &[f64]) -> [f64; 2] {
    let r = v[0] * v[0] + v[1] * v[1];
    let s = 1.0 + k[0] * r + k[1] * r * r;
    [v[0] * s - v[1], v[1] * s + v[0] * k[0]]
}

/// The same number, once more and taken away again.
#[autodiff]
fn cancels(x: f64, y: f64) -> f64 {
    let a = x * y;
    let b = a - a;
    let c = x - y - x;
    b * x + c * a
}

/// What cancels comes before what does not.
#[autodiff]
fn cancels_first(x: f64, y: f64) -> f64 {
    let e = x * x;
    let c = e * y;
    let a = -e;
    let b = a - a;
    b + c
}

#[autodiff]
fn cancels_in_a_loop(x0: f64, y: f64, n: usize) -> f64 {
    let mut x = x0;
    for _ in 0..n {
        let e = x * x;
        let c = e * y;
        let a = -e;
        let b = a - a;
        x = b + c;
    }
    x
}

/// Nothing comes back of what is only compared.
#[autodiff]
fn unused(x: f64, y: f64) -> f64 {
    let a = x * y;
    if a > 10.0 {
        return y * y;
    }
    x * x * x
}

#[autodiff]
fn turned(v: &[f64], k: &[f64], n: usize) -> f64 {
    let mut p = [v[0], v[1]];
    for _ in 0..n {
        let q = pair(p, k);
        p = [0.3 * q[0], 0.4 * q[1]];
    }
    p[0] - p[1]
}

#[test]
fn carried_adjoints() {
    for n in [0, 1, 2, 5] {
        check!(three_states(0.7, -0.3, 0.4, #n));
        check!(rational(0.8, 1.7, #n));
        check!(with_branch(0.5, 0.8, #n));
        check!(single_width(0.3f32, 1.1f32, #n));
        check!(sums_beside(0.6, &[0.5, -0.7, 1.2], #n));
        check!(turned(&[0.6, -0.4], &[0.2, -0.1], #n));
    }
}

#[test]
fn straight_functions() {
    check!(straight(0.7, -1.3));
    check!(pair([0.6, -0.4], &[0.2, -0.1]));
    check!(cancels(0.7, -1.3));
    check!(cancels_first(0.7, 1.3));
    check!(cancels_in_a_loop(0.7, 1.3, #2));
    check!(unused(0.7, -1.3));
    check!(unused(-7.0, -1.5));
}
