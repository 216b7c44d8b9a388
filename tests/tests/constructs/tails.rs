//! Iterations that are run again up to a part at their end, which the reverse does without.
use ad_runtime::prelude::*;
use ad_tests::check;

fn numbers(n: usize, start: f64) -> Vec<f64> {
    (0..n)
        .map(|i| ((i as f64 + start) * 0.7).sin() * 0.8)
        .collect()
}

/// A step that has a derivative: the reverse wants velocities. (Where it has none, `programs::chain`
/// is the case.)
#[autodiff]
fn any_step(x0: &[f64], v0: &[f64], dt: f64, steps: usize) -> f64 {
    let n = x0.len();
    let mut x = x0.to_vec();
    let mut v = v0.to_vec();
    for _ in 0..steps {
        for i in 1..n {
            v[i] -= dt * x[i] * x[i - 1];
        }
        for i in 0..n {
            x[i] += dt * v[i];
        }
    }
    x[0] * v[n - 1] + x[n - 1]
}

/// Factors from in front of the end, from an array without derivative, by way of indices;
/// loops in loops, locals, and a sum.
#[autodiff(Reverse, Active, Duplicated, Const, Const, Const)]
#[autodiff(Forward, Duplicated, Duplicated, Const, Const, Const)]
fn factors(x0: &[f64], w: &[f64], order: &[usize], steps: usize) -> f64 {
    let n = x0.len();
    let mut x = x0.to_vec();
    let mut y = vec![0.1; n];
    let mut last = 0.3;
    let mut sum = 0.0;
    for s in 0..steps {
        let half = 0.5 / (s as f64 + 1.0);
        for i in 0..n {
            y[i] = x[i] * x[n - 1 - i] + 0.1 * last;
        }
        let other = half + 4.0 * w[0];
        for i in 0..n {
            let mut inner = 0.0;
            for j in 0..2 {
                let at = order[(i + j) % n];
                inner += half * y[at] - w[j] * y[i] / other;
            }
            x[i] = 0.2 * x[i] + inner;
            sum += x[i];
        }
        last = 0.5 * last - x[0] * half;
    }
    sum + last * x[1]
}

/// A branch and a product at the end: what they want is computed.
#[autodiff]
fn not_free(x0: &[f64], steps: usize) -> f64 {
    let n = x0.len();
    let mut x = x0.to_vec();
    let mut y = vec![0.0; n];
    for s in 0..steps {
        for i in 0..n {
            y[i] = x[i] * x[i] - 0.3 * x[(i + 1) % n];
        }
        for i in 0..n {
            x[i] = 0.5 * y[i];
            if s % 2 == 0 {
                x[i] += 0.1 * y[i] * x[i];
            }
        }
        for i in 0..n {
            x[i] += 0.2 * y[i];
        }
    }
    x[0] * x[n - 1]
}

/// Two loops that carry something, one in the other; the same array before and behind.
#[autodiff(Reverse, Active, Duplicated, Const, Const)]
#[autodiff(Forward, Duplicated, Duplicated, Const, Const)]
fn nested(x0: &[f64], steps: usize, h: f64) -> f64 {
    let n = x0.len();
    let mut x = vec![0.0; n];
    for i in 0..n {
        x[i] = x0[i] * x0[i] + 0.1;
    }
    let mut v = x0.to_vec();
    for _ in 0..steps {
        for _ in 0..2 {
            for i in 0..n {
                v[i] -= h * x[i] * x[i] * x[(i + 1) % n];
            }
            for i in 0..n {
                x[i] += h * v[i];
            }
        }
        for i in 0..n {
            x[i] -= h * v[i] * 0.5;
        }
    }
    let mut sum = 0.0;
    for i in 0..n {
        x[i] *= x[i] * v[i];
        sum += x[i];
    }
    sum
}

/// Arrays that are copied and filled at the end, as a whole and in part.
#[autodiff(Reverse, Active, Duplicated, Duplicated, Const)]
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, Const)]
fn copied(x0: &[f64], w: &mut [f64], steps: usize) -> f64 {
    let n = x0.len();
    let mut x = x0.to_vec();
    let mut y = x0.to_vec();
    let mut next = vec![0.0; n];
    for k in 0..steps {
        for i in 0..n {
            let mut pull = 0.0;
            for j in 0..n {
                pull += x[i] * x[j] * y[0];
            }
            next[i] = 0.8 * x[i] + 0.1 * pull * w[i] * w[0];
        }
        let scale = next[0] * next[1];
        y.fill(scale);
        y[k % n] -= 0.1 * next[n - 1];
        x[1..].copy_from_slice(&next[1..]);
        w[..2].copy_from_slice(&x[1..3]);
    }
    x[0] * x[n - 1] + y[0] * w[0] * next[1]
}

/// From checkpoints every iteration is run to its end.
#[autodiff(Reverse, Active, Duplicated, Const, Const)]
#[autodiff(Forward, Duplicated, Duplicated, Const, Const)]
fn checkpoints(x0: &[f64], steps: usize, h: f64) -> f64 {
    let n = x0.len();
    let mut x = x0.to_vec();
    let mut v = vec![0.2; n];
    #[checkpoint(budget = 2)]
    for _ in 0..steps {
        for i in 1..n {
            v[i] -= h * x[i] * x[i - 1];
        }
        for i in 0..n {
            x[i] += h * v[i];
        }
    }
    x[0] + x[n - 1] * v[1]
}

#[autodiff(Reverse, Active, Duplicated, Duplicated, Const)]
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, Const)]
fn narrow(x0: &[f32], v: &mut [f32], steps: usize) -> f32 {
    let mut x = x0.to_vec();
    for _ in 0..steps {
        for i in 0..x.len() {
            v[i] -= 0.1 * x[i] * x[i];
        }
        for i in 0..x.len() {
            x[i] += 0.1 * v[i];
        }
    }
    x[0] * v[1]
}

#[test]
fn ends_that_are_not_run_again() {
    for steps in [0, 1, 2, 5] {
        check!(any_step(&numbers(4, 0.4), &numbers(4, 1.4), 0.2, #steps));
        check!(factors(&numbers(3, 0.4), #&[0.7, 0.9], #&[2, 0, 1], #steps));
        check!(copied(&numbers(3, 0.4), &mut numbers(3, 1.1), #steps));
        check!(not_free(&numbers(3, 0.4), #steps));
        check!(nested(&numbers(3, 0.4), #steps, #0.1));
        check!(checkpoints(&numbers(3, 0.4), #steps, #0.1));
        let single = |start| -> Vec<f32> { numbers(3, start).iter().map(|x| *x as f32).collect() };
        check!(narrow(&single(0.4), &mut single(1.9), #steps));
    }
}
