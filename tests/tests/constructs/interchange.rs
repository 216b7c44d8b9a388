//! Nested loops whose reverse may run the other way round, and those that must not.
use ad_runtime::autodiff;
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn product(a: &[f64], b: &[f64], c: &mut [f64], k: usize, n: usize) {
    for i in 0..a.len() / k {
        for j in 0..n {
            let mut sum = 0.0;
            for l in 0..k {
                sum += a[i * k + l] * b[l * n + j];
            }
            c[i * n + j] = sum;
        }
    }
}

/// The length of the inner loop is asked for in each trip of the outer one.
#[autodiff]
fn by_length(a: &[f64], b: &[f64], c: &mut [f64]) {
    let n = c.len();
    for j in 0..n {
        let mut sum = 0.0;
        for l in 0..a.len() {
            sum += a[l] * b[l * n + j];
        }
        c[j] = sum * 2.0;
    }
}

/// Scaled on the way out, added to what is there, backwards.
#[autodiff]
fn scaled(a: &[f64], b: &[f64], s: &[f64], c: &mut [f64], k: usize, n: usize) {
    for i in 0..a.len() / k {
        for j in (0..n).rev() {
            let mut sum = 0.1;
            for l in (0..k).rev() {
                sum += a[i * k + l] * b[l * n + j] * s[l];
            }
            c[i * n + j] += sum * sum * s[0];
        }
    }
}

/// The inner loop is as long as the outer one says.
#[autodiff]
fn triangle(a: &[f64], b: &[f64], c: &mut [f64], n: usize) {
    for i in 0..n {
        for j in 0..n {
            let mut sum = 0.0;
            for l in 0..j {
                sum += a[i * n + l] * b[l * n + j];
            }
            c[i * n + j] = sum;
        }
    }
}

/// Two trips write one element.
#[autodiff]
fn shared(a: &[f64], b: &[f64], c: &mut [f64], n: usize) {
    for j in 0..n {
        let mut sum = 0.0;
        for l in 0..n {
            sum += a[l] * b[l * n + j];
        }
        c[j / 2] = sum;
    }
}

/// In place: what one trip writes the next one reads.
#[autodiff]
fn in_place(b: &mut [f64], n: usize) {
    for j in 1..n {
        let mut sum = 0.0;
        for l in 0..n {
            sum += 0.5 * b[l * n + j - 1];
        }
        b[j] = sum * b[j];
    }
}

/// What a trip adds to, a later one reads: `a` gives and takes.
#[autodiff]
fn gives_and_takes(a: &mut [f64], b: &[f64], n: usize) {
    for j in 0..n {
        let mut sum = 0.0;
        for l in 0..n {
            sum += a[l] * b[l * n + j];
        }
        a[j] = sum;
    }
}

/// The same without anything to save: the adjoint alone goes from trip to trip.
#[autodiff(Forward, Const, Duplicated, Const, Const)]
#[autodiff(Reverse, Const, Duplicated, Const, Const)]
fn mixed(v: &mut [f64], w: &[f64], n: usize) {
    for j in 0..n {
        let mut sum = 0.0;
        for l in 0..n {
            sum += w[l * n + j] * v[l];
        }
        v[j] += sum;
    }
}

/// Each trip looks at the element of the next one.
#[autodiff]
fn next_one(a: &[f64], b: &[f64], c: &mut [f64], n: usize) {
    for j in 1..n {
        let mut sum = c[j - 1];
        for l in 0..n {
            sum += a[l] * b[l * n + j];
        }
        c[j] = sum;
    }
}

/// The adjoint goes on to the next trip.
#[autodiff]
fn chained(a: &[f64], b: &[f64], n: usize) -> f64 {
    let mut x = 1.0;
    for j in 0..n {
        let mut sum = 0.0;
        for l in 0..n {
            sum += a[l] * b[l * n + j];
        }
        x = 0.5 * x * sum + sum;
    }
    x
}

/// Columns of what is made on the way, with a function in the inner loop.
#[autodiff]
fn columns(b: &[f64], n: usize) -> f64 {
    let mut total = 0.0;
    for j in 0..n {
        let mut sum = 0.0;
        for l in 0..n {
            sum += (b[l * n + j] * b[j]).sin();
        }
        total += sum * sum;
    }
    total
}

/// Without trips of the outer loop there are no bounds of the inner one.
#[autodiff]
fn one_less(a: &[f64], b: &[f64], c: &mut [f64], n: usize) {
    for j in 0..n {
        let mut sum = 0.0;
        for l in 0..n - 1 {
            sum += a[l] * b[l * n + j];
        }
        c[j] = sum;
    }
}

const A: [f64; 9] = [0.7, -0.4, 0.5, 1.1, 0.2, 0.9, -0.6, 0.3, 0.8];
const B: [f64; 9] = [0.2, 0.6, -0.5, 0.4, -0.9, 0.3, 0.1, 0.7, -0.2];

#[test]
fn products() {
    for (k, n) in [(1, 3), (3, 3), (3, 1), (3, 2)] {
        check!(product(&A, &B, &mut vec![0.3; 9 / k * n], #k, #n) -> ());
        check!(scaled(&A, &B, &[0.5, 1.5, -0.7], &mut vec![0.3; 9 / k * n], #k, #n) -> ());
    }
    check!(product(&A, &B, &mut [0.3; 9], #3, #0) -> ());
    for n in 0..4 {
        check!(one_less(&A, &B, &mut [0.3; 3], #n) -> ());
        check!(triangle(&A, &B, &mut [0.3; 9], #n) -> ());
        check!(shared(&A, &B, &mut [0.3; 3], #n) -> ());
        check!(chained(&A, &B, #n));
        check!(columns(&B, #n));
    }
    for n in 1..4 {
        check!(by_length(&A[..3].to_vec(), &B, &mut vec![0.3; n]) -> ());
        check!(gives_and_takes(&mut A.clone(), &B, #n) -> ());
        check!(mixed(&mut A.clone(), #&B, #n) -> ());
        check!(next_one(&A, &B, &mut [0.3; 3], #n) -> ());
        check!(in_place(&mut B.clone(), #n) -> ());
    }
}
