//! Newton's method on the Rosenbrock valley in two and four dimensions. Reverse mode gives the
//! gradient; the Hessian is the forward difference of that gradient, one pass per column.
//!
//! Run: `cargo run --release --example newton`

use ad_runtime::prelude::*;

/// A curved valley with its lowest point, zero, at (1, ..., 1).
#[autodiff(Reverse, Active, Duplicated)]
fn rosenbrock(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() - 1 {
        let across = x[i + 1] - x[i] * x[i];
        let along = 1.0 - x[i];
        sum += 100.0 * across * across + along * along;
    }
    sum
}

fn gradient(x: &[f64]) -> Vec<f64> {
    let mut dx = vec![0.0; x.len()];
    rosenbrock::reverse(x, &mut dx, 1.0);
    dx
}

fn hessian(x: &[f64]) -> Vec<Vec<f64>> {
    let base = gradient(x);
    let column = |j: usize| {
        // Balances truncation, which grows with the step, against rounding, which shrinks.
        let step = f64::EPSILON.sqrt() * x[j].abs().max(1.0);
        let mut moved = x.to_vec();
        moved[j] += step;
        gradient(&moved)
            .iter()
            .zip(&base)
            .map(|(g, b)| (g - b) / step)
            .collect()
    };
    // The matrix is symmetric, so its columns may stand as rows.
    (0..x.len()).map(column).collect()
}

/// Gauss-Jordan elimination with partial pivoting.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    for k in 0..b.len() {
        let larger = |&i: &usize, &j: &usize| a[i][k].abs().total_cmp(&a[j][k].abs());
        let pivot = (k..b.len()).max_by(larger).unwrap();
        a.swap(k, pivot);
        b.swap(k, pivot);
        let pivot_row = a[k].clone();
        for i in (0..b.len()).filter(|&i| i != k) {
            let factor = a[i][k] / pivot_row[k];
            for (entry, above) in a[i].iter_mut().zip(&pivot_row) {
                *entry -= factor * above;
            }
            b[i] -= factor * b[k];
        }
    }
    (0..b.len()).map(|k| b[k] / a[k][k]).collect()
}

fn norm(v: &[f64]) -> f64 {
    v.iter().map(|a| a * a).sum::<f64>().sqrt()
}

fn minimise(mut x: Vec<f64>) -> Vec<f64> {
    println!("\nstart {x:?}\niteration         value      |gradient|");
    for iteration in 0..50 {
        let g = gradient(&x);
        let (value, size) = (rosenbrock(&x), norm(&g));
        println!("{iteration:>9}  {value:>12.4e}  {size:>12.4e}");
        if size < 1e-10 {
            return x;
        }
        let step = solve(hessian(&x), g);
        x = x.iter().zip(&step).map(|(a, s)| a - s).collect();
    }
    panic!("no convergence");
}

fn main() {
    // Newton's method is drawn to saddles and side valleys too, and the valley has both from
    // four dimensions on: these starts lead to its lowest point, others do not.
    for start in [vec![-1.2, 1.0], vec![2.0; 4]] {
        let x = minimise(start);
        println!("minimum at {x:.10?}");
        assert!(x.iter().all(|a| (a - 1.0).abs() < 1e-9));
    }
}
