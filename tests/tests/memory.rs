//! How much memory derivatives take, and how often they ask for it.
#![allow(
    clippy::needless_range_loop,
    reason = "loops over indices are what is tested"
)]

use ad_runtime::Workspace;
use ad_runtime::prelude::*;
use ad_tests::programs::linear::cholesky;
use allocation_counter::{AllocationInfo, measure};

/// The most bytes that a thread holds which has run no derivative before.
fn peak(work: impl FnOnce() + Send) -> u64 {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| measure(work).bytes_max);
        thread.join().expect("the work does not panic")
    })
}

#[autodiff]
fn sum_of_sines(scale: f64, n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        sum += (scale * i as f64).sin();
    }
    sum
}

/// Nothing is saved for what only adds up.
#[test]
fn ten_million_sums_take_no_memory() {
    let n = 10_000_000;
    let mut d_scale = 0.0;
    let info = measure(|| d_scale = sum_of_sines::reverse(1e-7, n, 1.0));
    assert_eq!(info.count_total, 0, "{info:?}");
    // The sum of i cos(c i), by Abel's summation to the leading order: the integral.
    let (c, n) = (1e-7, n as f64);
    let integral = ((c * n).cos() - 1.0 + c * n * (c * n).sin()) / (c * c);
    assert!((d_scale - integral).abs() < 1e-6 * integral.abs());
}

/// The scratch array is filled anew for each `i`: nothing of it is saved.
#[autodiff]
fn with_scratch(x: &[f64], n: usize) -> f64 {
    let mut scratch = vec![0.0; x.len()];
    let mut sum = 0.0;
    for i in 0..n {
        for j in 0..x.len() {
            scratch[j] = x[j] * (i as f64 + 1.0).sqrt();
        }
        let mut product = 1.0;
        for j in 0..x.len() {
            product *= scratch[j].cos();
        }
        sum += product;
    }
    sum
}

#[test]
fn scratch_memory_does_not_grow_with_the_trips() {
    let x = [0.3, 0.1, 0.7];
    let bytes = |n| {
        let mut d_x = [0.0; 3];
        peak(|| with_scratch::reverse(&x, &mut d_x, n, 1.0))
    };
    assert_eq!(bytes(10), bytes(1000));
}

/// Each element from the one before.
#[autodiff]
fn filtered(x: &[f64], decay: f64) -> f64 {
    let mut y = x.to_vec();
    for i in 1..y.len() {
        y[i] = decay * y[i - 1] * x[i] + y[i - 1].sin();
    }
    y[y.len() - 1]
}

#[test]
fn elements_that_stay_need_no_tape() {
    let n = 1000;
    let x = vec![0.3; n];
    let mut d_x = vec![0.0; n];
    let bytes = peak(|| {
        filtered::reverse(&x, &mut d_x, 0.9, 1.0);
    });
    let arrays = 2 * n as u64 * 8;
    assert!(bytes < arrays + 200, "{bytes}");
}

/// Cholesky's factor of a matrix, column by column in place; the product of its diagonal.
#[autodiff]
fn columns(a: &[f64], n: usize) -> f64 {
    let mut l = a.to_vec();
    let mut product = 1.0;
    for j in 0..n {
        for p in 0..j {
            let factor = l[j * n + p];
            for i in j..n {
                l[i * n + j] -= factor * l[i * n + p];
            }
        }
        let root = l[j * n + j].sqrt();
        for i in j..n {
            l[i * n + j] /= root;
        }
        product *= root;
    }
    product
}

/// A matrix that is diagonally dominant.
fn dominant(n: usize) -> Vec<f64> {
    let row = |i: usize| (0..n).map(move |j| if i == j { 2.0 } else { 0.01 });
    (0..n).flat_map(row).collect()
}

/// Elements that are final when they are read need no tape: there are `n^3 / 6` subtractions.
#[test]
fn columns_are_not_matrices() {
    let n = 40;
    let (a, mut d_a) = (dominant(n), vec![0.0; n * n]);
    let bytes = peak(|| columns::reverse(&a, &mut d_a, n, 1.0));
    // The matrix and its shadow; two numbers for each column.
    let numbers = (2 * n * n + 2 * n) as u64;
    assert!(bytes <= 8 * numbers, "{bytes}");
}

#[autodiff]
fn determinant(a: &[f64], n: usize) -> f64 {
    let mut l = a.to_vec();
    cholesky(&mut l, n);
    let mut root = 1.0;
    for i in 0..n {
        root *= l[i * n + i];
    }
    root * root
}

/// What a callee leaves in a matrix is kept once, not by subtractions.
#[test]
fn a_factor_is_kept_once() {
    let n = 40;
    let (a, mut d_a) = (dominant(n), vec![0.0; n * n]);
    let bytes = peak(|| determinant::reverse(&a, &mut d_a, n, 1.0));
    // The matrix, its copy, and its shadow.
    let matrices = 3 * 8 * (n * n) as u64;
    assert!(bytes < matrices + 2000, "{bytes}");
}

/// A state of which each element depends on all others.
#[autodiff]
fn coupled(start: &[f64], steps: usize) -> f64 {
    let n = start.len();
    let mut state = start.to_vec();
    let mut next = vec![0.0; n];
    for _ in 0..steps {
        for i in 0..n {
            let mut pull = 0.0;
            for j in 0..n {
                pull += state[i] * state[j];
            }
            next[i] = 0.9 * state[i] + 0.1 * pull;
        }
        state.copy_from_slice(&next);
    }
    state[0]
}

/// A step keeps the state that it writes over, not what it reads of it.
#[test]
fn a_step_keeps_its_state() {
    let (n, steps) = (40, 20);
    let (start, mut d_start) = (vec![0.01; n], vec![0.0; n]);
    let bytes = peak(|| coupled::reverse(&start, &mut d_start, steps, 1.0));
    // Tapes grow by doubling.
    let states = 8 * (n * steps) as u64;
    assert!(bytes < 3 * states, "{bytes}");
}

macro_rules! recurrence {
    ($name:ident $(#[$attribute:meta])?) => {
        #[autodiff]
        fn $name(x0: f64, r: f64, n: usize) -> f64 {
            let mut x = x0;
            let mut v = 0.5;
            $(#[$attribute])?
            for _ in 0..n {
                v = 0.9 * v + x.sin();
                x = r * x * (1.0 - x) + 0.01 * v;
            }
            x
        }
    };
}

recurrence! { plain }
recurrence! { root #[checkpoint] }
recurrence! { budget #[checkpoint(budget = 12)] }

#[test]
fn checkpoints_save_memory() {
    let n = 10_000;
    let bytes = |gradient: fn(f64, f64, usize, f64) -> (f64, f64)| {
        let mut result = (0.0, 0.0);
        let most = peak(|| result = gradient(0.4, 2.9, n, 1.0));
        (most, result)
    };
    let (all, expected) = bytes(plain::reverse);
    let (some, with_root) = bytes(root::reverse);
    let (few, with_budget) = bytes(budget::reverse);
    for (d_x0, d_r) in [with_root, with_budget] {
        assert!((d_x0 - expected.0).abs() < 1e-12);
        assert!((d_r - expected.1).abs() < 1e-12);
    }
    assert!(all >= 8 * n as u64, "{all}");
    assert!(some < all / 20, "{some} of {all}");
    assert!(few < 2000, "{few}");
}

#[autodiff]
fn inner(state: &mut [f64], weights: &[f64]) {
    for i in 0..state.len() {
        state[i] = (state[i] * weights[i]).tanh();
    }
}

#[autodiff(Reverse, Active, Duplicated, Const)]
fn layers(weights: &[f64], n: usize) -> f64 {
    let mut state = [0.3, 0.6, 0.9];
    let mut sum = 0.0;
    for k in 0..n {
        inner(&mut state, weights);
        if k % 3 == 0 {
            sum += state[0] * state[1];
        }
    }
    sum + state[2]
}

/// The second gradient in a workspace finds all memory there.
#[test]
fn a_workspace_makes_calls_free_of_allocations() {
    let weights = [1.1, 0.9, 1.3];
    let mut workspace = Workspace::new();
    let mut call = |n| -> (AllocationInfo, [f64; 3]) {
        let mut d_weights = [0.0; 3];
        let info = measure(|| workspace.run(|| layers::reverse(&weights, &mut d_weights, n, 1.0)));
        (info, d_weights)
    };
    let (first, expected) = call(100);
    assert!(first.count_total > 0);
    for n in [100, 70, 100] {
        let (again, gradient) = call(n);
        assert_eq!(again.count_total, 0, "{n}: {again:?}");
        if n == 100 {
            assert_eq!(gradient, expected);
        }
    }
}

/// A thread keeps small tapes for the next gradient, and returns large ones.
#[test]
fn a_thread_keeps_little() {
    let call = |n| {
        let mut d_weights = [0.0; 3];
        measure(|| layers::reverse(&[1.1, 0.9, 1.3], &mut d_weights, n, 1.0))
    };
    let first = call(100);
    assert!(first.count_total > 0);
    assert_eq!(call(100).count_total, 0);
    let large = call(600_000);
    assert!(large.bytes_max > 64 << 20, "{large:?}");
    assert!(large.bytes_current < 32 << 20, "{large:?}");
}
