//! Time loops, histories and rings.
use ad_runtime::prelude::*;
use ad_tests::check;

const X: [f64; 8] = [0.3, -0.8, 0.5, 1.1, -0.4, 0.9, 0.2, -0.6];
const Y: [f64; 8] = [0.7, 0.2, -0.5, 0.6, 0.4, -0.9, 0.1, 0.3];

#[autodiff]
fn energy(u: &[f64], w: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..u.len() {
        for j in 0..i {
            s += 0.05 * (u[i] * u[j] * w).sin();
        }
    }
    s
}

#[autodiff]
fn fill_in(u: &mut [f64], x: &[f64], w: f64) {
    let n = u.len();
    for i in 0..n {
        u[i] = (x[i % x.len()] * w).sin();
    }
}

#[autodiff]
fn scratch_behind(x: &[f64], n: usize, m: usize) -> f64 {
    let d = 8;
    let mut u = vec![0.1; d + 2];
    let mut s = 0.0;
    for i in 1..d {
        u[i] = (u[i - 1] * x[i]).sin() + 0.3;
        s += u[i] * u[i - 1];
    }
    for t in 0..m {
        for i in 2..n {
            u[i] = (x[i] * s).cos() * (t as f64 + 1.0);
        }
        s = s * 0.5 + energy(&u[..n], x[t]);
        s = s.sin();
    }
    for t in 0..m {
        for i in 0..n {
            u[i] = (x[i] * s).cos();
        }
        s = s * 0.5 + energy(&u, x[t]);
        s = s.sin() * u[9];
    }
    for i in 1..d {
        u[i] = (u[i - 1] * x[i]).sin() + 0.3;
        s += u[i] * u[i - 1];
    }
    for t in 0..m {
        fill_in(&mut u, x, s);
        s = s * 0.5 + energy(&u, x[t]);
        fill_in(&mut u[..3], x, s);
        s = s * 0.5 + energy(&u[1..4], x[t]);
        s = s.sin();
    }
    s
}

/// Time loops that are run again, behind tables and in front of them.
#[autodiff]
fn rerun_between(x: &[f64], n: usize) -> f64 {
    let d = 8;
    let mut u = x.to_vec();
    let mut v = vec![0.1_f64; d];
    let mut s = 0.0;
    for i in 1..d {
        for j in 0..i {
            u[i] += 0.1 * u[j] * u[j];
        }
        s += u[i] * u[i - 1];
    }
    for t in 0..n {
        let mut f = vec![0.0; d];
        for i in 0..d {
            for j in 0..d {
                f[i] += (u[i] * v[j] * x[t]).sin();
            }
            f[i] = f[i].tanh();
        }
        for i in 2..d {
            let g = f[i] * f[i - 1];
            f[i] = g.sin() + f[i];
            s += f[i] * v[i] * u[0];
        }
        for i in 2..d {
            v[i] += 0.1 * f[i];
            u[i] += 0.1 * v[i];
        }
        v[..2].copy_from_slice(&u[4..6]);
    }
    for i in 1..d {
        for j in 0..i {
            u[i] += 0.1 * u[j] * v[j];
        }
        s += u[i] * u[i - 1];
    }
    for t in 0..n {
        let mut f = vec![0.0; d];
        for i in 0..d {
            for j in 0..d {
                f[i] += (u[i] * v[j] * x[t]).sin();
            }
            f[i] = f[i].tanh();
        }
        let mut z = vec![0.0; d * d];
        for i in 1..d {
            for j in 1..d {
                z[i * d + j] = (z[(i - 1) * d + j] * f[i] + z[i * d + j - 1] * f[j] + v[i]).sin();
            }
        }
        for i in 0..d {
            v[i] = z[i * d + d - 1] + f[i];
        }
        u.copy_from_slice(&v);
        s += z[d * d - 1];
    }
    s + u[3] * v[2]
}

/// Nets with lists of matrices.
#[autodiff]
fn net(w: &[Vec<f64>], x: &[f64], n: usize) -> f64 {
    let mut acts = vec![vec![0.0; n]; w.len() + 1];
    for i in 0..n {
        acts[0][i] = x[i];
    }
    for l in 0..w.len() {
        for i in 0..n {
            let mut z = 0.0;
            for j in 0..n {
                z += w[l][i * n + j] * acts[l][j];
            }
            acts[l + 1][i] = z.tanh();
        }
        for i in 1..n {
            acts[l + 1][i] += 0.3 * acts[l + 1][i - 1] * acts[l][i];
        }
    }
    let mut flat = vec![0.0; (w.len() + 1) * n];
    for i in 0..n {
        flat[i] = x[i];
    }
    for l in 0..w.len() {
        for i in 0..n {
            let mut z = 0.0;
            for j in 0..n {
                z += w[l][i * n + j] * flat[l * n + j];
            }
            flat[(l + 1) * n + i] = z.tanh();
        }
    }
    let mut s = 0.0;
    for l in 0..=w.len() {
        for i in 0..n {
            s += acts[l][i] * flat[l * n + i];
        }
    }
    s
}

/// Recurrent with a history, and attention over what has been.
#[autodiff]
fn history(x: &[f64], w: &[f64], n: usize, d: usize) -> f64 {
    let mut h = vec![0.1_f64; (n + 1) * d];
    let mut s = 0.0;
    for t in 0..n {
        let mut scores = vec![0.0_f64; t + 1];
        let mut top = -100.0_f64;
        for q in 0..=t {
            let mut dot = 0.0;
            for i in 0..d {
                dot += h[q * d + i] * h[t * d + i];
            }
            scores[q] = dot;
            if dot > top {
                top = dot;
            }
        }
        let mut z = 0.0_f64;
        for q in 0..=t {
            scores[q] = (scores[q] - top).exp();
            z += scores[q];
        }
        for i in 0..d {
            let mut c = x[t % x.len()];
            for q in 0..=t {
                c += scores[q] / z * h[q * d + i] * w[i];
            }
            h[(t + 1) * d + i] = c.tanh();
        }
        s += h[(t + 1) * d] * z.ln();
    }
    s
}

/// Rings of states.
#[autodiff]
fn ring(x: &[f64], n: usize, m: usize) -> f64 {
    let d = 3;
    let mut r = vec![0.2; m * d];
    let mut s = 0.0;
    for t in 0..n {
        let now = (t % m) * d;
        let before = ((t + m - 1) % m) * d;
        for i in 0..d {
            let mut q = 0.0;
            for j in 0..d {
                q += r[before + j] * x[(i + j) % 8] * r[before + i];
            }
            r[now + i] = q.sin() + 0.1 * x[t % 8];
        }
        for k in 0..m {
            for i in 0..d {
                s += 0.1 * r[k * d + i] * r[now + i];
            }
        }
    }
    s
}

#[autodiff]
fn deep(x: &[f64], n: usize, wide: bool) -> f64 {
    let d = 4;
    let mut a = vec![0.0; d * d];
    let mut b = vec![0.0; d * d];
    for i in 0..d * d {
        a[i] = x[i % 8];
        b[i] = x[(i + 3) % 8];
    }
    let mut s = 0.0;
    for t in 0..n {
        let mut c = vec![0.0; d * d];
        for i in 0..d {
            for j in 0..d {
                for k in 0..d {
                    c[i * d + j] += 0.4 * a[i * d + k] * b[k * d + j];
                }
            }
        }
        for i in 0..d {
            for j in 0..d {
                a[i * d + j] = c[j * d + i].sin();
            }
        }
        if wide {
            std::mem::swap(&mut a, &mut b);
        } else {
            b.copy_from_slice(&c);
        }
        for i in 0..d {
            b[i * d + t % d] = if t > 1 { s * 0.1 } else { 0.3 };
        }
        for i in 0..d {
            for j in 0..d {
                for k in 0..d {
                    s += 0.01 * a[i * d + k] * b[k * d + j] * c[j * d + i];
                }
            }
        }
    }
    s + a[0] + b[1]
}

#[test]
fn t_scratch() {
    for n in 0..8 {
        for m in 0..4 {
            check!(scratch_behind(&X, #n, #m));
        }
    }
}
#[test]
fn t_between() {
    for n in 0..4 {
        check!(rerun_between(&X, #n));
    }
}
#[test]
fn t_net() {
    for n in 1..4 {
        for l in 0..3 {
            let w: Vec<Vec<f64>> = (0..l)
                .map(|q| (0..n * n).map(|k| X[(k + q) % 8]).collect())
                .collect();
            check!(net(&w.clone(), &Y, #n));
        }
    }
}
#[test]
fn t_history() {
    for n in 0..5 {
        for d in 1..3 {
            check!(history(&X, &Y, #n, #d));
        }
    }
}
#[test]
fn t_ring() {
    for n in 0..6 {
        for m in 1..4 {
            check!(ring(&X, #n, #m));
        }
    }
}
#[test]
fn t_deep() {
    for n in 0..5 {
        for w in [false, true] {
            check!(deep(&X, #n, #w));
        }
    }
}
