//! One function with everything at once: carried state, in-place updates, early exits,
//! zero-trip loops, halves of a slice, a callee active in one call and partly constant in the next.
#![allow(
    clippy::needless_range_loop,
    clippy::too_many_arguments,
    clippy::type_complexity,
    reason = "numerical code as it is written"
)]

use ad_runtime::prelude::*;

/// In-place banded relaxation with carried residual, early exit, zero-trip inner loops and a helper
/// that is active in one call and constant in the next.
#[autodiff]
fn blend(a: &[f64], b: f64, out: &mut [f64]) -> f64 {
    let mut last = b;
    for i in 0..a.len().min(out.len()) {
        last = 0.5 * last + a[i] * out[i];
        out[i] = last.tanh();
    }
    last
}
#[autodiff]
fn relax(u: &mut [f64], k: &[f64], table: &[f64], omega: f64, tol: f64, sweeps: usize) -> f64 {
    let n = u.len();
    let mut residual = 0.0;
    let mut work = vec![0.0; n];
    for s in 0..sweeps {
        residual = 0.0;
        work.copy_from_slice(u);
        for i in 1..n - 1 {
            let mut acc = 0.0;
            for j in i.saturating_sub(s)..i {
                acc += k[j] * u[j];
            }
            let new = (acc + k[i] * (work[i - 1] + u[i + 1])) / (1.0 + k[i] * k[i]);
            let diff = new - u[i];
            if diff.abs() > 50.0 {
                return residual * u[i];
            }
            u[i] += omega * diff;
            residual += diff * diff;
        }
        if residual < tol {
            break;
        }
        let (lo, hi) = u.split_at_mut(n / 2);
        residual += blend(lo, omega, hi);
        residual += 0.1 * blend(table, 0.3, &mut hi[..2]);
    }
    residual * u[1]
}
#[test]
fn relaxation_agrees_with_differences() {
    let u0 = [0.3, -0.8, 1.1, 0.4, -0.2, 0.9];
    let k0 = [0.5, 1.2, 0.7, -0.4, 0.9, 0.3];
    let t = [0.2, -0.6];
    for sweeps in 0..5 {
        for tol in [1e-9, 0.9, 1e9] {
            let run = |u: &[f64], k: &[f64], t: &[f64], w: f64| {
                let mut u = u.to_vec();
                let r = relax(&mut u, k, t, w, tol, sweeps);
                let mut s = 1.7 * r;
                for i in 0..6 {
                    s += 0.1 * (i as f64 + 1.0) * u[i];
                }
                s
            };
            let mut u = u0;
            let mut du: Vec<f64> = (0..6).map(|i| 0.1 * (i as f64 + 1.0)).collect();
            let mut dk = [0.25; 6];
            let mut dt = [-1.0; 2];
            let dw = relax::reverse(
                &mut u, &mut du, &k0, &mut dk, &t, &mut dt, 0.8, tol, sweeps, 1.7,
            )
            .0;
            let mut u2 = u0;
            let mut du2: Vec<f64> = (0..6).map(|i| 0.1 * (i as f64 + 1.0)).collect();
            let mut dk2 = [0.25; 6];
            let mut dt2 = [-1.0; 2];
            let (_, (dw2, _)) = relax::reverse_with_primal(
                &mut u2, &mut du2, &k0, &mut dk2, &t, &mut dt2, 0.8, tol, sweeps, 1.7,
            );
            let mut up = u0;
            relax(&mut up, &k0, &t, 0.8, tol, sweeps);
            assert!(up == u && up == u2);
            let h = 1e-6;
            let near = |a: f64, b: f64, what: &str| {
                assert!(
                    (a - b).abs() < 1e-6 * (1.0 + a.abs()),
                    "{what} {sweeps} {tol}: {a} {b}"
                )
            };
            for i in 0..6 {
                let (mut a, mut b) = (u0, u0);
                a[i] += h;
                b[i] -= h;
                let f = (run(&a, &k0, &t, 0.8) - run(&b, &k0, &t, 0.8)) / (2.0 * h);
                near(du[i], f, "u");
                near(du2[i], f, "u2");
                let (mut a, mut b) = (k0, k0);
                a[i] += h;
                b[i] -= h;
                let f = (run(&u0, &a, &t, 0.8) - run(&u0, &b, &t, 0.8)) / (2.0 * h);
                near(dk[i] - 0.25, f, "k");
                near(dk2[i] - 0.25, f, "k2");
            }
            for i in 0..2 {
                let (mut a, mut b) = (t, t);
                a[i] += h;
                b[i] -= h;
                let f = (run(&u0, &k0, &a, 0.8) - run(&u0, &k0, &b, 0.8)) / (2.0 * h);
                near(dt[i] + 1.0, f, "t");
                near(dt2[i] + 1.0, f, "t2");
            }
            let f = (run(&u0, &k0, &t, 0.8 + h) - run(&u0, &k0, &t, 0.8 - h)) / (2.0 * h);
            near(dw, f, "w");
            near(dw2, f, "w2");
        }
    }
}
