//! Time steps as simulations have them, with parts at the end that are not run again.
use ad_runtime::prelude::*;
use ad_tests::check;

fn numbers(n: usize, start: f64) -> Vec<f64> {
    (0..n)
        .map(|i| ((i as f64 + start) * 0.7).sin() * 0.8)
        .collect()
}

/// What only the end uses is read, nonlinearly, before and behind the loop; a time and
/// weights without derivative change on the way.
#[autodiff(Reverse, Active, Duplicated, Duplicated, Const, Const)]
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, Const, Const)]
fn driven(x0: &[f64], v0: &[f64], steps: usize, dt: f64) -> f64 {
    let n = x0.len();
    let mut x = x0.to_vec();
    let mut v = v0.to_vec();
    let mut w = vec![1.0; n];
    let mut t = 0.0;
    for i in 0..n {
        v[i] = v[i] * v[i] - 0.1;
    }
    let before = v[0] * v[n - 1];
    let mut work = 0.0;
    for s in 0..steps {
        let push = 0.5 * t;
        let mut a = vec![0.0; n];
        for i in 0..n {
            a[i] = push - w[i] * x[i] * x[i] * x[(i + s) % n];
            work += a[i] * x[i];
        }
        for i in 0..n {
            v[i] += dt * a[i] + push * x[n - 1 - i];
        }
        for i in 0..n {
            x[i] += dt * v[i];
            w[i] *= 0.9;
        }
        t += dt;
    }
    before * work + v[0] * v[0] * x[n - 1]
}

/// Several steps inside of a step; the inner trips vary from none on, and the inner state
/// starts anew.
#[autodiff(Reverse, Active, Duplicated, Active, Const)]
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, Const)]
fn relaxed(y0: &[f64], k: f64, steps: usize) -> f64 {
    let n = y0.len();
    let mut y = y0.to_vec();
    let mut r = vec![0.0; n];
    let mut momentum = vec![0.1; n];
    let mut loss = 0.0;
    for s in 0..steps {
        let mut z = y.clone();
        for _ in 0..s {
            for i in 0..n {
                r[i] = k * z[i] * z[i] - y[i];
            }
            for i in 0..n {
                momentum[i] = 0.5 * momentum[i] - 0.1 * r[i];
                z[i] += momentum[i];
            }
        }
        for i in 0..n {
            loss += z[i] * z[i] * y[i];
        }
        for i in 0..n {
            y[i] = 0.7 * y[i] + 0.2 * z[i];
        }
    }
    loss
}

/// The last element is taken from the first, which the same loop has overwritten; the end
/// goes through elements in an order of its own.
#[autodiff(Reverse, Active, Duplicated, Const, Const)]
#[autodiff(Forward, Duplicated, Duplicated, Const, Const)]
fn around(x0: &[f64], order: &[usize], steps: usize) -> f64 {
    let n = x0.len();
    let mut x = x0.to_vec();
    let mut kept = 0.0;
    let mut f = [0.0; 3];
    for _ in 0..steps {
        for i in 0..3 {
            f[i] = x[i] * x[(i + 1) % 3] + kept * x[0];
        }
        for i in 0..3 {
            x[order[i]] = f[i] - 0.3 * x[order[(i + 1) % n]];
        }
        kept = 0.5 * kept + x[n - 1];
        x[0] -= 0.25 * kept;
    }
    x[0] * x[1] + kept * x[2]
}

/// Called with and without derivatives of the second argument.
#[autodiff]
fn advance(x: &[f64], force: &[f64], steps: usize) -> f64 {
    let mut y = x.to_vec();
    let mut v = vec![0.2; y.len()];
    for _ in 0..steps {
        for i in 0..y.len() {
            v[i] -= 0.1 * y[i] * y[i] * force[i];
        }
        for i in 0..y.len() {
            y[i] += 0.1 * v[i];
        }
    }
    y[0] * v[y.len() - 1]
}

#[autodiff]
fn both_ways(x: &[f64], steps: usize) -> f64 {
    let fixed = [0.4, 0.9, -0.5];
    let first = advance(x, &fixed, steps);
    let second = advance(&fixed, x, steps) * first;
    first + second * advance(x, x, steps)
}

#[test]
fn simulations() {
    for steps in [0, 1, 2, 4] {
        check!(driven(&numbers(3, 0.4), &numbers(3, 1.4), #steps, #0.1));
        check!(relaxed(&numbers(3, 0.7), 0.6, #steps));
        check!(around(&numbers(3, 0.9), #&[2, 0, 1], #steps));
        check!(both_ways(&numbers(3, 1.1), #steps));
    }
}

/// Shadows that do not start at zero.
#[test]
fn shadows_are_added_to() {
    let (x, v) = (numbers(3, 0.4), numbers(3, 1.4));
    let (mut d_x, mut d_v) = (vec![0.0; 3], vec![0.0; 3]);
    driven::reverse(&x, &mut d_x, &v, &mut d_v, 4, 0.1, 0.7);
    let (mut more_x, mut more_v) = (vec![2.0; 3], vec![-3.0; 3]);
    driven::reverse(&x, &mut more_x, &v, &mut more_v, 4, 0.1, 0.7);
    for i in 0..3 {
        assert!((more_x[i] - 2.0 - d_x[i]).abs() < 1e-14);
        assert!((more_v[i] + 3.0 - d_v[i]).abs() < 1e-14);
    }
}
