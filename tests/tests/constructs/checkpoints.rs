//! Loops with `#[checkpoint]`.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn step(x: f64, r: f64) -> f64 {
    r * x * (1.0 - x) + 0.1 * x.sin()
}

#[autodiff]
fn root(x0: f64, r: f64, w: &[f64], n: usize) -> f64 {
    let mut x = x0;
    let mut v = [0.1, 0.2];
    let mut sum = 0.3;
    #[checkpoint]
    for i in 2..n {
        sum += x * w[i % 3];
        x = step(x, r) + 0.01 * v[0];
        v[i % 2] = 0.5 * v[1] + x.sin();
    }
    x + v[0] * v[1] + sum
}

#[autodiff]
fn budget(x0: f64, r: f64, w: &[f64], n: usize, states: usize) -> f64 {
    let mut x = x0;
    let mut v = [0.1, 0.2];
    let mut sum = 0.3;
    #[checkpoint(budget = states)]
    for i in 2..n {
        sum += x * w[i % 3];
        x = step(x, r) + 0.01 * v[0];
        v[i % 2] = 0.5 * v[1] + x.sin();
    }
    x + v[0] * v[1] + sum
}

/// Double buffering, an inner loop with a tape, a branch, and an output that is added to.
#[autodiff]
fn buffers(u0: &[f64], out: &mut [f64], steps: usize) {
    let n = u0.len();
    let mut u = u0.to_vec();
    let mut next = vec![0.0; n];
    #[checkpoint(budget = 3)]
    for s in 0..steps {
        for i in 0..n {
            let mut acc = u[i];
            for j in 0..n {
                acc = acc * 0.5 + (u[j] * 0.3).sin();
            }
            if acc > 0.4 {
                acc *= u[(i + s) % n];
            }
            next[i] = acc;
        }
        std::mem::swap(&mut u, &mut next);
        out[0] += u[0] * u[1];
    }
    for i in 0..n {
        out[1] += u[i] * u[i];
    }
}

/// A loop with checkpoints inside of another one.
#[autodiff]
fn nested(x: &[f64], n: usize) -> f64 {
    let mut total: f64 = 0.0;
    for k in 0..x.len() {
        let mut y = x[k];
        #[checkpoint]
        for _ in 0..n {
            y = y.sin() + 0.2 * y * y;
        }
        let mut z = y;
        #[checkpoint(budget = 2)]
        for i in 0..n {
            z = z.cos() * y + 0.1 * i as f64;
        }
        total += z * total.cos() + y;
    }
    total
}

/// Scratch memory that a function fills.
#[autodiff]
fn fill(x: f64, out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = x * (i as f64 + 1.0).sin();
    }
}

#[autodiff]
fn scratch(x: f64, n: usize) -> f64 {
    let mut y = x;
    let mut part = vec![0.0; 3];
    #[checkpoint(budget = 2)]
    for _ in 0..n {
        fill(y, &mut part);
        y = part[0] * part[1] + part[2].cos();
    }
    y
}

#[test]
fn checkpoints() {
    let w = [0.3, -0.2, 0.9];
    for n in [0, 2, 3, 4, 5, 9, 17] {
        check!(root(0.4, 1.1, &w, #n));
        for states in [0, 1, 2, 3, 30] {
            check!(budget(0.4, 1.1, &w, #n, #states));
        }
    }
    for n in 0..6 {
        check!(buffers(&[0.3, 0.9, -0.4], &mut [0.1, 0.2], #n) -> ());
        check!(nested(&[0.3, 0.7], #n));
        check!(scratch(0.6, #n));
    }
}
