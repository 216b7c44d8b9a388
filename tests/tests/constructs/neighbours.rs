//! Loops whose reverse adds to elements that lie side by side.
use ad_runtime::prelude::*;
use ad_tests::check;

const X: [f64; 9] = [0.7, -1.2, 0.4, 0.9, -0.3, 0.5, 1.1, -0.8, 0.2];

#[autodiff]
fn pairs(x: &[f64], n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        sum += x[i] * x[i + 1].sin();
    }
    sum
}

#[autodiff]
fn five(x: &[f64], n: usize) -> f64 {
    let mut y = vec![0.0; x.len()];
    for i in 2..n {
        y[i] = (x[i - 2] - 4.0 * x[i - 1] + 6.0 * x[i] * x[i] - 4.0 * x[i + 1] + x[i + 2]).tanh();
    }
    let mut sum = 0.0;
    for i in 0..y.len() {
        sum += y[i] * y[i] * (i as f64 + 1.0);
    }
    sum
}

#[autodiff]
fn with_a_gap(x: &[f64], at: usize, n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        let left = x[at + i] * x[at + i];
        sum += left * x[i + at + 2] + x[i] * x[2 * i];
    }
    sum
}

#[autodiff]
fn sometimes(x: &[f64], n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 1..n {
        let slope = x[i + 1] - x[i - 1];
        if x[i] > 0.0 {
            sum += slope * slope * x[i];
        } else {
            sum += x[i] * x[i + 1].exp();
        }
    }
    sum
}

#[test]
fn stencils_of_one_dimension() {
    for n in 0..8 {
        check!(pairs(&X, #n));
        check!(sometimes(&X, #n));
        check!(five(&X, #(n.min(7))));
    }
    for n in 0..4 {
        check!(with_a_gap(&X, #1, #n));
        check!(with_a_gap(&X, #3, #n));
    }
}

#[autodiff]
fn rows(u: &[f64], k: &[f64], nx: usize, steps: usize) -> f64 {
    let ny = u.len() / nx;
    let mut a = u.to_vec();
    let mut b = u.to_vec();
    for _ in 0..steps {
        for j in 1..ny - 1 {
            for i in 1..nx - 1 {
                let c = j * nx + i;
                let along =
                    (k[c] + k[c + 1]) * (a[c + 1] - a[c]) + (k[c] + k[c - 1]) * (a[c - 1] - a[c]);
                let across = k[c + nx] * (a[c + nx] - a[c]) + k[c - nx] * (a[c - nx] - a[c]);
                b[c] = a[c] + 0.1 * (along + across);
            }
        }
        std::mem::swap(&mut a, &mut b);
    }
    let mut sum = 0.0;
    for c in 0..a.len() {
        sum += a[c] * a[c] * (c as f64 + 1.0);
    }
    sum
}

#[test]
fn stencils_of_two_dimensions() {
    for (nx, ny) in [(3, 3), (5, 3), (3, 6), (6, 5)] {
        let u: Vec<f64> = (0..nx * ny).map(|c| (c as f64 * 0.7).sin()).collect();
        let k: Vec<f64> = (0..nx * ny).map(|c| 1.0 + (c as f64 * 0.3).cos()).collect();
        for steps in 0..3 {
            check!(rows(&u.clone(), &k.clone(), #nx, #steps));
        }
    }
}

#[autodiff]
fn both_ways(x: &[f64], w: &[f64], n: usize) -> f64 {
    let mut sum = 0.0;
    for o in 0..w.len() {
        for i in 0..n {
            sum += w[o] * x[i] * x[i + 1] * x[i + 2];
        }
        for i in (1..n).rev() {
            sum += w[o] * (x[i] - x[i - 1]).cos();
        }
    }
    sum
}

#[autodiff]
fn in_place(x: &mut [f64], n: usize) -> f64 {
    for i in 1..n {
        x[i] = 0.5 * x[i - 1] * x[i + 1] + x[i];
    }
    x[n] * x[0]
}

#[autodiff]
fn single(x: &[f32], n: usize) -> f32 {
    let mut sum = 0.0;
    for i in 0..n {
        sum += x[i] * x[i + 1];
    }
    sum
}

#[test]
fn other_loops() {
    for n in 1..7 {
        check!(both_ways(&X, &[0.3, -0.7], #n));
        check!(in_place(&mut X.to_vec(), #n));
    }
    check!(single(&[0.5_f32, 0.25, -1.5, 0.75], #3));
}
