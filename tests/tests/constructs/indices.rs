//! Indices that meet, or do not.
use ad_runtime::prelude::*;
use ad_tests::check;

const X: [f64; 8] = [0.3, -0.8, 0.5, 1.1, -0.4, 0.9, 0.2, -0.6];

#[autodiff]
fn heap_up(x: &[f64], n: usize) -> f64 {
    let mut u = vec![0.1; 2 * n + 3];
    for k in 0..2 * n + 3 {
        u[k] = x[k % x.len()];
    }
    let mut s = 0.0;
    for i in 0..n {
        let t = (u[2 * i + 1] * u[2 * i + 2] + u[i]).sin();
        u[i] = t;
        s += t * u[2 * i + 1];
    }
    for i in (0..n).rev() {
        let t = (u[2 * i + 1] * u[2 * i + 2] + u[i]).sin();
        u[i] = t * u[2 * i + 2];
        s += t * u[2 * i + 1] * u[i];
    }
    s
}

#[autodiff]
fn mirror(x: &[f64], n: usize) -> f64 {
    let mut u = vec![0.1; n + 2];
    for k in 0..n + 2 {
        u[k] = x[k % x.len()];
    }
    let mut s = 0.0;
    for i in 0..n {
        u[n - 1 - i] = (u[n - i] * u[i] * 1.3).sin() + u[n - 1 - i] * u[n - i];
        s += u[n - i] * u[n - 1 - i];
    }
    for i in (1..=n).rev() {
        u[n - i] = (u[n - i + 1] * u[i]).cos();
        s += u[n - i + 1] * u[n - i];
    }
    for i in (0..=n).rev().step_by(2) {
        u[i] = u[i + 1] * u[i + 1] + u[0];
        s += u[i] * u[i + 1];
    }
    for i in (0..n).step_by(3).rev() {
        u[i] = u[i + 1] * u[i + 2] + u[n - i];
        s += u[i] * u[i + 1];
    }
    s
}

/// Rows that overlap.
#[autodiff]
fn overlap(x: &[f64], n: usize, w: usize, m: usize) -> f64 {
    let mut u = vec![0.1; (n + 2) * (w + 2) + m + 8];
    let size = u.len();
    for k in 0..size {
        u[k] = 0.5 * x[k % x.len()];
    }
    let mut s = 0.0;
    for i in 1..n {
        for j in 0..m {
            let t = u[(i - 1) * w + j] * u[i * w + j];
            u[i * w + j] = t.sin() + x[0];
            s += t * u[(i - 1) * w + j];
        }
    }
    for i in 1..n {
        for j in 0..=w {
            let t = u[(i - 1) * w + j] * u[i * w + j];
            u[i * w + j] = t.cos() * x[1];
            s += t * u[(i - 1) * w + j];
        }
    }
    for i in (1..n).rev() {
        for j in (0..w + 1).rev() {
            let t = u[(i + 1) * w + j] * u[i * w + j];
            u[i * w + j] = t.cos() * x[1];
            s += t * u[(i + 1) * w + j];
        }
    }
    for i in 1..n {
        for j in 0..=w {
            u[i * w + j] += 0.3 * u[(i - 1) * w + j] * x[2];
            u[(i - 1) * w + j] *= 0.7;
        }
        for j in 0..w {
            u[i * w + j] += 0.3 * u[(i - 1) * w + j] * x[2];
            u[(i - 1) * w + j] *= 0.7;
            s += u[i * w + j];
        }
        for j in 0..m {
            u[i * w + j] += 0.3 * u[(i - 1) * w + j] * x[2];
            u[(i - 1) * w + j] *= 0.7;
            s += u[i * w + j] * u[(i - 1) * w + j];
        }
    }
    s + u[0] * u[size - 1]
}

/// Packed triangles.
#[autodiff]
fn packed(x: &[f64], n: usize) -> f64 {
    let mut l = vec![0.0; n * (n + 1) / 2 + 1];
    let mut s = 0.0;
    for i in 0..n {
        let ri = i * (i + 1) / 2;
        for j in 0..=i {
            let rj = j * (j + 1) / 2;
            let mut t = if i == j {
                3.0
            } else {
                0.2 * x[(i + j) % x.len()]
            };
            for k in 0..j {
                t -= l[ri + k] * l[rj + k];
            }
            if i == j {
                l[ri + j] = t.sqrt();
            } else {
                l[ri + j] = t / l[rj + j];
            }
            s += l[ri + j] * l[rj];
        }
    }
    for i in 0..n {
        for j in 0..i {
            l[i * (i + 1) / 2 + j] = (l[j * (j + 1) / 2 + j] * l[i * (i + 1) / 2 + i]).sin();
            l[j * (j + 1) / 2 + j] *= 0.9;
            s += l[i * (i + 1) / 2 + j] * l[i];
        }
    }
    s
}

/// The width depends on the loop.
#[autodiff]
fn widths(x: &[f64], n: usize) -> f64 {
    let mut u = vec![0.0; n * n * 2 + 4];
    for k in 0..u.len() {
        u[k] = x[k % x.len()];
    }
    let mut s = 0.0;
    for w in 1..n {
        for i in 1..n {
            for j in 0..w {
                let t = u[(i - 1) * w + j] * u[i * w + j] * x[0];
                u[i * w + j] = t.sin();
                s += t * u[(i - 1) * w + j];
            }
        }
    }
    for i in 1..n {
        for w in 1..n {
            for j in 0..w {
                let t = u[(i - 1) * w + j] * u[i * w + j] + x[1];
                u[i * w + j] = t.sin();
                s += t * u[(i - 1) * w + j];
            }
        }
    }
    s
}

#[autodiff]
fn in_while(x: &[f64], n: usize) -> f64 {
    let mut u = x.to_vec();
    let m = u.len();
    let mut s = 0.0;
    let mut k = 1;
    while k < n {
        for i in k..m {
            u[i] = (u[i - k] * u[i] + x[i]).sin();
            s += u[i - k] * u[i];
        }
        for i in (k..m).rev() {
            u[i] = (u[i - k] * u[i] + x[i]).sin();
            s += u[i - k] * u[i];
        }
        for i in (k..m).step_by(k) {
            u[i] += u[i - 1] * u[i - k] * 0.5;
            s += u[i] * u[i - 1];
        }
        k *= 2;
    }
    let mut p = 0;
    loop {
        if p + 1 >= m {
            break;
        }
        u[p] = u[p + 1] * u[p] + x[p] * 0.3;
        s += u[p] * u[p + 1];
        p += 1;
        if s > 100.0 {
            continue;
        }
        u[p] *= u[p - 1];
        s += u[p];
    }
    s
}

/// Integers as cells.
#[autodiff]
fn cells(x: &[f64], n: usize) -> f64 {
    let mut st = vec![0.0; n + 3];
    let mut top = 0;
    let mut s = 0.0;
    for i in 0..n {
        st[top] = x[i % x.len()] * (1.0 + s);
        top += 1;
        if i % 3 == 2 {
            let a = st[top - 1];
            let b = st[top - 2];
            top -= 1;
            st[top - 1] = (a * b).sin();
            s += st[top - 1] * a;
        }
    }
    while top > 1 {
        let a = st[top - 1];
        top -= 1;
        st[top - 1] = st[top - 1] * a + s;
        s += 0.1 * st[top - 1] * a;
    }
    s
}

/// Index arrays that are written.
#[autodiff]
fn through(x: &[f64], n: usize) -> f64 {
    let mut start = vec![0usize; n + 1];
    let mut u = vec![0.4; 3 * n + 3];
    let mut s = 0.0;
    for i in 0..n {
        start[i + 1] = start[i] + 1 + i % 3;
        for k in start[i]..start[i + 1] {
            u[k] = x[k % x.len()] * (1.0 + 0.1 * s);
            s += u[k] * u[start[i]];
        }
    }
    for i in 1..n {
        for k in start[i]..start[i + 1] {
            u[k] = (u[k] * u[start[i - 1]] + u[start[i]]).sin();
            s += u[k] * u[start[i]];
        }
        start[i] = start[i - 1];
    }
    let mut perm = vec![0usize; n];
    for i in 0..n {
        perm[i] = (i * 5 + 2) % n;
    }
    for i in 0..n {
        let p = perm[i];
        let t = u[p] * u[perm[p]];
        u[perm[i]] = t.sin() + 0.2 * t * t;
        s += t * u[p];
        perm.swap(i, 0);
    }
    s
}

/// Arrays of arrays.
#[autodiff]
fn grids(x: &[f64; 8], n: usize) -> f64 {
    let mut g = [[0.2; 4]; 5];
    let mut v = vec![[0.1; 3]; n + 1];
    let mut s = 0.0;
    for i in 1..5 {
        for j in 1..4 {
            g[i][j] = (g[i - 1][j] * g[i][j - 1] + x[i + j - 1]).sin();
            s += g[i][j] * g[i - 1][j - 1];
        }
        for j in (0..3).rev() {
            g[i][j] = g[i][j + 1] * g[i - 1][j + 1] + g[i][j];
            s += g[i][j] * g[i][j + 1];
        }
    }
    for i in 0..n {
        for k in 0..3 {
            v[i + 1][k] = v[i][k] * x[k] + v[i][(k + 1) % 3];
        }
        for k in 0..2 {
            v[i][k] = v[i + 1][k] * v[i][k + 1];
            s += v[i][k];
        }
        s += v[i + 1][0] * v[i][2];
    }
    for i in 0..n {
        let row = v[i];
        v[i + 1] = [row[1] * row[0], row[2] + x[i], row[0] * 0.5];
        s += v[i + 1][1] * row[1];
    }
    s + g[4][3]
}

#[autodiff]
fn lists(x: &[f64], n: usize) -> f64 {
    let mut t = vec![vec![0.0; n + 1]; n + 1];
    let mut s = 0.0;
    for i in 0..=n {
        t[i][0] = x[i % x.len()];
        for j in 1..=i {
            t[i][j] = t[i][j - 1] + (t[i][j - 1] - t[i - 1][j - 1]) * 0.3 * t[i - 1][j - 1];
        }
        s += t[i][i] * t[i][0];
    }
    for i in (0..n).rev() {
        for j in 0..n {
            let v = t[i + 1][j + 1] * t[i][j];
            t[i][j] = v.sin() + t[i + 1][j];
            s += v * t[i][j];
        }
    }
    for j in 0..n {
        for i in 0..n {
            t[i][j] = t[i][j + 1] * t[i + 1][j];
            s += t[i][j] * t[i][j + 1];
        }
    }
    s
}

/// Views.
#[autodiff]
fn viewed(x: &[f64], n: usize, m: usize) -> f64 {
    let mut a = vec![0.0; (n + 1) * m + 2];
    for k in 0..a.len() {
        a[k] = x[k % x.len()] * 0.7;
    }
    let mut s = 0.0;
    for i in 0..n {
        let part = &mut a[i * m..];
        for j in 0..m {
            part[j] = (part[j + m] * part[j]).sin() + 0.2;
            s += part[j] * part[j + 1];
        }
    }
    for i in 0..n {
        let (lo, hi) = a.split_at_mut((i + 1) * m);
        let row = &mut lo[i * m..];
        for j in 0..m {
            let t = row[j] * hi[j];
            hi[j] = t.cos() * hi[j];
            row[j] += 0.2 * t;
            s += row[j] * hi[0];
        }
    }
    for i in 0..n {
        let win = &mut a[i..i + m];
        for j in 1..m {
            win[j] = win[j - 1] * win[j] + 0.1;
        }
        s += win[m - 1] * win[0];
    }
    s
}

#[autodiff]
fn singles(x: &[f32], n: usize) -> f32 {
    let mut u = vec![0.1f32; n * n + 1];
    let mut s = 0.0f32;
    for i in 0..n {
        for j in 0..n {
            u[i * n + j] = x[(i + j) % x.len()];
            if i > 0 {
                u[i * n + j] += u[(i - 1) * n + j] * u[(i - 1) * n + (j + 1) % n];
            }
            if j > 0 {
                u[i * n + j] *= u[i * n + j - 1];
            }
            s += u[i * n + j] * u[j];
        }
    }
    s
}

/// Both factors are loops, and a square.
#[autodiff]
fn factors(x: &[f64], n: usize) -> f64 {
    let mut u = vec![0.0; n * n * n + 2 * n + 2];
    for k in 0..u.len() {
        u[k] = x[k % x.len()];
    }
    let mut s = 0.0;
    for i in 0..n {
        for j in 0..n {
            let t = u[i * j] * u[i * j + 1];
            u[i * j] = t.sin() + 0.1;
            s += t * u[i * j + 1];
            u[i * i + j] = 0.5 * t + u[j * j + i] * 0.2;
            s += u[i * i + j] * t;
        }
    }
    for i in 1..n {
        for j in 0..n {
            for k in 0..n {
                let q = (i * n + j) * n + k;
                let t = u[q - n * n] * u[q];
                u[q] = t.sin();
                s += t * u[q - n * n];
                let r = i * n * n + j * n + k;
                u[r] += 0.1 * u[r - n] * u[r - 1];
                s += u[r] * u[r - n];
            }
        }
    }
    s
}

/// Zero trips, ranges between.
#[autodiff]
fn bands(x: &[f64], n: usize, b: usize) -> f64 {
    let mut u = vec![0.3; n * n + 1];
    for k in 0..n * n {
        u[k] = x[k % x.len()] * 0.5;
    }
    let mut s = 0.0;
    for i in 0..n {
        let lo = i.saturating_sub(b);
        let hi = (i + b + 1).min(n);
        for j in lo..hi {
            for k in lo..j {
                u[i * n + j] -= 0.2 * u[i * n + k] * u[k * n + j];
            }
            u[i * n + j] *= u[j * n + i];
            s += u[i * n + j] * u[i * n + lo];
        }
        for j in (lo..i).rev() {
            for k in j + 1..i {
                u[j * n + i] += 0.2 * u[j * n + k] * u[k * n + i];
            }
            u[j * n + i] /= 2.0 + u[j * n + j] * u[j * n + j];
        }
        for j in i..hi {
            s += u[j * n + i] * u[j * n + lo];
        }
    }
    s
}

#[test]
fn t_heap() {
    for n in 0..6 {
        check!(heap_up(&X, #n));
    }
}
#[test]
fn t_mirror() {
    for n in 0..7 {
        check!(mirror(&X, #n));
    }
}
#[test]
fn t_overlap() {
    for n in 0..5 {
        for w in 0..4 {
            for m in 0..5 {
                check!(overlap(&X, #n, #w, #m));
            }
        }
    }
}
#[test]
fn t_packed() {
    for n in 0..5 {
        check!(packed(&X, #n));
    }
}
#[test]
fn t_widths() {
    for n in 0..5 {
        check!(widths(&X, #n));
    }
}
#[test]
fn t_while() {
    for n in 0..9 {
        check!(in_while(&X, #n));
    }
}
#[test]
fn t_cells() {
    for n in 1..9 {
        check!(cells(&X, #n));
    }
}
#[test]
fn t_through() {
    for n in 0..7 {
        check!(through(&X, #n));
    }
}
#[test]
fn t_grids() {
    for n in 0..5 {
        check!(grids(&X, #n));
    }
}
#[test]
fn t_lists() {
    for n in 0..5 {
        check!(lists(&X, #n));
    }
}
#[test]
fn t_viewed() {
    for n in 0..4 {
        for m in 1..4 {
            check!(viewed(&X, #n, #m));
        }
    }
}
#[test]
fn t_singles() {
    let x: Vec<f32> = X.iter().map(|x| *x as f32).collect();
    for n in 0..4 {
        check!(singles(&x.clone(), #n));
    }
}
#[test]
fn t_factors() {
    for n in 0..4 {
        check!(factors(&X, #n));
    }
}
#[test]
fn t_bands() {
    for n in 0..5 {
        for b in 0..3 {
            check!(bands(&X, #n, #b));
        }
    }
}
