//! Vectors that swap their contents in turns.
use ad_runtime::prelude::*;
use ad_tests::check;

const X: [f64; 6] = [0.3, -0.8, 0.5, 1.1, -0.4, 0.9];
const Y: [f64; 6] = [0.7, 0.2, -0.5, 0.6, 0.4, -0.9];

#[autodiff]
fn rotation(x: &[f64], w: &[f64], n: usize, d: usize) -> f64 {
    let mut a = x[..d].to_vec();
    let mut b = w[..d].to_vec();
    let mut c = vec![0.0; d];
    let mut s = 0.0;
    for t in 0..n {
        for i in 0..d {
            let mut q = 0.1;
            for j in 0..d {
                q += 0.3 * w[(i + j) % w.len()] * b[j] * a[i];
            }
            c[i] = 0.5 * q;
        }
        std::mem::swap(&mut a, &mut b);
        std::mem::swap(&mut b, &mut c);
        if t % 2 == 1 {
            std::mem::swap(&mut a, &mut c);
            a[0] *= 0.5;
        }
        b[t % d] += 0.1 * s;
        if t == 3 {
            c.fill(0.2);
            b.copy_from_slice(&a);
        }
        for i in 0..d {
            for j in 0..d {
                s += 0.1 * a[i] * b[j] * c[(i + j) % d] * w[i];
            }
        }
        a[d - 1] = s * 0.1;
    }
    for i in 0..d {
        for j in 0..d {
            s += a[i] * b[j] * c[(i + j) % d];
        }
    }
    s
}

#[autodiff]
fn leapfrog(x: &[f64], w: &[f64], n: usize) -> f64 {
    let d = x.len();
    let mut old = x.to_vec();
    let mut cur = x.to_vec();
    let mut new = vec![0.0; d];
    let mut s = 0.0;
    for t in 0..n {
        for i in 1..d - 1 {
            let mut q = 0.0;
            for k in 0..3 {
                q += w[k] * cur[i + k - 1] * cur[i];
            }
            new[i] = 1.5 * cur[i] - 0.5 * old[i] + 0.1 * q;
        }
        new[0] = cur[1];
        new[d - 1] = 0.0;
        std::mem::swap(&mut old, &mut cur);
        std::mem::swap(&mut cur, &mut new);
        let k = t % d;
        s += cur[k] * cur[k] + old[k] * new[k];
        if s > 20.0 {
            break;
        }
        if t % 3 == 0 {
            continue;
        }
        cur[k] *= 0.5;
        for _ in 0..2 {
            std::mem::swap(&mut old, &mut new);
            old[k] += 0.1;
        }
        for _ in 0..t {
            std::mem::swap(&mut old, &mut cur);
        }
    }
    s + cur[2] * old[1]
}

#[autodiff]
fn inner_swaps(x: &[f64], w: &[f64], n: usize, m: usize) -> f64 {
    let d = 4;
    let mut a = x[..4].to_vec();
    let mut b = vec![0.2; 4];
    let mut s = 0.0;
    for t in 0..n {
        for l in 0..m {
            for i in 0..d {
                let mut q = 0.1 * w[l];
                for j in 0..d {
                    q += w[(i + j + l) % w.len()] * a[j] * a[i];
                }
                b[i] = q * 0.3;
            }
            std::mem::swap(&mut a, &mut b);
            if l == 1 {
                b[t % d] = 0.7;
                std::mem::swap(&mut b, &mut a);
            }
        }
        s += a[0] * b[1];
        a[t % d] += x[t % d];
        let mut k = 0;
        while k < t {
            for i in 0..d {
                for j in 0..d {
                    s += 0.1 * a[i] * b[j] * w[k];
                }
            }
            std::mem::swap(&mut a, &mut b);
            a[k % d] = 0.5 * s.sin();
            k += 2;
        }
    }
    for i in 0..d {
        for j in 0..d {
            s += a[i] * b[j];
        }
    }
    s
}

/// The callee writes one of a group.
#[autodiff]
fn step(cur: &[f64], new: &mut [f64], w: &[f64]) {
    let d = cur.len();
    for i in 0..d {
        let mut q = 0.0;
        for j in 0..d {
            q += w[(i + j) % w.len()] * cur[j] * cur[i];
        }
        new[i] = q * 0.3;
    }
}

#[autodiff]
fn called_group(x: &[f64], w: &[f64], n: usize) -> f64 {
    let d = x.len();
    let mut a = x.to_vec();
    let mut b = vec![0.0; d];
    let mut s = 0.0;
    for t in 0..n {
        step(&a, &mut b, w);
        std::mem::swap(&mut a, &mut b);
        for i in 0..d {
            for j in 0..d {
                s += 0.1 * a[i] * b[j] * w[j];
            }
        }
        if t == 1 {
            step(&b, &mut a, &w[..2]);
            a[0] = 0.3;
        }
        a[t % d] *= 0.5;
    }
    s * a[0]
}

/// Early returns from within, results that hold the array.
#[autodiff]
fn returns(x: &[f64], w: &[f64], n: usize, limit: f64) -> f64 {
    let d = x.len();
    let mut a = x.to_vec();
    let mut b = w.to_vec();
    let mut s = 0.0;
    for t in 0..n {
        for i in 0..d {
            for j in 0..d {
                s += 0.1 * a[i] * b[j] * w[j];
                if s > limit {
                    return s * a[i] * b[t % d];
                }
            }
            if i == 4 {
                b[0] = s;
            }
        }
        a[t % d] = 0.3 * s;
        if s < -limit {
            std::mem::swap(&mut a, &mut b);
            return a[0] * s;
        }
        std::mem::swap(&mut a, &mut b);
    }
    a[0] * b[1] * s
}

/// The reads are in loops that stop early.
#[autodiff]
fn early(x: &[f64], w: &[f64], n: usize) -> f64 {
    let d = x.len();
    let mut a = x.to_vec();
    let mut s = 0.0;
    for t in 0..n {
        let mut i = 0;
        while i < d {
            for j in 0..d {
                if j > i + t {
                    break;
                }
                s += 0.1 * a[i] * a[j] * w[j];
            }
            i += 1;
        }
        for i in 0..d {
            if a[i] > 0.6 {
                break;
            }
            a[i] += 0.2;
        }
        for i in (0..d).rev().step_by(2) {
            if i == t {
                continue;
            }
            a[i] *= 0.9;
        }
        a[t % d] = s.cos() * a[t % d];
    }
    s
}

/// Copies between arrays that are both taken back, with parts that overlap in time.
#[autodiff]
fn shifts(x: &[f64], w: &[f64], n: usize) -> f64 {
    let d = x.len();
    let mut a = x.to_vec();
    let mut b = w.to_vec();
    let mut g = [[0.1; 3]; 2];
    let mut s = 0.0;
    for t in 0..n {
        for i in 0..d {
            for j in 0..d {
                s += 0.1 * a[i] * b[j] * w[j] * g[i % 2][j % 3];
            }
        }
        a[1..4].copy_from_slice(&b[t % 3..t % 3 + 3]);
        b[t % d..].fill(0.3 * s.sin());
        b[..=t % 3].copy_from_slice(&a[2..=2 + t % 3]);
        g[t % 2].copy_from_slice(&a[..3]);
        g[0][1] *= 0.5;
        let (lo, hi) = a.split_at_mut(3);
        lo.copy_from_slice(hi);
        hi[0] = s.sin();
        for v in hi.iter_mut().rev() {
            *v = 0.9 * *v + 0.1 * s.cos();
        }
        for (p, q) in lo.iter_mut().zip(b.iter()) {
            *p -= 0.1 * q;
        }
    }
    s
}

#[test]
fn t_rotation() {
    for n in 0..7 {
        for d in 1..5 {
            check!(rotation(&X, &Y, #n, #d));
        }
    }
}
#[test]
fn t_leapfrog() {
    for n in 0..8 {
        check!(leapfrog(&X, &Y, #n));
    }
}
#[test]
fn t_inner_swaps() {
    for n in 0..5 {
        for m in 0..4 {
            check!(inner_swaps(&X, &Y, #n, #m));
        }
    }
}
#[test]
fn t_called_group() {
    for n in 0..5 {
        check!(called_group(&X, &Y, #n));
    }
}
#[test]
fn t_early() {
    for n in 0..6 {
        check!(early(&X, &Y, #n));
    }
}
#[test]
fn t_shifts() {
    for n in 0..6 {
        check!(shifts(&X, &Y, #n));
    }
}
