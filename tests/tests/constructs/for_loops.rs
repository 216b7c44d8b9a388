//! `for` over ranges, slices and the iterators of numerical code.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn exclusive(x: &[f64]) -> f64 {
    let mut s = 1.0;
    for i in 0..x.len() {
        s = s * x[i] + x[i];
    }
    s
}

#[autodiff]
fn inclusive(x: f64, n: usize) -> f64 {
    let mut p = 1.0;
    for i in 1..=n {
        p *= x / i as f64 + 1.0;
    }
    p
}

#[autodiff]
fn reversed(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in (0..x.len()).rev() {
        s = s * 0.5 + x[i] * s + x[i];
    }
    s
}

#[autodiff]
fn reversed_inclusive(x: f64, n: usize) -> f64 {
    let mut s = 1.0;
    for i in (1..=n).rev() {
        s = s * x + i as f64;
    }
    s
}

#[autodiff]
fn stepped(x: &[f64]) -> f64 {
    let mut p = 1.0;
    for i in (0..x.len()).step_by(2) {
        p *= x[i] + p;
    }
    for i in (1..x.len()).step_by(3) {
        p += p * x[i];
    }
    p
}

#[autodiff]
fn stepped_reversed(x: &[f64]) -> f64 {
    let mut p = 1.0;
    for i in (0..x.len()).rev().step_by(2) {
        p = p * x[i] + x[0];
    }
    for i in (0..x.len()).step_by(2).rev() {
        p = p * x[i] - x[1];
    }
    p
}

#[autodiff]
fn by_reference(x: &[f64]) -> f64 {
    let mut p = 1.0;
    for v in x {
        p *= *v + 0.5;
    }
    for &v in x {
        p += v * v * p;
    }
    p
}

#[autodiff]
fn local_by_reference(x: f64) -> f64 {
    let a = vec![x, x * x, x.sin()];
    let mut s = 0.0;
    for v in &a {
        s += v * v * s + v;
    }
    s
}

#[autodiff]
fn iter(x: &[f64]) -> f64 {
    let mut s = 1.0;
    for v in x.iter() {
        s = s * v + v.sin();
    }
    s
}

#[autodiff]
fn iter_mut(y: &mut [f64], k: f64) {
    for v in y.iter_mut() {
        *v *= k * *v;
    }
    for v in y {
        *v += k;
    }
}

#[autodiff]
fn mutable_reference(y: &mut [f64], k: f64) -> f64 {
    let mut sum = 0.0;
    for v in &mut *y {
        *v = v.sin() * k;
        sum += *v * *v;
    }
    let mut local = [k, sum];
    for v in &mut local {
        *v *= *v;
    }
    local[0] * local[1]
}

#[autodiff]
fn enumerate(x: &[f64]) -> f64 {
    let mut s = 1.0;
    for (i, v) in x.iter().enumerate() {
        s = s * v + i as f64 * v * v;
    }
    for (i, &v) in x.iter().enumerate() {
        s += v * x[x.len() - 1 - i];
    }
    s
}

#[autodiff]
fn enumerate_mut(y: &mut [f64], x: &[f64]) {
    for (i, v) in y.iter_mut().enumerate() {
        *v = *v * x[i] + i as f64;
    }
}

#[autodiff]
fn zip(x: &[f64], w: &[f64]) -> f64 {
    let mut s = 0.5;
    for (a, b) in x.iter().zip(w.iter()) {
        s += a * b * s;
    }
    for (&a, &b) in x.iter().zip(w) {
        s -= a * b * b;
    }
    s
}

#[autodiff]
fn zip_mut(y: &mut [f64], x: &[f64], a: f64) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = a * x + *y * *y;
    }
}

#[autodiff]
fn zip_enumerate(x: &[f64], w: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, (a, b)) in x.iter().zip(w).enumerate() {
        s += (i + 1) as f64 * a * b;
    }
    s * s
}

#[autodiff]
fn iter_mut_rev(y: &mut [f64]) -> f64 {
    let mut carry = 1.0;
    for v in y.iter_mut().rev() {
        carry *= *v;
        *v = carry + *v;
    }
    carry
}

#[autodiff]
fn sub_slice(x: &[f64], n: usize) -> f64 {
    let mut s = 1.0;
    for v in &x[1..n] {
        s *= v;
    }
    for v in x[n..].iter() {
        s += v * s;
    }
    s
}

#[autodiff]
fn zero_trip(x: f64, n: usize) -> f64 {
    let mut y = x;
    for i in n..n {
        y *= i as f64;
    }
    for i in 5..n {
        y += x * i as f64;
    }
    for _ in 0..0 {
        y = y.sin();
    }
    y * x
}

#[autodiff]
fn signed_counter(x: f64, n: i32) -> f64 {
    let mut s = 0.0;
    for i in -n..=n {
        s += x.powi(i.abs()) * i as f64 + x * s;
    }
    for i in (-n..0).rev() {
        s = s * 0.5 + x * f64::from(i);
    }
    s
}

#[autodiff]
fn unsigned_long_counter(x: f64, n: u64) -> f64 {
    let mut s = 1.0;
    for i in 1..n {
        s = s * x / i as f64 + (i * i) as f64;
    }
    s
}

#[autodiff]
fn nested(m: &[f64], n: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..n {
        let mut row = 1.0;
        for j in i..n {
            row *= m[i * n + j];
            for k in 0..=j - i {
                row += m[k] * 0.1;
            }
        }
        total += row * row;
    }
    total
}

#[autodiff]
fn triangular(x: &[f64], l: &[f64], out: &mut [f64]) {
    let mut at = 0;
    for i in 0..x.len() {
        out[i] = x[i];
        for j in 0..i {
            out[i] += l[at] * out[j];
            at += 1;
        }
    }
}

#[autodiff]
fn counter_shadows(x: f64) -> f64 {
    let i = x;
    let mut s = i;
    for i in 0..3 {
        let x = x * i as f64;
        s += x * s;
        for i in 0..i {
            s += x / (i + 1) as f64;
        }
    }
    s * i
}

#[autodiff]
fn bounds_change(x: f64, n: usize) -> f64 {
    let mut m = n;
    let mut s = 0.0;
    for i in 0..m {
        m += 1;
        s += x * m as f64 * (i + 1) as f64;
        s *= x;
    }
    s + m as f64
}

#[autodiff]
fn powers(x: f64, n: usize) -> f64 {
    let mut terms = vec![0.0; n];
    let mut p = 1.0;
    for term in terms.iter_mut() {
        *term = p;
        p *= x;
    }
    let mut s = 0.0;
    for t in terms.iter() {
        s += t * t;
    }
    s
}

#[autodiff]
fn iter_reversed(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x.iter().rev() {
        s = s * 0.7 + v * v + s * v;
    }
    s
}

#[autodiff]
fn reversed_enumerate(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, v) in x.iter().rev().enumerate() {
        s = s * v + i as f64 + x[i];
    }
    s
}

#[autodiff]
fn enumerate_reversed(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, v) in x.iter().enumerate().rev() {
        s = s * v + i as f64;
    }
    s
}

#[test]
fn ranges() {
    check!(exclusive(&[0.7, -1.2, 0.4]));
    check!(exclusive(&[0.7; 1]));
    for n in 0..5 {
        check!(inclusive(0.7, #n));
        check!(reversed_inclusive(0.7, #n));
        check!(zero_trip(0.7, #n));
        check!(bounds_change(0.7, #n));
        check!(powers(0.7, #n));
        check!(signed_counter(0.7, #n as i32));
        check!(unsigned_long_counter(0.7, #n as u64));
    }
    check!(reversed(&[0.7, -1.2, 0.4]));
    check!(stepped(&[0.7, -1.2, 0.4, 0.9, 1.1]));
    check!(stepped_reversed(&[0.7, -1.2, 0.4, 0.9]));
    check!(nested(&[0.7, -1.2, 0.4, 0.9, 1.1, -0.3, 0.2, 0.8, 0.6], #3));
    check!(counter_shadows(0.7));
}

#[test]
fn slices() {
    let x = [0.7, -1.2, 0.4, 0.9, 1.1];
    check!(by_reference(&x));
    check!(local_by_reference(0.7));
    check!(iter(&x));
    check!(iter(&vec![0.7, 0.3]));
    check!(iter_mut(&mut x.clone(), 1.3) -> ());
    check!(mutable_reference(&mut x.clone(), 1.3));
    check!(enumerate(&x));
    check!(enumerate_mut(&mut [0.1, 0.2, 0.3, 0.4, 0.5], &x) -> ());
    check!(zip(&x, &[0.1, 0.2, 0.3, 0.4, 0.5]));
    check!(zip(&x, &[0.1, 0.2, 0.3]));
    check!(zip_mut(&mut [0.1, 0.2, 0.3, 0.4, 0.5], &x, 1.3) -> ());
    check!(zip_mut(&mut [0.1, 0.2], &x, 1.3) -> ());
    check!(zip_enumerate(&x, &[0.1, 0.2, 0.3]));
    check!(iter_mut_rev(&mut x.clone()));
    check!(sub_slice(&x, #3));
    check!(triangular(&[0.7, -1.2, 0.4], &[0.3, 0.1, 0.9], &mut [0.0; 3]) -> ());
    check!(iter_reversed(&x));
    check!(reversed_enumerate(&x));
    check!(enumerate_reversed(&x));
}
