//! Shadows of the wrong length: refused before anything is written.
use ad_runtime::autodiff;
use ad_runtime::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[autodiff]
fn product(first: &[f64], second: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..first.len() {
        s += first[i] * second[i];
    }
    s
}

#[autodiff]
fn update(out: &mut [f64], x: &[f64]) {
    for i in 0..out.len() {
        out[i] *= x[i];
    }
}

#[autodiff]
fn rows(table: &[Vec<f64>]) -> f64 {
    let mut s = 0.0;
    for i in 0..table.len() {
        s += table[i][0] * table[i][0];
    }
    s
}

#[autodiff]
fn owned(values: Vec<f64>) -> f64 {
    values[0] * values[0]
}

/// The message, with which the call panics.
fn refused(run: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(run)).expect_err("a wrong shape");
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

fn names(text: &str, name: &str, lengths: [usize; 2]) {
    assert!(text.contains(&format!("`{name}`")), "{text}");
    for length in lengths {
        assert!(text.contains(&length.to_string()), "{text}");
    }
}

#[test]
fn shared() {
    let x = [1.0, 2.0, 3.0];
    let (mut d_first, mut d_second) = ([0.5; 3], [0.5; 2]);
    let text = refused(|| {
        product::reverse(&x, &mut d_first, &x, &mut d_second, 1.0);
    });
    names(&text, "second", [2, 3]);
    assert_eq!((d_first, d_second), ([0.5; 3], [0.5; 2]));

    let (mut d_first, mut d_second) = ([0.5; 4], [0.5; 3]);
    let text = refused(|| {
        product::reverse_with_primal(&x, &mut d_first, &x, &mut d_second, 1.0);
    });
    names(&text, "first", [4, 3]);
    assert_eq!((d_first, d_second), ([0.5; 4], [0.5; 3]));

    let text = refused(|| {
        product::forward(&x, &[0.0; 3], &x, &[0.0; 5]);
    });
    names(&text, "second", [5, 3]);
    let text = refused(|| {
        product::forward_with_primal(&x, &[], &x, &[0.0; 3]);
    });
    names(&text, "first", [0, 3]);
}

#[test]
fn mutable() {
    let (mut out, mut d_out, mut dx) = ([1.0, 2.0], [0.5; 3], [0.5; 2]);
    let text = refused(|| update::reverse(&mut out, &mut d_out, &[3.0, 4.0], &mut dx));
    names(&text, "out", [3, 2]);
    assert_eq!((out, d_out, dx), ([1.0, 2.0], [0.5; 3], [0.5; 2]));

    let (mut d_out, mut dx) = ([0.5; 2], [0.5; 1]);
    let text = refused(|| update::reverse(&mut out, &mut d_out, &[3.0, 4.0], &mut dx));
    names(&text, "x", [1, 2]);
    assert_eq!((out, d_out, dx), ([1.0, 2.0], [0.5; 2], [0.5; 1]));

    let text = refused(|| update::forward(&mut out, &mut d_out, &[3.0, 4.0], &[1.0]));
    names(&text, "x", [1, 2]);
    assert_eq!((out, d_out), ([1.0, 2.0], [0.5; 2]));
    let text = refused(|| {
        update::reverse_with_primal(&mut out, &mut d_out, &[3.0, 4.0], &mut dx);
    });
    names(&text, "x", [1, 2]);
    assert_eq!((out, d_out, dx), ([1.0, 2.0], [0.5; 2], [0.5; 1]));
}

#[test]
fn inner() {
    let table = [vec![1.0, 2.0], vec![3.0]];
    let mut d_table = [vec![0.0, 0.0], vec![0.0, 0.0]];
    let text = refused(|| rows::reverse(&table, &mut d_table, 1.0));
    names(&text, "table[1]", [2, 1]);
    assert_eq!(d_table, [vec![0.0, 0.0], vec![0.0, 0.0]]);
}

#[test]
fn by_value() {
    let mut d_values = vec![0.5; 3];
    let text = refused(|| owned::reverse(vec![1.0, 2.0], &mut d_values, 1.0));
    names(&text, "values", [3, 2]);
    assert_eq!(d_values, [0.5; 3]);
}

#[test]
fn call_macro() {
    let x = [1.0, 2.0, 3.0];
    let mut short = [0.5; 2];
    let text = refused(|| {
        autodiff!(
            Reverse,
            product,
            Active,
            Const(&x),
            Duplicated(&x, &mut short)
        );
    });
    names(&text, "second", [2, 3]);
    assert_eq!(short, [0.5; 2]);
    let text = refused(|| {
        autodiff!(Forward, product, Duplicated(&x, &[1.0]), Const(&x));
    });
    names(&text, "first", [1, 3]);
    let mut out = [1.0, 2.0];
    let text = refused(|| {
        autodiff!(
            ForwardWithPrimal,
            update,
            Const,
            Duplicated(&mut out, &mut [0.0; 3]),
            Const(&[1.0, 1.0])
        );
    });
    names(&text, "out", [3, 2]);
    assert_eq!(out, [1.0, 2.0]);
}

#[test]
fn by_value_in_every_mode() {
    let text = refused(|| drop(owned::forward(vec![1.0, 2.0], vec![1.0])));
    names(&text, "values", [1, 2]);
    let mut d_values = vec![0.5; 3];
    let text = refused(|| {
        autodiff!(
            Reverse,
            owned,
            Active,
            Duplicated(vec![1.0, 2.0], &mut d_values)
        );
    });
    names(&text, "values", [3, 2]);
}
