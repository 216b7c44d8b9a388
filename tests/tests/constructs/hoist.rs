//! Vectors that a loop makes anew in each trip.
use ad_runtime::prelude::*;
use ad_tests::check;

const U: [f64; 6] = [0.7, -1.2, 0.4, 0.9, -0.3, 0.5];
const W: [f64; 4] = [0.3, 0.8, -0.6, 1.1];

#[autodiff]
fn advected(u0: &[f64], speed: f64, steps: usize) -> f64 {
    let n = u0.len();
    let mut u = u0.to_vec();
    for _ in 0..steps {
        let mut next = u.clone();
        for i in 1..n - 1 {
            next[i] = u[i] - speed * (u[i + 1] - u[i - 1]) * u[i];
        }
        u = next;
    }
    let mut sum = 0.0;
    for v in u.iter() {
        sum += v * v;
    }
    sum
}

#[autodiff]
fn from_zeros(u0: &[f64], steps: usize) -> f64 {
    let n = u0.len();
    let mut u = u0.to_vec();
    for k in 0..steps {
        let mut next = vec![0.0; n];
        for i in 0..n {
            next[(i + k) % n] += u[i] * u[(i + 1) % n];
        }
        next[0] += 0.1;
        u = next;
    }
    u[0] * u[1] - u[n - 1]
}

#[autodiff]
fn shorter(u0: &[f64], steps: usize) -> f64 {
    let mut u = u0.to_vec();
    for _ in 0..steps {
        let mut next = vec![0.5; 2];
        for i in 0..2 {
            next[i] = u[i] * u[u.len() - 1];
        }
        u = next;
    }
    u[0] + u[u.len() - 1] * u.len() as f64
}

#[autodiff]
fn of_another_length(x: &[f64], steps: usize) -> f64 {
    let mut v = x.to_vec();
    v = vec![x[0], x[1] * x[0]];
    let n = v.len();
    let mut u = x.to_vec();
    for k in 0..steps {
        let mut next = vec![0.0; n];
        for i in 0..n {
            next[i] = u[i] * x[k] + v[i] * v[i];
        }
        u = next;
    }
    let mut sum = 0.0;
    for i in 0..u.len() {
        sum += u[i] * u[i] * (i as f64 + 1.0);
    }
    sum
}

#[autodiff]
fn shrinking(u0: &[f64]) -> f64 {
    let mut u = u0.to_vec();
    let mut sum = 0.0;
    while u.len() > 1 {
        let mut next = vec![0.0; u.len() / 2];
        for i in 0..next.len() {
            next[i] = u[2 * i] * u[2 * i + 1];
        }
        u = next;
        sum += u[0];
    }
    sum
}

#[test]
fn states_replaced_by_new_ones() {
    for steps in 0..5 {
        check!(advected(&U, 0.1, #steps));
        check!(from_zeros(&U, #steps));
        check!(shorter(&U, #steps));
        check!(of_another_length(&U, #steps));
    }
    check!(shrinking(&U));
    check!(shrinking(&[0.5]));
}

#[autodiff]
fn distances(x: &[f64], centres: &[f64]) -> f64 {
    let k = centres.len();
    let mut total = 0.0;
    for p in 0..x.len() {
        let mut near = vec![0.0; k];
        for c in 0..k {
            let d = x[p] - centres[c];
            near[c] = (-d * d).exp();
        }
        let mut norm = 0.1;
        for c in 0..k {
            norm += near[c];
        }
        total -= norm.ln() + near[0];
    }
    total
}

#[autodiff]
fn partly_set(x: &[f64], n: usize) -> f64 {
    let mut total = 0.0;
    for p in 0..x.len() {
        let mut t = vec![0.5; n];
        if x[p] > 0.0 {
            t[0] = x[p] * x[p];
        }
        for i in 1..n {
            t[i] += t[i - 1] * x[p];
        }
        total += t[n - 1] * t[0];
    }
    total
}

#[autodiff]
fn in_two_loops(x: &[f64], w: &[f64]) -> f64 {
    let n = w.len();
    let mut total = 0.0;
    for p in 0..x.len() {
        for q in 0..2 {
            let mut t = vec![0.0; n];
            for i in 0..n {
                t[i] = x[p] * w[i] * (q as f64 + 1.0);
            }
            let mut twice = t.clone();
            twice[0] += t[1] * t[1];
            total += twice[0] * t[n - 1];
        }
    }
    total
}

#[autodiff]
fn of_different_lengths(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for p in 0..x.len() {
        let mut t = vec![1.0; p + 1];
        for i in 0..p {
            t[i + 1] = t[i] * x[i];
        }
        total += t[p] * x[p];
    }
    total
}

#[autodiff]
fn of_a_changing_length(x: &[f64]) -> f64 {
    let mut n = 1;
    let mut total = 0.0;
    for p in 0..x.len() {
        let mut t = vec![0.0; n];
        for i in 0..n {
            t[i] = x[p] * (i as f64 + 1.0);
        }
        total += t[n - 1] * t[0];
        if p % 2 == 0 {
            n += 1;
        }
    }
    total
}

#[test]
fn working_memory() {
    check!(distances(&U, &W));
    check!(partly_set(&U, #3));
    check!(partly_set(&U, #1));
    check!(in_two_loops(&U, &W));
    check!(of_different_lengths(&U));
    check!(of_a_changing_length(&U));
}

#[autodiff]
fn replaces(v: &mut Vec<f64>, x: f64) {
    *v = vec![x, v[0] * x, x * x];
}

#[autodiff]
fn eats(v: Vec<f64>) -> f64 {
    v[0] * v[1]
}

#[autodiff]
fn fills(v: &mut [f64], x: f64) {
    for i in 0..v.len() {
        v[i] = x * (i as f64 + 0.5);
    }
}

#[autodiff]
fn given_away(x: &[f64]) -> f64 {
    let mut total = 0.0;
    let mut kept = vec![0.0; 2];
    for p in 0..x.len() {
        let mut t = vec![x[0]; 2];
        replaces(&mut t, x[p]);
        total += t[2] * t[1];
        let mut u = vec![0.0; 2];
        u[0] = x[p];
        u[1] = x[p] * x[0];
        total += eats(u);
        let mut v = vec![0.0; 2];
        fills(&mut v, x[p]);
        v[0] += kept[1];
        kept = v;
    }
    total + kept[0] * kept[1]
}

#[autodiff]
fn left_early(x: &[f64], w: &[f64]) -> f64 {
    let mut total = 0.0;
    for p in 0..x.len() {
        let mut t = vec![0.0; 4];
        for i in 0..4 {
            t[i] = x[p] * w[i];
        }
        if t[0] > 0.2 {
            break;
        }
        total += t[1] * t[2];
    }
    total
}

#[test]
fn vectors_that_are_taken_or_resized() {
    check!(given_away(&U));
    check!(left_early(&U, &W));
    check!(left_early(&[-0.3, -0.5, 0.9, 0.1], &W));
}
