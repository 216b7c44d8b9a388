//! Syntax without a derivative passes through where it touches no active value.
use ad_runtime::prelude::*;
use std::collections::HashMap;

struct Model {
    rates: Vec<f64>,
    table: HashMap<usize, f64>,
}

#[autodiff]
fn counts(xs: &[f64]) -> f64 {
    let n = xs.len().pow(2);
    let odd: usize = (0..n).filter(|i| i % 2 == 1).map(|i| i * 2).sum();
    xs[0] * n as f64 + xs[1] * odd as f64
}

#[autodiff(Reverse, Active, Active, Const)]
fn flags(x: f64, data: &[f64]) -> f64 {
    let flags: Vec<bool> = data.iter().map(|d| *d > 0.0).collect();
    let mut y = x;
    for i in 0..data.len() {
        if flags[i] {
            y *= data[i];
        }
    }
    y
}

#[autodiff(Reverse, Active, Active, Const)]
fn model(x: f64, model: &Model) -> f64 {
    let rate = model.rates.iter().copied().fold(0.0, f64::max);
    let entry = model.table.get(&1).copied().unwrap_or(0.5);
    x * rate + x * entry
}

#[autodiff]
fn texts(x: f64, name: &str) -> f64 {
    let weight = name.chars().filter(|c| c.is_alphabetic()).count();
    let factor = if name.is_empty() { 0.0 } else { 2.0 };
    println!("{name}: {x}");
    x * weight as f64 * factor
}

fn main() {
    let mut dx = [0.0; 2];
    counts::reverse(&[1.0, 2.0], &mut dx, 1.0);
    assert_eq!(dx, [4.0, 8.0]);
    let data = [3.0, -1.0];
    let (dx, ()) = ad_runtime::autodiff!(Reverse, flags, Active, Active(1.0), Const(&data[..]));
    assert_eq!(dx, 3.0);
    let about = Model {
        rates: vec![1.0, 4.0],
        table: HashMap::from([(1, 0.25)]),
    };
    let (dx, ()) = ad_runtime::autodiff!(Reverse, model, Active, Active(1.0), Const(&about));
    assert_eq!(dx, 4.25);
    assert_eq!(texts::reverse(1.0, "abc", 1.0), 6.0);
}
