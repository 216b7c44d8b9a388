//! Programs of numerical practice that keep histories, work in place and leave early.
use ad_runtime::prelude::*;
use ad_tests::check;

/// A logistic right side.
#[autodiff]
fn rhs(y: f64, p: &[f64]) -> f64 {
    p[0] * y - p[1] * y * y
}

/// Adams and Bashforth's steps over histories that are read with lags, left early.
#[autodiff]
fn adams(y0: f64, p: &[f64], steps: usize, h: f64, limit: f64) -> f64 {
    let mut y = vec![0.0; steps + 3];
    let mut f = vec![0.0; steps + 3];
    y[0] = y0;
    f[0] = rhs(y[0], p);
    for i in 0..2 {
        y[i + 1] = y[i] + h * f[i];
        f[i + 1] = rhs(y[i + 1], p);
    }
    let mut penalty = 0.0;
    let mut last = 2;
    for i in 2..steps + 2 {
        y[i + 1] = y[i] + h * (23.0 * f[i] - 16.0 * f[i - 1] + 5.0 * f[i - 2]) / 12.0;
        if y[i + 1] > limit {
            penalty += (y[i + 1] - limit).powi(2);
            break;
        }
        f[i + 1] = rhs(y[i + 1], p);
        for k in 0..3 {
            penalty += 0.01 * f[i + 1 - k] * y[i - k];
        }
        f[i - 2] *= 0.5;
        last = i + 1;
    }
    y[last] * y[last] + penalty + f[0] * f[last]
}

/// LU with partial pivoting in place, and both triangular solves.
#[autodiff]
fn lu_solve(a: &[f64], b: &mut [f64], n: usize) -> f64 {
    let mut m = a.to_vec();
    let mut sign = 1.0;
    for k in 0..n {
        let mut piv = k;
        for i in k + 1..n {
            if m[i * n + k].abs() > m[piv * n + k].abs() {
                piv = i;
            }
        }
        if piv != k {
            for j in 0..n {
                m.swap(k * n + j, piv * n + j);
            }
            b.swap(k, piv);
            sign = -sign;
        }
        if m[k * n + k].abs() < 1e-12 {
            return 0.0;
        }
        for i in k + 1..n {
            m[i * n + k] /= m[k * n + k];
            let l = m[i * n + k];
            for j in k + 1..n {
                m[i * n + j] -= l * m[k * n + j];
            }
            b[i] -= l * b[k];
        }
    }
    for i in (0..n).rev() {
        for j in i + 1..n {
            b[i] -= m[i * n + j] * b[j];
        }
        b[i] /= m[i * n + i];
    }
    let mut det = sign;
    for i in 0..n {
        det *= m[i * n + i];
    }
    det
}

/// An optimiser's steps, with its state in place.
#[autodiff]
fn unrolled_adam(x0: &[f64], a: &[f64], lr: f64, steps: usize) -> f64 {
    let n = x0.len();
    let mut x = x0.to_vec();
    let mut m = vec![0.0; n];
    let mut v = vec![0.0; n];
    let (mut b1, mut b2) = (1.0, 1.0);
    for t in 0..steps {
        b1 *= 0.9;
        b2 *= 0.99;
        for i in 0..n {
            let g = a[i] * x[i]
                + if i > 0 {
                    0.3 * x[i - 1].sin()
                } else {
                    0.1 * t as f64
                };
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.99 * v[i] + 0.01 * g * g;
            x[i] -= lr * (m[i] / (1.0 - b1)) / ((v[i] / (1.0 - b2)).sqrt() + 1e-3);
        }
    }
    let mut l = 0.0;
    for i in 0..n {
        l += a[i] * x[i] * x[i];
    }
    l
}

#[autodiff]
fn blend(w: &[f64], x: &[f64], out: &mut [f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..out.len() {
        let o = (w[i] * x[i]).exp();
        s += o;
        out[i] = out[i] * 0.5 + o;
    }
    for i in 1..out.len() {
        out[i] /= s + out[i - 1] * out[i - 1];
    }
    s
}

/// Active in one call and constant in the next, with results that nobody wants and memory that
/// is used again.
#[autodiff]
fn mixed(w: &[f64], x: &[f64], n: usize) -> f64 {
    let fixed = [0.4, 0.1, 0.9, 0.2];
    let mut out = vec![0.2; 4];
    let mut total = 0.0;
    for k in 0..n {
        blend(w, &fixed, &mut out);
        total += blend(&fixed, &x[k..k + 4], &mut out);
        if out[0] > 3.0 {
            break;
        }
        let mut spare = [0.3; 4];
        total -= 0.1 * blend(&out, x, &mut spare);
        out[k % 4] += spare[3];
    }
    total + out[1] * out[2]
}

/// Prefix sums, an average with resets, and windows that overwrite what they leave.
#[autodiff]
fn rolling(x: &[f64], width: usize, alpha: f64) -> f64 {
    let n = x.len();
    let mut c = vec![0.0; n + 1];
    let mut q = vec![0.0; n + 1];
    for i in 0..n {
        c[i + 1] = c[i] + x[i];
        q[i + 1] = q[i] + x[i] * x[i];
    }
    let mut ema = vec![0.0; n];
    if n == 0 {
        return 0.0;
    }
    ema[0] = x[0];
    for i in 1..n {
        ema[i] = alpha * x[i] + (1.0 - alpha) * ema[i - 1];
        if ema[i] < -0.3 {
            ema[i] = x[i] * x[i];
            ema[i - 1] *= 0.5;
        }
    }
    let mut s = 0.0;
    let mut i = width;
    while i <= n {
        let mean = (c[i] - c[i - width]) / width as f64;
        let var = (q[i] - q[i - width]) / width as f64 - mean * mean + 0.1;
        s += ema[i - 1] * mean / var.sqrt();
        c[i - width] = var;
        i += 1;
    }
    s + c[0] * ema[n - 1]
}

#[test]
fn histories_and_windows() {
    for steps in 0..6 {
        for limit in [0.5, 1.0, 9.0] {
            check!(adams(0.4, &[1.3, 0.4], #steps, 0.2, limit));
        }
    }
    let x: Vec<f64> = (0..9).map(|i| (i as f64 * 1.3).sin()).collect();
    for width in 1..5 {
        check!(rolling(&x.clone(), #width, 0.4));
        check!(rolling(&x[..3].to_vec(), #width, 0.4));
    }
}

#[test]
fn in_place() {
    let a = [
        0.2, 1.5, -0.3, 0.9, 0.1, 0.8, 1.1, -0.7, 0.6, 0.4, -1.2, 0.5, 0.3, 0.9, 0.2, 1.4,
    ];
    for n in 0..5 {
        let b = [0.7, -0.2, 0.5, 0.9];
        check!(lu_solve(&a[..n * n].to_vec(), &mut b[..n].to_vec(), #n));
        check!(unrolled_adam(&[0.5, -0.8, 0.3], &[1.1, 0.7, 1.9], 0.1, #n));
    }
    let x: Vec<f64> = (0..9).map(|i| (i as f64 * 1.3).sin()).collect();
    for n in 0..5 {
        check!(mixed(&[0.3, -0.6, 0.8, 0.5], &x.clone(), #n));
    }
}
