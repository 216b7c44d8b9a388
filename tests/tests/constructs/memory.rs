//! Arrays, `Vec`, slices and slices of slices, overwritten in place.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn zeroed(x: &[f64]) -> f64 {
    let mut a = vec![0.0; x.len()];
    for i in 0..x.len() {
        a[i] = x[i] * x[i];
    }
    let mut s = 1.0;
    for i in 0..a.len() {
        s *= a[i];
    }
    s
}

#[autodiff]
fn filled(x: f64, n: usize) -> f64 {
    let mut a = vec![x * x; n];
    a[0] *= x;
    let b = [x.sin(); 3];
    let mut s = b[0] * b[2];
    for v in &a {
        s += v * v;
    }
    s
}

#[autodiff]
fn listed(x: f64, y: f64) -> f64 {
    let mut a = vec![x, y, x * y];
    a[1] += a[0] * a[2];
    a[0] * a[1] * a[2]
}

#[autodiff]
fn vec_of_vec(rows: &[Vec<f64>]) -> f64 {
    let mut s = 0.0;
    for i in 0..rows.len() {
        let mut p = 1.0;
        for j in 0..rows[i].len() {
            p *= rows[i][j] + 0.1;
        }
        s += p * p;
    }
    s
}

#[autodiff]
fn vec_of_vec_by_reference(rows: &[Vec<f64>]) -> f64 {
    let mut s = 1.0;
    for row in rows {
        for v in row {
            s = s * v + 0.5;
        }
    }
    for row in rows.iter() {
        s *= row[0];
    }
    s
}

#[autodiff]
fn vec_of_vec_mut(rows: &mut [Vec<f64>], x: f64) {
    for i in 0..rows.len() {
        for j in 0..rows[i].len() {
            rows[i][j] *= x + rows[0][0];
        }
    }
}

#[autodiff]
fn points(p: &[[f64; 3]]) -> f64 {
    let mut energy = 0.0;
    for i in 0..p.len() {
        for j in 0..i {
            let mut r = 0.0;
            for k in 0..3 {
                let d = p[i][k] - p[j][k];
                r += d * d;
            }
            energy += 1.0 / r.sqrt();
        }
    }
    energy
}

#[autodiff]
fn points_copied(p: &[[f64; 2]]) -> f64 {
    let mut s = 1.0;
    for i in 0..p.len() {
        let q = p[i];
        s = s * q[0] + q[1];
    }
    for q in p {
        s += q[0] * q[1];
    }
    for &[a, b] in p {
        s += a * b * s;
    }
    s
}

#[autodiff]
fn array_copy(x: f64) -> f64 {
    let a = [x, x * x];
    let mut b = a;
    b[0] *= 3.0 * a[1];
    let c = b;
    b[1] = 0.0;
    a[0] * b[0] + c[1] + b[1]
}

#[autodiff]
fn to_vec(x: &[f64]) -> f64 {
    let mut a = x.to_vec();
    for i in 1..a.len() {
        a[i] *= a[i - 1];
    }
    let b = a[1..].to_vec();
    a[1] = 0.0;
    b[0] * a[2] + x[1] + a[1]
}

#[autodiff]
fn clone(x: &[f64]) -> f64 {
    let a = x.to_vec();
    let mut b = a.clone();
    b[0] = a[0] * a[1];
    b[1] += b[0] * b[0];
    a[1] * b[1]
}

#[autodiff]
fn sub_slices(x: &[f64], n: usize) -> f64 {
    let head = &x[..n];
    let tail = &x[n..];
    let inner = &x[1..x.len() - 1];
    let last = &x[x.len() - 2..];
    let mut s = 0.0;
    for i in 0..head.len() {
        s += head[i] * tail[0];
    }
    for i in 0..inner.len() {
        s *= inner[i] + 1.0;
    }
    s * last[0] * last[1] + tail[tail.len() - 1]
}

#[autodiff]
fn sub_slices_mut(y: &mut [f64], n: usize) {
    let tail = &mut y[n..];
    for i in 1..tail.len() {
        tail[i] += tail[i] * tail[i - 1];
    }
    let head = &mut y[..=n];
    head[0] *= head[n];
    y[n] *= y[0];
}

#[autodiff]
fn rows(m: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..n {
        let row = &m[i * n..(i + 1) * n];
        let mut p = 1.0;
        for j in 0..n {
            p *= row[j];
        }
        s += p * row[i];
    }
    s
}

#[autodiff]
fn split(x: &[f64], n: usize) -> f64 {
    let (a, b) = x.split_at(n);
    let mut s = 0.0;
    for i in 0..a.len().min(b.len()) {
        s += a[i] * b[i] * s + a[i];
    }
    s
}

#[autodiff]
fn split_mut(y: &mut [f64], n: usize) {
    let (a, b) = y.split_at_mut(n);
    for i in 0..b.len() {
        b[i] = b[i] * a[0] + a[i % n];
        a[0] += b[i];
    }
}

#[autodiff]
fn split_local(x: &[f64]) -> f64 {
    let mut work = x.to_vec();
    let n = x.len() / 2;
    for round in 0..2 {
        let (low, high) = work.split_at_mut(n);
        for i in 0..n {
            let t = low[i] * high[i];
            high[i] = low[i] - t;
            low[i] = t + round as f64;
        }
    }
    work[0] * work[n]
}

#[autodiff]
fn in_place(a: &mut [f64]) {
    for i in 0..a.len() {
        a[i] = a[i] * a[i];
    }
    for i in 1..a.len() {
        a[i] = a[i].sin() * a[i - 1];
    }
    for i in 0..a.len() - 1 {
        a[i] = a[i + 1] / a[i];
    }
}

#[autodiff]
fn overwritten_input(a: &mut [f64], x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..a.len() {
        s += a[i] * x[i];
        a[i] = x[i].exp();
        s *= a[i];
        a[i] = 0.0;
    }
    s
}

#[autodiff]
fn cholesky(a: &mut [f64], n: usize) {
    for j in 0..n {
        for k in 0..j {
            for i in j..n {
                a[i * n + j] -= a[i * n + k] * a[j * n + k];
            }
        }
        a[j * n + j] = a[j * n + j].sqrt();
        for i in j + 1..n {
            a[i * n + j] /= a[j * n + j];
        }
    }
}

#[autodiff]
fn aliased_indices(a: &mut [f64], i: usize, j: usize) {
    a[i] += a[j] * a[i];
    a[j] *= a[i];
    a[i] = a[i] * a[j] + a[(i + j) / 2];
}

#[autodiff]
fn through_index_variable(x: &[f64], idx: &[usize]) -> f64 {
    let mut a = vec![0.0; x.len()];
    for i in 0..idx.len() {
        a[idx[i]] += x[i];
        a[idx[i]] *= a[idx[i]];
    }
    a[0] * a[1] + a[2]
}

#[autodiff]
fn scratch_in_loop(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        let mut scratch = [x[i], s, 1.0];
        for k in 1..3 {
            scratch[k] += scratch[k - 1] * x[i];
        }
        s += scratch[2];
        scratch[2] = 0.0;
    }
    s
}

#[autodiff]
fn reused_scratch(x: &[f64], n: usize) -> f64 {
    let mut scratch = vec![0.0; n];
    let mut s = 1.0;
    for i in 0..x.len() {
        for k in 0..n {
            scratch[k] = x[i] * (k + 1) as f64 * s;
        }
        for k in 1..n {
            scratch[k] *= scratch[k - 1];
        }
        s += scratch[n - 1];
    }
    s
}

#[autodiff]
fn nested_vec(x: &[f64], n: usize) -> f64 {
    let mut m = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..n {
            m[i][j] = x[i] * x[j];
        }
    }
    for i in 1..n {
        m[i][i] += m[i - 1][i - 1] * m[i][i - 1];
    }
    m[n - 1][n - 1] * m[0][n - 1]
}

#[autodiff]
fn vec_of_arrays(x: &[f64]) -> f64 {
    let mut p = vec![[0.0; 2]; x.len()];
    for i in 0..x.len() {
        p[i] = [x[i], x[i] * x[i]];
        p[i][1] += x[0];
    }
    let mut s = 0.0;
    for i in 0..p.len() {
        s += p[i][0] * p[i][1];
    }
    s
}

#[autodiff]
fn replaced_vec(x: &[f64]) -> f64 {
    let mut a = x.to_vec();
    let mut b = vec![1.0; x.len()];
    for i in 0..x.len() {
        b[i] = a[i] * a[0];
    }
    a = b;
    a[0] *= a[1];
    a[0] + x[0]
}

#[autodiff]
fn first_and_last(x: &[f64]) -> f64 {
    let n = x.len();
    if x.is_empty() {
        return 0.0;
    }
    let (first, last) = (x[0], x[n - 1]);
    first * last
}

#[autodiff]
fn reborrow(y: &mut [f64], x: f64) {
    let z = &mut *y;
    z[0] *= x;
    let w = &z[0..1];
    let t = w[0] * x;
    z[1] = t * t;
}

#[autodiff]
fn element_reference(y: &mut [f64], x: &[f64]) {
    for i in 0..y.len() {
        let cell = &mut y[i];
        let v = &x[i];
        *cell *= *v;
        *cell += *v * v;
    }
}

#[autodiff]
fn nested_array(m: &[[f64; 3]; 2]) -> f64 {
    let mut s = 0.0;
    for i in 0..2 {
        let mut p = 1.0;
        for j in 0..3 {
            p *= m[i][j];
        }
        s += p * m[1 - i][0];
    }
    s
}

#[autodiff]
fn nested_array_mut(m: &mut [[f64; 3]; 2], x: f64) {
    for i in 0..2 {
        for j in 1..3 {
            m[i][j] += m[i][j - 1] * x;
        }
    }
    m[0][0] = m[1][2] * m[0][2];
}

#[autodiff]
fn vec_reference(v: &Vec<f64>) -> f64 {
    let mut s = 0.0;
    for i in 0..v.len() {
        s += v[i] * v[i];
    }
    s * v[0]
}

#[autodiff]
fn array_rows(m: &[[f64; 2]; 2]) -> f64 {
    let first = m[0];
    let second = &m[1];
    first[0] * second[1] - first[1] * second[0]
}

#[test]
fn local() {
    let x = [0.7, -1.2, 0.4];
    check!(zeroed(&x));
    check!(filled(0.7, #3));
    check!(listed(0.7, 1.2));
    check!(array_copy(0.7));
    check!(to_vec(&x));
    check!(clone(&x));
    check!(split_local(&[0.7, -1.2, 0.4, 0.8]));
    check!(through_index_variable(&x, #&[0, 1, 1]));
    check!(scratch_in_loop(&x));
    check!(reused_scratch(&x, #3));
    check!(nested_vec(&x, #3));
    check!(vec_of_arrays(&x));
    check!(replaced_vec(&x));
}

#[test]
fn read() {
    let x = [0.7, -1.2, 0.4, 0.9];
    check!(vec_of_vec(&[vec![0.7, -1.2], vec![0.4], vec![]]));
    check!(vec_of_vec_by_reference(&[vec![0.7, -1.2], vec![0.4]]));
    check!(points(&[
        [0.7, -1.2, 0.4],
        [0.3, 0.2, 0.9],
        [1.3, 0.2, -0.9]
    ]));
    check!(points_copied(&[[0.7, -1.2], [0.3, 0.2]]));
    check!(sub_slices(&x, #2));
    check!(rows(&x, #2));
    check!(split(&x, #2));
    check!(first_and_last(&x));
    check!(nested_array(&[[0.7, -1.2, 0.4], [0.3, 0.2, 0.9]]));
    check!(vec_reference(&vec![0.7, -1.2]));
    check!(array_rows(&[[0.7, -1.2], [0.3, 0.2]]));
}

#[test]
fn written() {
    let x = [0.7, -1.2, 0.4, 0.9];
    check!(vec_of_vec_mut(&mut [vec![0.7, -1.2], vec![0.4], vec![]], 1.3) -> ());
    check!(sub_slices_mut(&mut x.clone(), #2) -> ());
    check!(split_mut(&mut x.clone(), #2) -> ());
    check!(in_place(&mut x.clone()) -> ());
    check!(overwritten_input(&mut [0.1, 0.2], &[0.3, 0.4]));
    check!(cholesky(&mut [2.0, 0.0, 0.0, 0.3, 1.5, 0.0, 0.1, 0.2, 1.1], #3) -> ());
    for i in 0..3 {
        for j in 0..3 {
            check!(aliased_indices(&mut [0.7, -1.2, 0.4], #i, #j) -> ());
        }
    }
    check!(reborrow(&mut [0.7, -1.2], 1.3) -> ());
    check!(element_reference(&mut [0.7, -1.2], &[1.3, 0.2]) -> ());
    check!(nested_array_mut(&mut [[0.7, -1.2, 0.4], [0.3, 0.2, 0.9]], 1.3) -> ());
}
