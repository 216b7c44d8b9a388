//! `let`, assignment and compound assignment to every kind of place.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn chain(x: f64, y: f64) -> f64 {
    let a = x * y;
    let b = a.sin() + x;
    let c: f64 = b * a - y;
    c * b
}

#[autodiff]
fn shadowing(x: f64) -> f64 {
    let x = x * x;
    let x = x.sin() + x;
    let y = {
        let x = 3.0 * x;
        x * x
    };
    x * y
}

#[autodiff]
fn late_init(x: f64, positive: bool) -> f64 {
    let scale;
    let shift: f64;
    if positive {
        scale = x.exp();
        shift = 1.0;
    } else {
        scale = 2.0 * x;
        shift = x * x;
    }
    scale * shift + scale
}

#[autodiff]
fn late_init_mut(x: f64) -> f64 {
    let mut total;
    total = x.cos();
    let first = total;
    total = total * x + first;
    total * first
}

#[autodiff]
fn op_assign_variables(x: f64, y: f64) -> f64 {
    let mut a = x;
    a += y * y;
    a -= x.sin();
    a *= y + 2.0;
    a /= x * x + 1.0;
    a %= 10.0;
    a
}

#[autodiff]
fn self_assign(x: f64) -> f64 {
    let mut a = x;
    a = a * a;
    a += a;
    a *= a;
    a -= a.sin();
    a /= a + 2.0;
    a
}

#[autodiff]
fn op_assign_elements(y: &mut [f64], x: &[f64]) {
    y[0] += x[0] * x[1];
    y[1] -= x[0].sin();
    y[2] *= x[1];
    y[0] /= x[1] + y[2] * y[2];
    y[1] = y[0] * y[1];
    y[1 + 1] *= y[2];
}

#[autodiff]
fn op_assign_tuple(x: f64, y: f64) -> f64 {
    let mut pair = (x, y);
    pair.0 *= pair.1;
    pair.1 += pair.0 * pair.0;
    pair.0 -= pair.1.sin();
    pair.1 /= x;
    pair.0 = pair.0 * pair.1;
    pair.0 + pair.1
}

#[autodiff]
fn mutable_parameter(mut x: f64, mut n: usize) -> f64 {
    while n > 0 {
        x = x * x + 0.1;
        n -= 1;
    }
    x
}

#[autodiff]
fn local_array(x: f64, y: f64) -> f64 {
    let mut a = [x, y, x * y];
    a[0] = a[1] * a[2];
    a[1] += a[0];
    a[2] *= a[1] - a[0];
    let last = a[2];
    a[2] = 0.0;
    last * a[0] + a[2]
}

#[autodiff]
fn nested_local_array(x: &[f64]) -> f64 {
    let mut m = [[0.0; 2]; 2];
    for i in 0..2 {
        for j in 0..2 {
            m[i][j] = x[2 * i + j] * x[i];
            m[j][i] += m[i][j] * m[i][j];
        }
    }
    m[0][1] -= m[1][0] * x[3];
    m[0][0] * m[1][1] - m[0][1] * m[1][0]
}

#[autodiff]
fn pattern_let(x: f64, y: f64) -> f64 {
    let (a, b) = (x * y, x + y);
    let (mut c, d) = (a.sin(), b);
    c += d * a;
    let [e, f] = [c * b, d];
    e * f
}

#[autodiff]
fn in_place_chain(x: &mut [f64]) {
    for i in 1..x.len() {
        x[i] += x[i - 1] * x[i];
        x[i - 1] = x[i] * x[i];
    }
}

#[autodiff]
fn negation_and_constants(x: f64) -> f64 {
    const HALF: f64 = 0.5;
    let a = -x;
    let b = -(a * HALF) + std::f64::consts::PI;
    let c = 2. * b - 1e-1;
    -c * -a
}

#[autodiff]
fn unused(x: f64, y: f64, z: f64) -> f64 {
    let _ignored = x * y;
    let _ = y.sin();
    let unused = z * z;
    let _ = unused;
    x * x
}

#[autodiff]
fn destructuring_tuple(x: f64, y: f64) -> f64 {
    let (mut a, mut b) = (x, y);
    for _ in 0..3 {
        (a, b) = (a * b, a + b);
    }
    (a, b) = (b, a);
    a * b.sin()
}

#[autodiff]
fn destructuring_elements(x: &mut [f64]) {
    for i in 1..x.len() {
        (x[i], x[i - 1]) = (x[i - 1] * x[i], x[i]);
    }
}

#[autodiff]
fn op_assign_nested(m: &mut [[f64; 2]; 2], s: f64) -> f64 {
    m[0][1] += s * m[0][0];
    m[1][0] *= m[0][1];
    m[1][1] -= m[1][0] / s;
    m[0][0] = m[1][1] * m[1][1];
    m[0][0] + m[1][0]
}

#[autodiff]
fn op_assign_pointers(a: &mut f64, b: &mut f64, x: f64) {
    *a += x * *b;
    *b *= *a;
    *a -= x;
    *b /= x + 2.0;
    *a = *a * *b;
}

#[test]
fn values() {
    check!(chain(0.7, -1.3));
    check!(shadowing(0.4));
    check!(late_init(0.4, #true));
    check!(late_init(0.4, #false));
    check!(late_init_mut(0.4));
    check!(op_assign_variables(0.7, 1.2));
    check!(self_assign(0.8));
    check!(op_assign_tuple(0.7, 1.1));
    check!(pattern_let(0.7, 1.1));
    check!(negation_and_constants(0.7));
    check!(unused(0.7, 0.1, 0.2));
    for n in 0..4 {
        check!(mutable_parameter(0.7, #n));
    }
    check!(destructuring_tuple(0.7, 1.1));
    check!(destructuring_elements(&mut [0.7, 1.1, -0.3]) -> ());
}

#[test]
fn places() {
    check!(op_assign_elements(&mut [0.5, 0.7, 1.1], &[0.3, 1.7]) -> ());
    check!(local_array(0.7, 1.1));
    check!(nested_local_array(&[0.7, 1.1, 0.2, -0.4]));
    check!(in_place_chain(&mut [0.7, 1.1, 0.2, -0.4]) -> ());
    check!(op_assign_nested(&mut [[0.5, 0.7], [1.1, -0.3]], 1.4));
    check!(op_assign_pointers(&mut 0.5, &mut 0.7, 1.3) -> ());
}

/// Vectors that get their first value late, and others afterwards.
#[autodiff]
fn late_vectors(x: &[f64], n: usize) -> f64 {
    let mut v;
    if n > 1 {
        v = vec![x[0]; x.len()];
    } else {
        v = x.to_vec();
    }
    let mut w;
    if n > 2 {
        w = v.clone();
        w[0] = 2.0 * v[1];
        w = vec![w[0] * w[1]; x.len()];
    } else {
        w = x.to_vec();
        v[1] = w[0];
    }
    for k in 0..n {
        let mut u;
        if k % 2 == 0 {
            u = v.clone();
            u[0] *= x[1];
        } else {
            u = vec![x[2]; 3];
        }
        for i in 1..v.len() {
            v[i] = v[i - 1] * w[i] + u[0];
            w[i] += v[i].sin() * u[1];
        }
        u = w.clone();
        w[0] = u[1] * u[2];
    }
    v = vec![v[2] * w[1], v[0]];
    v[0] * v[1] + w[0]
}

/// A first value on some paths only, and in a loop.
#[autodiff]
fn late_numbers(x: f64, n: usize) -> f64 {
    let mut a;
    let mut b = 0.5;
    if n > 0 {
        a = x * x;
        b *= a;
        a = a.sin() + b;
    } else {
        a = 2.0 * x;
    }
    for k in 0..n {
        let mut c;
        loop {
            c = a * x + k as f64;
            if c > -10.0 {
                break;
            }
        }
        c *= x;
        a = c.sin();
    }
    a * b
}

#[test]
fn late_first_values() {
    for n in 0..4 {
        check!(late_vectors(&[0.7, -0.4, 0.9], #n));
        check!(late_numbers(0.8, #n));
    }
}

/// Tuples that are taken apart at once: vectors, numbers that change, references, names that
/// are used on the right.
#[autodiff]
fn one_by_one(x0: &[f64], y: &mut [f64], steps: usize) -> f64 {
    let (mut x, v, mut sum) = (x0.to_vec(), vec![0.5; x0.len()], x0[0] * x0[1]);
    let (half, all) = (&x0[..1], x0);
    let (first, rest) = (&mut y[0], 2.0);
    let (a, b) = (sum * rest, half[0]);
    let (b, a): (f64, f64) = (a, b + all[1]);
    *first *= b;
    for i in 0..steps {
        let (old, (p, q)) = (sum, (x[0], a));
        sum += x[i % 2] * v[1] * old + p * q;
        x[i % 2] -= sum * b;
    }
    sum * x[0] + a
}

#[test]
fn tuples_are_taken_apart() {
    for steps in [0, 1, 3] {
        check!(one_by_one(&[0.4, -0.7], &mut [0.9, 0.3], #steps));
    }
}
