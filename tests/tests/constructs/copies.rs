//! Arrays of the caller of which many elements are read, before or after they are written.
use ad_runtime::prelude::*;
use ad_tests::check;

const X: [f64; 6] = [0.3, -0.8, 0.5, 1.1, -0.4, 0.9];

/// All of the state is read for each unit, and written over at the end.
#[autodiff]
fn cell(w: &[f64], h: &mut [f64], next: &mut [f64], x: f64) -> f64 {
    let n = h.len();
    let mut sum = 0.0;
    for i in 0..n {
        let mut s = x;
        for j in 0..n {
            s += w[(i + 2 * j) % w.len()] * h[j] * h[i];
        }
        next[i] = s.tanh() + 0.1 * next[i];
    }
    h.copy_from_slice(next);
    for i in 0..n {
        for j in 0..n {
            sum += 0.1 * (h[i] * h[j]).sin();
        }
    }
    sum
}

#[autodiff]
fn unrolled(w: &[f64], start: &[f64], steps: usize) -> f64 {
    let mut h = start.to_vec();
    let mut next = vec![0.2; h.len()];
    let mut sum = 0.0;
    for t in 0..steps {
        sum += cell(w, &mut h, &mut next, 0.1 * t as f64);
        h[t % 3] *= sum;
        if t == 1 {
            next[0] = h[1];
        }
    }
    sum + cell(w, &mut h[1..], &mut next[1..], sum)
}

/// Read before and after, between writes, and in a loop that writes.
#[autodiff]
fn in_between(h: &mut [f64], k: &mut Vec<f64>, n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        for j in 0..n {
            sum += 0.2 * (h[j] * k[i]).cos();
        }
    }
    for t in 0..2 {
        for i in 0..n {
            for j in 0..n {
                sum += 0.1 * h[i] * h[j] * k[j];
            }
        }
        h[t] = sum.sin();
    }
    k[0] = 0.5 * sum;
    for i in 0..n {
        for j in 0..n {
            sum += 0.1 * (h[j] * k[i]).cos() * h[0];
        }
    }
    let row = &mut h[1..];
    row[0] *= k[1];
    sum
}

#[autodiff]
fn in_turn(x: &[f64], y: &[f64], n: usize) -> f64 {
    let mut h = x.to_vec();
    let mut k = y.to_vec();
    let mut sum = 0.0;
    for _ in 0..2 {
        sum += in_between(&mut h, &mut k, n);
        h[1] = sum * k[2];
        k.swap(0, 2);
    }
    sum * h[0] * k[1]
}

/// Of fixed length, of pairs, and of single precision.
#[autodiff]
fn shapes(a: &mut [f64; 3], p: &mut [[f64; 2]], s: &mut [f32]) -> f64 {
    let mut sum = 0.0;
    for i in 0..3 {
        let mut t = 0.1;
        for j in 0..3 {
            t += a[j] * p[j][1] * p[i][0];
        }
        sum += t.sin();
    }
    let mut single = 0.0;
    for i in 0..3 {
        for j in 0..3 {
            single += s[i] * s[j] * s[j];
        }
    }
    for i in 0..3 {
        a[i] = sum * p[i][0];
        p[i] = [a[i], 0.5 * sum];
        s[i] *= single;
    }
    sum * single as f64
}

#[autodiff]
fn shapes_in_turn(x: &[f64; 3], s: &[f32; 3]) -> f64 {
    let mut a = *x;
    let mut p = [[x[0], x[1]], [0.3, x[2]], [0.7, 0.2]];
    let mut s = *s;
    let first = shapes(&mut a, &mut p, &mut s);
    a[0] *= p[1][0];
    p[0][0] = 0.4;
    first * shapes(&mut a, &mut p, &mut s) + a[2] * p[2][1] * s[0] as f64
}

#[test]
fn copied_once() {
    let w = [0.5, -0.3, 0.8, 0.1, 0.6, 0.4, -0.7];
    for n in 0..5 {
        let h = X[..n].to_vec();
        check!(cell(&w.clone(), &mut h.clone(), &mut X[..n].to_vec(), 0.2));
    }
    for steps in 0..4 {
        check!(unrolled(&w, &[0.3, -0.6, 0.9, 0.4], #steps));
    }
    for n in 2..5 {
        check!(in_between(&mut X.clone(), &mut X.to_vec(), #n));
        check!(in_turn(&X, &X.map(|x| 0.5 - x), #n));
    }
}

#[test]
fn copied_shapes() {
    check!(shapes(
        &mut [0.3, 0.8, -0.5],
        &mut vec![[0.3, 0.4], [0.7, 0.2], [-0.6, 0.9]],
        &mut [0.5f32, 0.25, -0.75]
    ));
    check!(shapes_in_turn(&[0.3, 0.8, -0.5], &[0.5f32, 0.25, -0.75]));
}
