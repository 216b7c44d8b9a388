//! Assignments of which only the last counts, and those that look like it.
use ad_runtime::autodiff;
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn largest(x: &[f64]) -> f64 {
    let mut m = x[0];
    for i in 1..x.len() {
        if x[i] > m {
            m = x[i];
        }
    }
    m * m
}

/// With the place, and something else assigned beside it.
#[autodiff]
fn smallest_and_where(x: &[f64], w: &[f64]) -> f64 {
    let mut m = 10.0;
    let mut at = 0;
    let mut beside = 0.5;
    for i in (0..x.len()).rev() {
        if x[i] < m {
            m = x[i];
            at = i;
            beside = w[i] * x[i];
        }
    }
    m * w[at] + beside
}

/// What is assigned is computed in the loop.
#[autodiff]
fn farthest(x: &[f64], c: f64) -> f64 {
    let mut most = 0.0;
    for v in x.iter() {
        let d = (*v - c) * (*v - c);
        if d.sqrt() > most {
            most = d.sqrt();
        }
    }
    most.exp()
}

/// In every row, over all rows, and per row.
#[autodiff]
fn over_rows(a: &[f64], n: usize) -> f64 {
    let mut all = -10.0;
    let mut sum = 0.0;
    for i in 0..n {
        let mut row = a[i * n];
        for j in 0..n {
            if a[i * n + j] > all {
                all = a[i * n + j];
            }
            if a[i * n + j] > row {
                row = a[i * n + j];
            }
        }
        sum += row * row;
    }
    sum * all
}

/// What it held goes into what it gets.
#[autodiff]
fn creeping(x: &[f64]) -> f64 {
    let mut m = x[0];
    for i in 1..x.len() {
        if x[i] > m {
            m = 0.5 * (m + x[i]);
        }
    }
    m
}

/// What it holds is used on the way.
#[autodiff]
fn running(x: &[f64]) -> f64 {
    let mut m = x[0];
    let mut s = 0.0;
    for i in 1..x.len() {
        if x[i] > m {
            m = x[i];
        }
        s += m * x[i];
    }
    s + m
}

/// What it is taken from is written by the loop, or behind it.
#[autodiff]
fn overwritten(x: &mut [f64]) -> f64 {
    let mut m = x[0];
    let mut k = x[1];
    for i in 1..x.len() {
        if x[i] > m {
            m = x[i];
        }
        x[i] *= 0.5;
    }
    for i in 0..x.len() {
        if x[i] < k {
            k = x[i];
        }
    }
    x[0] = m * k;
    m + k
}

/// The other branch assigns too.
#[autodiff]
fn either(x: &[f64]) -> f64 {
    let mut m = x[0];
    for i in 1..x.len() {
        if x[i] > m {
            m = x[i];
        } else {
            m = m + 0.1 * x[i];
        }
    }
    m
}

#[autodiff]
fn until(x: &[f64], limit: f64) -> f64 {
    let mut m = -1.0;
    for i in (0..x.len()).step_by(2) {
        if x[i] > m {
            m = x[i];
        }
        if m > limit {
            break;
        }
    }
    m * limit
}

/// Kept from one round to the next.
#[autodiff]
fn rounds(x: &[f64], n: usize) -> f64 {
    let mut m = -3.0;
    let mut s = 0.0;
    for k in 0..n {
        for i in 0..x.len() {
            if x[i] * (k as f64) > m {
                m = x[i] * (k as f64);
            }
        }
        s += m * x[k % x.len()];
    }
    s
}

/// Of an array that changes between the rounds.
#[autodiff]
fn shrinking(x: &[f64], n: usize) -> f64 {
    let mut v = x.to_vec();
    let mut s = 0.0;
    for _ in 0..n {
        let mut m = v[0];
        for i in 1..v.len() {
            if v[i] > m {
                m = v[i];
            }
        }
        for i in 0..v.len() {
            v[i] = v[i] * 0.7 - 0.1 * m;
        }
        s += m * m;
    }
    s + v[0]
}

#[autodiff]
fn single(x: &[f32]) -> f32 {
    let mut m = x[0];
    let mut which = 0i32;
    for (i, v) in x.iter().enumerate() {
        if *v > m {
            m = *v;
            which = i as i32;
        }
    }
    m * m + which as f32
}

/// In one half of what is split.
#[autodiff]
fn of_a_half(x: &mut [f64]) -> f64 {
    let (lo, hi) = x.split_at_mut(2);
    let mut m = -1.0;
    for i in 0..2 {
        if lo[i] > m {
            m = lo[i];
        }
    }
    lo[1] += 0.2 * m.sin();
    hi[0] *= m;
    lo[0] * hi[0]
}

/// The same value however often it is found.
#[autodiff]
fn fixed(x: &[f64], y: f64) -> f64 {
    let mut m = x[0];
    for i in 0..x.len() {
        if x[i] > 0.4 {
            m = y;
        }
    }
    m * x[1]
}

const X: [f64; 4] = [0.3, -0.8, 0.9, 0.5];

/// Scores that the loop stores, and the largest of them, as in a softmax.
#[autodiff]
fn scores(x: &[f64], w: &[f64]) -> f64 {
    let n = x.len();
    let mut scores = vec![0.0; n];
    let mut sum = 0.0;
    for i in 0..n {
        let mut largest = f64::NEG_INFINITY;
        let mut low = 5.0;
        for j in 0..n {
            let mut s = 0.0;
            for c in 0..n {
                s += x[c] * w[(i + j * c) % n];
            }
            scores[j] = s;
            if scores[j] > largest {
                largest = scores[j];
            }
            if s < low {
                low = s;
            }
        }
        for j in 0..n {
            scores[j] = (scores[j] - largest).exp();
            sum += scores[j] * low;
        }
    }
    sum
}

/// Elements that are stored in some trips only, by another trip, again, or not before the end.
#[autodiff]
fn not_of_the_trip(x: &[f64], limit: f64) -> f64 {
    let n = x.len();
    let mut y = vec![0.3; n + 1];
    let mut z = vec![0.2; n + 1];
    let mut u = vec![0.1; n];
    let mut v = vec![0.4; n];
    let (mut a, mut b, mut c, mut d, mut e) = (-5.0, -5.0, -5.0, -5.0, -5.0);
    for i in 0..n {
        let t = x[i].sin() * limit;
        if t > 0.0 {
            y[i] = t;
        }
        if t > a {
            a = t;
        }
        let s = z[i] + x[i] * x[i];
        z[i] = s;
        z[i + 1] = s * 0.5;
        if s > b {
            b = s;
        }
        let r = (x[i] * limit).cos();
        u[i] = r;
        if r > c {
            c = r;
        }
        u[i] *= 0.5;
        let q = x[i].tanh();
        if q > d {
            d = q;
        }
        if a > limit {
            break;
        }
        v[i] = q;
        if v[i] > e {
            e = v[i];
        }
    }
    a + 2.0 * b * b + c * c * c + d * e + y[0] * z[1] * u[0] * v[1]
}

/// Code that is passed through changes what was stored, or what was read.
#[autodiff(Reverse, Active, Active, Const)]
#[autodiff(Forward, Duplicated, Const)]
fn turned_around(x: f64, c: &[f64]) -> f64 {
    let mut scores = c.to_vec();
    let mut w = c.to_vec();
    let (mut top, mut low) = (-10.0, 10.0);
    for j in 0..c.len() {
        let s = c[j] * 2.0;
        scores[j] = s;
        if s > top {
            top = s;
        }
        scores.reverse();
        let t = w[j];
        if t < low {
            low = t;
        }
        w.rotate_left(1);
    }
    x * x * top + scores[0] * x * low
}

#[test]
fn extremes() {
    for x in [X, [0.9, 0.8, -0.1, 0.2], [-0.4, -0.3, -0.2, -0.1]] {
        check!(largest(&x));
        check!(smallest_and_where(&x, &[0.5, 1.5, -0.3, 0.9]));
        check!(farthest(&x, 0.25));
        check!(creeping(&x));
        check!(scores(&x, &[0.5, 1.5, -0.3, 0.9]));
        for limit in [-0.2, 0.15, 0.6, 1.3] {
            check!(not_of_the_trip(&x, limit));
        }
        check!(running(&x));
        check!(overwritten(&mut x.clone()));
        check!(of_a_half(&mut x.clone()));
        check!(either(&x));
        check!(until(&x, 0.35));
        check!(fixed(&x, 1.25));
        for n in 0..4 {
            check!(rounds(&x, #n));
            check!(shrinking(&x, #n));
        }
    }
    check!(over_rows(&[0.3, 0.7, -0.4, 0.1, 0.2, 0.9, -0.5, 0.65, 0.45], #3));
    check!(turned_around(0.5, #&[0.1, 0.9, 0.3, 0.2]));
    check!(single(&[0.3f32, -0.8, 0.9, 0.5]));
}
