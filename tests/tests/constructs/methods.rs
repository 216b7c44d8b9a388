//! Numerical methods as people write them: in place, with exits, with callees that update.
use ad_runtime::autodiff;
use ad_runtime::prelude::*;
use ad_tests::check;

/// Thomas algorithm, in place, overwriting the right side and the diagonal.
#[autodiff]
fn thomas(lower: &[f64], diag: &mut [f64], upper: &[f64], rhs: &mut [f64]) {
    let n = rhs.len();
    for i in 1..n {
        let w = lower[i - 1] / diag[i - 1];
        diag[i] -= w * upper[i - 1];
        rhs[i] -= w * rhs[i - 1];
    }
    if n == 0 {
        return;
    }
    rhs[n - 1] /= diag[n - 1];
    for i in (0..n - 1).rev() {
        rhs[i] = (rhs[i] - upper[i] * rhs[i + 1]) / diag[i];
    }
}

/// Implicit heat steps with a nonlinear source; scratch diag/rhs refilled each step; early exit on growth.
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, Const, Const)]
#[autodiff(Reverse, Active, Duplicated, Duplicated, Const, Const)]
fn implicit(u0: &[f64], kappa: &[f64], steps: usize, limit: f64) -> f64 {
    let n = u0.len();
    let mut u = u0.to_vec();
    let mut diag = vec![0.0; n];
    let mut off = vec![0.0; n];
    let mut energy = 0.0;
    for s in 0..steps {
        for i in 0..n {
            diag[i] = 1.0 + 2.0 * kappa[i] + 0.1 * u[i] * u[i];
        }
        for i in 0..n {
            off[i] = -kappa[i];
        }
        thomas(&off, &mut diag, &off, &mut u);
        let mut peak = 0.0;
        for i in 0..n {
            if u[i].abs() > peak {
                peak = u[i].abs();
            }
            energy += u[i] * u[i] * (s as f64 + 1.0);
        }
        if peak < limit {
            break;
        }
    }
    energy + u[n / 2]
}

/// Gauss-Seidel with residual exit, nested, carried norm.
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, Const, Const)]
#[autodiff(Reverse, Active, Duplicated, Duplicated, Const, Const)]
fn seidel(a: &[f64], b: &[f64], n: usize, most: usize) -> f64 {
    let mut x = vec![0.0; n];
    let mut sweeps = 0;
    while sweeps < most {
        let mut change = 0.0;
        for i in 0..n {
            let mut sum = b[i];
            for j in 0..n {
                if j == i {
                    continue;
                }
                sum -= a[i * n + j] * x[j];
            }
            let new = sum / a[i * n + i];
            change += (new - x[i]) * (new - x[i]);
            x[i] = new;
        }
        sweeps += 1;
        if change.sqrt() < 1e-3 {
            break;
        }
    }
    let mut out = 0.0;
    for i in 0..n {
        out += x[i] * x[i] * (i as f64 + 1.0);
    }
    out
}

/// Weighted histogram with packed offsets, carried running product, an accumulator used twice,
/// triangular with an `at` counter mutated before and after.
#[autodiff]
fn packed(l: &[f64], v: &[f64], out: &mut [f64]) -> f64 {
    let n = v.len();
    let mut at = 0;
    let mut run: f64 = 1.0;
    for i in 0..n {
        out[i] = out[i] * l[at];
        at += 1;
        for j in 0..i {
            out[i] += l[at] * v[j] * run;
            out[j] -= 0.5 * l[at] * out[i];
            at += 1;
        }
        run *= 0.5 + 0.1 * out[i];
    }
    run + l[at - 1]
}

#[autodiff]
fn axpy(y: &mut [f64], a: f64, x: &[f64]) {
    for i in 0..y.len() {
        y[i] += a * x[i];
    }
}
#[autodiff]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += x[i] * y[i];
    }
    s
}
#[autodiff]
fn matvec(a: &[f64], x: &[f64], out: &mut [f64]) {
    let n = x.len();
    for i in 0..n {
        let mut s = 0.0;
        for j in 0..n {
            s += a[i * n + j] * x[j];
        }
        out[i] = s;
    }
}
/// Conjugate gradients, the textbook way: arrays updated in place through callees, early return.
#[autodiff(Reverse, Active, Duplicated, Duplicated, Const)]
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, Const)]
fn cg(a: &[f64], b: &[f64], most: usize) -> f64 {
    let n = b.len();
    let mut x = vec![0.0; n];
    let mut r = b.to_vec();
    let mut p = b.to_vec();
    let mut ap = vec![0.0; n];
    let mut rr = dot(&r, &r);
    for _ in 0..most {
        if rr < 1e-12 {
            return dot(&x, b);
        }
        matvec(a, &p, &mut ap);
        let alpha = rr / dot(&p, &ap);
        axpy(&mut x, alpha, &p);
        axpy(&mut r, -alpha, &ap);
        let next = dot(&r, &r);
        let beta = next / rr;
        for i in 0..n {
            p[i] = r[i] + beta * p[i];
        }
        rr = next;
    }
    dot(&x, b) + 0.1 * rr
}

/// Jacobi iteration with checkpoints and a fixed number of sweeps; relaxation weight active.
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, Const)]
#[autodiff(Reverse, Active, Duplicated, Active, Const)]
fn jacobi(b: &[f64], omega: f64, sweeps: usize) -> f64 {
    let n = b.len();
    let mut x = vec![0.0; n];
    let mut y = vec![0.0; n];
    let mut hist = 0.0;
    #[checkpoint]
    for s in 0..sweeps {
        for i in 0..n {
            let left = if i > 0 { x[i - 1] } else { 0.0 };
            let right = if i + 1 < n { x[i + 1] } else { 0.0 };
            y[i] = (1.0 - omega) * x[i] + omega * (b[i] + 0.3 * (left + right) + 0.05 * x[i].sin());
        }
        std::mem::swap(&mut x, &mut y);
        if s % 2 == 1 {
            hist += x[0] * y[n - 1];
        }
    }
    hist + dot(&x, &x)
}

const A: [f64; 9] = [4.0, 1.0, 0.5, 1.0, 5.0, 0.7, 0.5, 0.7, 3.0];
const B: [f64; 3] = [1.0, 2.0, -1.0];
const U: [f64; 5] = [0.5, -0.3, 0.8, 0.2, 0.9];
const KAPPA: [f64; 5] = [0.3, 0.2, 0.5, 0.4, 0.1];

#[test]
fn implicit_steps() {
    for steps in [0, 1, 2, 5] {
        for limit in [0.0, 0.35] {
            check!(implicit(&U, &KAPPA, #steps, #limit));
        }
    }
}

/// What is active in one call is constant in the next.
#[test]
fn one_argument_at_a_time() {
    let (mut both_u, mut both_kappa) = ([0.0; 5], [0.0; 5]);
    implicit::reverse(&U, &mut both_u, &KAPPA, &mut both_kappa, 5, 0.0, 1.0);
    let mut d_kappa = [0.0; 5];
    let dual = &mut d_kappa;
    autodiff!(
        Reverse,
        implicit,
        Active,
        Const(&U),
        Duplicated(&KAPPA, dual),
        Const(5),
        Const(0.0)
    );
    let mut d_u = [0.0; 5];
    let dual = &mut d_u;
    autodiff!(
        Reverse,
        implicit,
        Active,
        Duplicated(&U, dual),
        Const(&KAPPA),
        Const(5),
        Const(0.0)
    );
    for i in 0..5 {
        assert!((d_u[i] - both_u[i]).abs() < 1e-12);
        assert!((d_kappa[i] - both_kappa[i]).abs() < 1e-12);
    }
}

#[test]
fn linear_solvers() {
    for most in [0, 1, 3, 40] {
        check!(seidel(&A, &B, #3, #most));
    }
    for most in 0..4 {
        check!(cg(&A, &B, #most));
    }
    for sweeps in [0, 1, 2, 3, 7, 10] {
        check!(jacobi(&[0.4, -0.2, 0.7, 0.3], 0.6, #sweeps));
    }
}

#[test]
fn packed_triangles() {
    for n in 1..5 {
        let l: Vec<f64> = (0..n * (n + 1) / 2).map(|i| 0.3 + 0.1 * i as f64).collect();
        let v: Vec<f64> = (0..n).map(|i| 0.4 - 0.3 * i as f64).collect();
        check!(packed(&l, &v, &mut vec![0.7; n]));
    }
}
