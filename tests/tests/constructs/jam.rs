//! Sums of several rows at once, and rows that need each other.
use ad_runtime::prelude::*;
use ad_tests::check;

/// `n` numbers, none like the other.
fn numbers(n: usize, start: f64) -> Vec<f64> {
    (0..n)
        .map(|i| ((i as f64 + start) * 0.7).sin() * 0.8)
        .collect()
}

#[autodiff]
fn dense(w: &[f64], bias: &[f64], input: &[f64], out: &mut [f64]) -> f64 {
    let width = input.len();
    for o in 0..out.len() {
        let mut sum = bias[o];
        for i in 0..width {
            sum += w[o * width + i] * input[i];
        }
        out[o] = sum.tanh();
    }
    width as f64
}

#[autodiff]
fn onto(w: &[f64], input: &[f64], out: &mut [f64]) -> f64 {
    let mut total = 0.5;
    for o in 0..out.len() {
        let scale = out[o] * out[o];
        let mut sum = 0.1;
        let mut square = scale;
        for i in 0..input.len() {
            let term = w[o * input.len() + i] * input[i];
            sum += term;
            square -= term * term * out[o];
        }
        out[o] += sum * scale;
        total += sum * square;
        total -= out[o];
    }
    total * 0.5
}

#[test]
fn rows_of_any_number() {
    for rows in 0..10 {
        for width in [0, 1, 3, 9] {
            let w = numbers(rows * width, 0.3);
            let (bias, input) = (numbers(rows, 5.0), numbers(width, 9.0));
            let out = numbers(rows, 2.0);
            check!(dense(
                &w.clone(),
                &bias.clone(),
                &input.clone(),
                &mut out.clone()
            ));
            check!(onto(&w.clone(), &input.clone(), &mut out.clone()));
        }
    }
}

#[autodiff]
fn product(a: &[f64], b: &[f64], n: usize) -> f64 {
    let mut c = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..n {
            let mut sum = 0.0;
            for l in 0..n {
                sum += a[i * n + l] * b[l * n + j];
            }
            c[i * n + j] = sum;
        }
    }
    let mut trace = 0.0;
    for i in 0..n {
        for j in 0..n {
            trace += c[i * n + j] * c[j * n + i];
        }
    }
    trace
}

#[autodiff]
fn in_rows(w: &[f64], x: &[f64], n: usize) -> f64 {
    let mut y = vec![0.0; n];
    for o in 0..n {
        let row = &w[o * x.len()..(o + 1) * x.len()];
        let mut sum = 0.0;
        for (a, b) in row.iter().zip(x) {
            sum += a * b;
        }
        y[o] = sum;
    }
    let mut total = 0.0;
    for (o, y) in y.iter().enumerate() {
        total += y * y * (o as f64 + 1.0);
    }
    total
}

#[autodiff]
fn distances(x: &[f64], y: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        let mut near = 1.0;
        for j in 0..y.len() {
            let d = x[i] - y[j];
            near += d * d / (1.0 + d * d);
        }
        total += near.sqrt();
    }
    total
}

#[test]
fn products_and_distances() {
    for n in [1, 2, 4, 5, 9] {
        check!(product(&numbers(n * n, 0.1), &numbers(n * n, 7.0), #n));
        check!(in_rows(&numbers(n * 3, 0.1), &numbers(3, 7.0), #n));
        check!(distances(&numbers(n, 0.1), &numbers(9, 7.0)));
    }
}

#[autodiff]
fn in_place(w: &[f64], x: &mut [f64]) -> f64 {
    let n = x.len();
    for o in 0..n {
        let mut sum = 0.0;
        for i in 0..n {
            sum += w[o * n + i] * x[i];
        }
        x[o] = sum;
    }
    w.len() as f64
}

#[autodiff]
fn from_the_one_before(w: &[f64], x: &mut [f64]) -> f64 {
    let n = x.len() - 1;
    for o in 0..n {
        let mut sum = x[o];
        for i in 0..n {
            sum += w[o * n + i] * w[i];
        }
        x[o + 1] = sum * x[o + 1];
    }
    w.len() as f64
}

#[autodiff]
fn triangle(w: &[f64], x: &[f64], out: &mut [f64]) -> f64 {
    let n = x.len();
    for o in 0..n {
        let mut sum = 0.0;
        for i in o..n {
            sum += w[o * n + i] * x[i];
        }
        out[o] = sum;
    }
    w.len() as f64
}

#[autodiff]
fn packed(w: &[f64], x: &[f64], n: usize) -> f64 {
    let mut at = 0;
    let mut total = 0.0;
    for _ in 0..n {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += w[at] * x[i];
            at += 1;
        }
        total += sum * sum;
    }
    total
}

#[autodiff]
fn running(w: &[f64], x: &[f64], n: usize) -> f64 {
    let mut total = 0.1;
    for o in 0..n {
        let mut sum = total;
        for i in 0..x.len() {
            sum += w[o * x.len() + i] * x[i];
        }
        total += sum * sum;
    }
    total
}

#[autodiff]
fn all_to_one(w: &[f64], x: &[f64], out: &mut [f64], n: usize) -> f64 {
    for o in 0..n {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += w[o * x.len() + i] * x[i];
        }
        out[o / 2] = sum * out[0];
    }
    w.len() as f64
}

#[test]
fn rows_that_need_each_other() {
    for n in [1, 4, 6] {
        let (w, x) = (numbers(n * n, 0.2), numbers(n, 3.0));
        check!(in_place(&w.clone(), &mut x.clone()));
        check!(from_the_one_before(&w.clone(), &mut numbers(n + 1, 4.0)));
        check!(triangle(&w.clone(), &x.clone(), &mut numbers(n, 1.0)));
        check!(packed(&w.clone(), &x.clone(), #n));
        check!(running(&w.clone(), &x.clone(), #n));
        check!(all_to_one(&w.clone(), &x.clone(), &mut numbers(n, 1.0), #n));
    }
}

#[autodiff]
fn single(w: &[f32], x: &[f32], n: usize) -> f32 {
    let mut y = vec![0.0_f32; n];
    for o in 0..n {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += w[o * x.len() + i] * x[i];
        }
        y[o] = sum.exp();
    }
    let mut total = 0.0;
    for o in 0..n {
        total += y[o];
    }
    total
}

#[test]
fn in_single_precision() {
    let w: Vec<f32> = numbers(15, 0.4).iter().map(|x| *x as f32).collect();
    check!(single(&w.clone(), &[0.3_f32, -0.5, 0.25], #5));
}

#[autodiff]
fn whole(x: f64) -> f64 {
    x * x
}

#[autodiff]
fn with_a_name_of_ours(w: &[f64], x: &[f64], n: usize) -> f64 {
    let mut total = 0.0;
    for o in 0..n {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += w[o * x.len() + i] * x[i];
        }
        total += sum * sum;
    }
    whole(total)
}

#[test]
fn names() {
    check!(with_a_name_of_ours(&numbers(15, 0.4), &[0.3, -0.5, 0.25], #5));
}
