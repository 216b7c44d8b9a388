//! Algorithms from textbooks.
use ad_runtime::prelude::*;
use ad_tests::check;

const X: [f64; 8] = [0.3, -0.8, 0.5, 1.1, -0.4, 0.9, 0.2, -0.6];
const Y: [f64; 8] = [0.7, 0.2, -0.5, 0.6, 0.4, -0.9, 0.1, 0.3];

#[autodiff]
fn butterflies(x: &[f64], w: &[f64], n: usize) -> f64 {
    let mut a = vec![0.0; n];
    for i in 0..n {
        a[i] = x[i % x.len()];
    }
    let mut half = 1;
    let mut s = 0.0;
    while half < n {
        let mut i = 0;
        while i + 2 * half <= n {
            for j in 0..half {
                let u = a[i + j];
                let v = a[i + j + half] * w[j % w.len()];
                a[i + j] = u + v * u * 0.3;
                a[i + j + half] = u - v;
            }
            i += 2 * half;
        }
        for i in (0..n).step_by(2 * half) {
            for j in 0..half {
                if i + j + half < n {
                    let u = a[i + j] * a[i + j + half];
                    a[i + j + half] = u.sin();
                    s += u * a[i + j];
                }
            }
        }
        half *= 2;
    }
    for i in 0..n {
        s += a[i] * a[i];
    }
    s
}

#[autodiff]
fn offsets(x: &[f64], n: usize, m: usize, k: usize) -> f64 {
    let mut a = vec![0.0; 2 * n + m + k + 4];
    for i in 0..a.len() {
        a[i] = x[i % x.len()];
    }
    let mut s = 0.0;
    for t in 0..2 {
        for j in 0..n {
            a[j] += 0.2 * a[m + j] * x[0];
            a[m + j] *= 0.7;
        }
        for j in 0..n {
            a[n + j] += 0.2 * a[j] * x[0];
            a[j] *= 0.7;
        }
        for j in k..n {
            a[j] += 0.2 * a[n + j - k] * x[1];
            a[n + j - k] *= 0.7;
        }
        for j in k..n {
            a[j - k] += 0.2 * a[j] * x[1];
            a[j] *= 0.7;
        }
        for j in (0..=n).rev() {
            a[j] += 0.2 * a[n + j] * x[1];
            a[n + j] *= 0.7;
        }
        for j in 0..=n {
            a[n + 1 + j] += 0.2 * a[j] * x[1];
            a[j] *= 0.7;
        }
        for j in 0..n {
            s += a[j] * a[m + j] * a[n + j];
            a[j + k] = s * 0.01;
        }
        for j in (0..n).step_by(2) {
            a[j] += 0.2 * a[j + 1] * x[1];
            a[j + 1] *= 0.7;
        }
    }
    s + a[0] * a[n]
}

#[autodiff]
fn pivoted(a0: &[f64], b: &[f64], n: usize) -> f64 {
    let mut a = a0.to_vec();
    let mut x = b[..n].to_vec();
    let mut perm = vec![0usize; n];
    let mut det = 1.0;
    for i in 0..n {
        perm[i] = i;
    }
    for k in 0..n {
        let mut p = k;
        for i in k + 1..n {
            if a[i * n + k].abs() > a[p * n + k].abs() {
                p = i;
            }
        }
        if p != k {
            for j in 0..n {
                a.swap(k * n + j, p * n + j);
            }
            x.swap(k, p);
            perm.swap(k, p);
            det = -det;
        }
        det *= a[k * n + k];
        for i in k + 1..n {
            let f = a[i * n + k] / a[k * n + k];
            a[i * n + k] = f;
            for j in k + 1..n {
                a[i * n + j] -= f * a[k * n + j];
            }
            x[i] -= f * x[k];
        }
    }
    for i in (0..n).rev() {
        for j in i + 1..n {
            x[i] -= a[i * n + j] * x[j];
        }
        x[i] /= a[i * n + i];
    }
    let mut s = det;
    for i in 0..n {
        s += x[perm[i]] * x[i] * (1.0 + i as f64);
    }
    s
}

#[autodiff]
fn swapped_rows(a0: &[f64], n: usize) -> f64 {
    let mut a = a0.to_vec();
    let mut s = 0.0;
    for k in 0..n {
        for i in k + 1..n {
            let (top, rest) = a.split_at_mut(i * n);
            let pivot = &top[k * n..(k + 1) * n];
            let row = &mut rest[..n];
            let f = row[k] / (2.0 + pivot[k]);
            for j in k..n {
                row[j] -= f * pivot[j];
            }
            s += row[k] * f;
        }
        for i in 0..k {
            for j in 0..n {
                a[i * n + j] -= 0.1 * a[k * n + j] * a[i * n + k];
            }
        }
    }
    for i in 0..n {
        s += a[i * n + i];
    }
    s
}

#[autodiff]
fn gram_schmidt(a0: &[f64], n: usize) -> f64 {
    let mut q = a0.to_vec();
    let mut r = vec![0.0; n * n];
    for j in 0..n {
        for k in 0..j {
            for i in 0..n {
                r[k * n + j] += q[i * n + k] * q[i * n + j];
            }
            for i in 0..n {
                q[i * n + j] -= r[k * n + j] * q[i * n + k];
            }
        }
        let mut norm = 0.0_f64;
        for i in 0..n {
            norm += q[i * n + j] * q[i * n + j];
        }
        r[j * n + j] = norm.sqrt();
        for i in 0..n {
            q[i * n + j] /= r[j * n + j];
        }
    }
    let mut s = 0.0;
    for i in 0..n {
        for j in i..n {
            s += r[i * n + j] * (1.0 + i as f64 - 0.3 * j as f64) + q[j * n + i] * 0.5;
        }
    }
    s
}

#[autodiff]
fn householder(a0: &[f64], n: usize) -> f64 {
    let mut a = a0.to_vec();
    let mut v = vec![0.0; n];
    let mut s = 0.0;
    for k in 0..n {
        let mut norm = 0.0_f64;
        for i in k..n {
            norm += a[i * n + k] * a[i * n + k];
            v[i] = a[i * n + k];
        }
        let alpha = norm.sqrt();
        v[k] += alpha;
        let mut vv = 0.0;
        for i in k..n {
            vv += v[i] * v[i];
        }
        for j in k..n {
            let mut dot = 0.0;
            for i in k..n {
                dot += v[i] * a[i * n + j];
            }
            let f = 2.0 * dot / vv;
            for i in k..n {
                a[i * n + j] -= f * v[i];
            }
        }
        s += a[k * n + k] * alpha;
    }
    for i in 0..n {
        for j in i..n {
            s += a[i * n + j] * v[i];
        }
    }
    s
}

#[autodiff]
fn inverse(a0: &[f64], n: usize) -> f64 {
    let w = 2 * n;
    let mut m = vec![0.0; n * w];
    for i in 0..n {
        for j in 0..n {
            m[i * w + j] = a0[i * n + j];
        }
        m[i * w + n + i] = 1.0;
    }
    for k in 0..n {
        let p = m[k * w + k];
        for j in 0..w {
            m[k * w + j] /= p;
        }
        for i in 0..n {
            if i != k {
                let f = m[i * w + k];
                for j in k..w {
                    m[i * w + j] -= f * m[k * w + j];
                }
            }
        }
    }
    let mut s = 0.0;
    for i in 0..n {
        for j in 0..n {
            s += m[i * w + n + j] * (1.0 + i as f64) * a0[(j * n + i + 1) % (n * n)];
        }
    }
    s
}

#[autodiff]
fn thomas(a: &[f64], d: &[f64]) -> f64 {
    let n = d.len();
    let mut c = vec![0.0; n];
    let mut x = d.to_vec();
    c[0] = a[0] / 3.0;
    x[0] /= 3.0;
    for i in 1..n {
        let m = 3.0 - a[i] * c[i - 1];
        c[i] = a[i] / m;
        x[i] = (x[i] - a[i] * x[i - 1]) / m;
    }
    for i in (0..n - 1).rev() {
        x[i] -= c[i] * x[i + 1];
    }
    let mut s = 0.0;
    for i in 0..n {
        s += x[i] * x[n - 1 - i];
    }
    s
}

#[autodiff]
fn levinson(r: &[f64], n: usize) -> f64 {
    let mut a = vec![0.0; n + 1];
    let mut b = vec![0.0; n + 1];
    a[0] = 1.0;
    let mut e = r[0] + 3.0;
    for i in 1..n {
        let mut acc = r[i];
        for j in 1..i {
            acc += a[j] * r[i - j];
        }
        let k = -acc / e;
        for j in 0..=i {
            b[j] = a[j] + k * a[i - j];
        }
        for j in 0..=i {
            a[j] = b[j];
        }
        e *= 1.0 - k * k;
    }
    for i in 1..n {
        let k = a[i] * 0.3;
        let mut j = 1;
        while 2 * j <= i {
            let t = a[j] + k * a[i - j];
            a[i - j] += k * a[j];
            a[j] = t;
            j += 1;
        }
        a[i] = k;
    }
    let mut s = e;
    for i in 0..n {
        s += a[i] * r[i];
    }
    s
}

#[autodiff]
fn shortest(x: &[f64], n: usize) -> f64 {
    let mut d = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..n {
            d[i * n + j] = if i == j {
                0.0
            } else {
                1.0 + 0.37 * x[(i * 3 + j) % x.len()] + 0.01 * j as f64
            };
        }
    }
    for k in 0..n {
        for i in 0..n {
            for j in 0..n {
                let via = d[i * n + k] + d[k * n + j];
                if via < d[i * n + j] {
                    d[i * n + j] = via;
                }
            }
        }
    }
    for k in 0..n {
        for i in 0..n {
            for j in 0..n {
                let e = (-d[i * n + k] - d[k * n + j]).exp();
                d[i * n + j] = 0.9 * d[i * n + j] + 0.1 * e;
            }
        }
    }
    let mut s = 0.0;
    for i in 0..n * n {
        s += d[i] * d[i];
    }
    s
}

#[autodiff]
fn seidel(x: &[f64], n: usize, sweeps: usize) -> f64 {
    let w = n + 2;
    let mut u = vec![0.0; w * w];
    for k in 0..w {
        u[k] = x[k % x.len()];
        u[k * w] = 0.3;
    }
    for q in 0..sweeps {
        for i in 1..=n {
            for j in 1..=n {
                u[i * w + j] = 0.25
                    * (u[(i - 1) * w + j]
                        + u[(i + 1) * w + j]
                        + u[i * w + j - 1]
                        + u[i * w + j + 1])
                    + 0.1 * u[i * w + j] * u[(i - 1) * w + j - 1];
            }
        }
        for i in (1..=n).rev() {
            for j in (1..=n).rev() {
                let c = i * w + j;
                u[c] = 0.25 * (u[c - w] * u[c + w] + u[c - 1] * u[c + 1]) + x[q % x.len()];
            }
        }
    }
    let mut s = 0.0;
    for i in 0..w * w {
        s += u[i] * u[i];
    }
    s
}

/// Neville, Aitken, Romberg and the like in one row.
#[autodiff]
fn one_row(x: &[f64], y: &[f64], at: f64) -> f64 {
    let n = x.len();
    let mut p = y.to_vec();
    for k in 1..n {
        for i in 0..n - k {
            p[i] = ((at - (i + k) as f64 - 0.1 * x[i + k]) * p[i]
                - (at - i as f64 - 0.1 * x[i]) * p[i + 1])
                / (-(k as f64) + 0.1 * (x[i] - x[i + k]));
        }
    }
    let mut c = y.to_vec();
    for k in 1..n {
        for i in (k..n).rev() {
            c[i] = (c[i] - c[i - 1]) / (k as f64 + 0.1 * x[i]);
        }
    }
    let mut b = vec![0.0; n + 1];
    b[0] = 1.0;
    for i in 0..n {
        for j in (1..=i + 1).rev() {
            b[j] = b[j] * 0.5 + b[j - 1] * x[i];
        }
        b[0] *= 0.5;
    }
    let mut s = 0.0;
    for i in (0..n).rev() {
        s = 0.1 * s * at + c[i] + b[i];
    }
    s + 0.01 * p[0]
}

/// de Casteljau with overlap, and knapsacks.
#[autodiff]
fn knapsack(x: &[f64], cap: usize) -> f64 {
    let mut best = vec![0.1; cap + 1];
    for i in 0..x.len() {
        let w = i % 3 + 1;
        for c in (w..=cap).rev() {
            let take = best[c - w] + x[i];
            best[c] = (best[c].exp() + take.exp()).ln() * 0.5;
        }
        for c in w..=cap {
            best[c] = 0.8 * best[c] + 0.1 * best[c - w] * best[c - w];
        }
    }
    best[cap] + best[0] * best[cap / 2]
}

#[test]
fn t_butterflies() {
    for n in 0..10 {
        check!(butterflies(&X, &Y, #n));
    }
}
#[test]
fn t_offsets() {
    for n in 1..5 {
        for m in 0..6 {
            for k in 0..3 {
                check!(offsets(&X, #n, #m, #k));
            }
        }
    }
}
fn matrix(n: usize) -> Vec<f64> {
    (0..n * n)
        .map(|k| {
            if k % (n + 1) == 1 {
                2.0
            } else {
                0.3 + X[k % 8] * 0.4 + 0.05 * k as f64
            }
        })
        .collect()
}
#[test]
fn t_pivoted() {
    for n in 1..5 {
        check!(pivoted(&matrix(n), &X[..n].to_vec(), #n));
    }
}
#[test]
fn t_swapped_rows() {
    for n in 0..5 {
        check!(swapped_rows(&matrix(n), #n));
    }
}
fn regular(n: usize) -> Vec<f64> {
    (0..n * n)
        .map(|k| {
            if k % (n + 1) == 0 {
                2.0
            } else {
                X[k % 8] * 0.3
            }
        })
        .collect()
}
#[test]
fn t_gram() {
    for n in 1..5 {
        check!(gram_schmidt(&regular(n), #n));
        check!(householder(&regular(n), #n));
        check!(inverse(&regular(n), #n));
    }
}
#[test]
fn t_thomas() {
    for n in 1..7 {
        check!(thomas(&X[..n].to_vec(), &Y[..n].to_vec()));
    }
}
#[test]
fn t_levinson() {
    for n in 1..8 {
        check!(levinson(&X, #n));
    }
}
#[test]
fn t_shortest() {
    for n in 0..5 {
        check!(shortest(&X, #n));
    }
}
#[test]
fn t_seidel() {
    for n in 0..4 {
        for q in 0..4 {
            check!(seidel(&X, #n, #q));
        }
    }
}
#[test]
fn t_one_row() {
    for n in 1..7 {
        check!(one_row(&X[..n].to_vec(), &Y[..n].to_vec(), 0.4));
    }
}
#[test]
fn t_knapsack() {
    for c in 0..7 {
        check!(knapsack(&X, #c));
    }
}
