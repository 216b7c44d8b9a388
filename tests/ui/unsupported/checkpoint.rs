use ad_runtime::prelude::*;

fn log(i: usize) {
    println!("{i}");
}

#[autodiff]
fn on_while(x: f64) -> f64 {
    let mut y = x;
    #[checkpoint]
    while y < 2.0 {
        y *= 1.5;
    }
    y
}

#[autodiff]
fn reversed(x: f64, n: usize) -> f64 {
    let mut y = x;
    #[checkpoint]
    for _ in (0..n).rev() {
        y *= 1.5;
    }
    y
}

#[autodiff]
fn setting(x: f64, n: usize) -> f64 {
    let mut y = x;
    #[checkpoint(every = 3)]
    for _ in 0..n {
        y *= 1.5;
    }
    y
}

#[autodiff]
fn left(x: f64, n: usize) -> f64 {
    let mut y = x;
    #[checkpoint]
    for _ in 0..n {
        y *= 1.5;
        if y > 2.0 {
            break;
        }
    }
    y
}

#[autodiff]
fn effect(x: f64, n: usize) -> f64 {
    let mut y = x;
    #[checkpoint]
    for i in 0..n {
        log(i);
        y *= y;
    }
    y
}

#[autodiff]
fn parameter(x: &mut [f64], n: usize) {
    #[checkpoint(budget = 4)]
    for i in 0..n {
        x[i + 1] = x[i].sin();
    }
}

fn main() {}
