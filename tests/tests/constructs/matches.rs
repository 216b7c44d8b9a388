//! `match` on what has no derivative.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn integers(x: f64, k: usize) -> f64 {
    match k {
        0 => x,
        1 => x * x,
        2 | 3 => {
            let y = x.sin();
            y * x
        }
        _ => 1.0,
    }
}

#[autodiff]
fn ranges(x: f64, k: i32) -> f64 {
    match k {
        i32::MIN..=-1 => -x,
        0..=4 => x * x,
        5..10 => x.exp(),
        _ => x.cos(),
    }
}

#[autodiff]
fn bools(x: f64, up: bool) -> f64 {
    let y = match up {
        true => x * 2.0,
        false => x * x,
    };
    y * x
}

#[autodiff]
fn guards(x: f64, k: usize) -> f64 {
    match k {
        0 if x > 0.0 => x * x,
        0 => -x,
        n if n % 2 == 0 => x * n as f64,
        n if x * n as f64 > 3.0 => x.exp(),
        _ => x.sin(),
    }
}

#[autodiff]
fn bindings(x: f64, k: u64) -> f64 {
    match k {
        n @ 0..=3 => x.powi(n as i32),
        n @ (4 | 5) => n as f64 * x.sin(),
        other => x / other as f64,
    }
}

#[autodiff]
fn statement(y: &mut [f64], x: f64, k: usize) {
    match k {
        0 => y[0] *= x,
        1 => {
            y[1] += y[0] * x;
            y[0] = y[1] * y[1];
        }
        _ => {}
    }
    y[1] *= y[0];
}

#[autodiff]
fn unit_arm(y: &mut [f64], x: f64, k: usize) {
    match k {
        0 => (),
        1 => y[0] = x * y[0],
        _ => y.fill(x),
    }
}

#[autodiff]
fn compared(x: f64, y: f64) -> f64 {
    match (x > y, x > 0.0) {
        (true, true) => x * y,
        (true, false) => x - y * y,
        (false, _) => y * y * x,
    }
}

#[autodiff]
fn in_loop(x: &[f64], ops: &[usize]) -> f64 {
    let mut stack = [1.0, 1.0];
    for i in 0..ops.len() {
        match ops[i] {
            0 => stack[0] *= x[i],
            1 => stack[1] += x[i] * stack[0],
            2 => stack.swap(0, 1),
            3 => continue,
            _ => break,
        }
        stack[0] += x[i];
    }
    stack[0] * stack[1]
}

#[autodiff]
fn nested(x: f64, i: usize, j: usize) -> f64 {
    match i {
        0 => match j {
            0 => x,
            _ => x * x,
        },
        1 => {
            let y = match j {
                0 => x.exp(),
                _ => x + 1.0,
            };
            y * y
        }
        _ => {
            if j == 0 {
                x.sin()
            } else {
                x.cos()
            }
        }
    }
}

#[autodiff]
fn chars(x: f64, op: char) -> f64 {
    match op {
        's' => x.sin(),
        'a'..='f' => x * x,
        _ => x,
    }
}

#[autodiff]
fn overwritten_scrutinee(x: f64, n: usize) -> f64 {
    let mut k = n;
    let mut y = x;
    while k > 0 {
        match k % 3 {
            0 => y *= x,
            1 => y += y * y,
            _ => y = y.sin(),
        }
        k -= 1;
    }
    y
}

#[autodiff]
fn tuple_of_constants(x: f64, i: usize, j: usize) -> f64 {
    match (i, j) {
        (0, 0) => x,
        (0, _) => x * x,
        (_, 0 | 1) => x.exp(),
        _ => x.cos() * x,
    }
}

#[autodiff]
fn return_from_arm(x: f64, k: usize) -> f64 {
    let y = match k {
        0 => return x * x,
        1 => x.sin(),
        _ => unreachable!(),
    };
    y * x
}

#[test]
fn values() {
    for k in 0..6 {
        check!(integers(0.7, #k));
        check!(guards(0.7, #k));
        check!(guards(-0.7, #k));
        check!(bindings(0.7, #k as u64));
        check!(overwritten_scrutinee(0.7, #k));
        for j in 0..3 {
            check!(nested(0.7, #k, #j));
        }
    }
    for k in [-3, 2, 7, 20] {
        check!(ranges(0.7, #k));
    }
    for k in ['s', 'c', 'x'] {
        check!(chars(0.7, #k));
    }
    check!(bools(0.7, #true));
    check!(bools(0.7, #false));
    check!(compared(0.7, 0.2));
    check!(compared(-0.7, -0.9));
    check!(compared(0.7, 0.9));
    for i in 0..3 {
        check!(tuple_of_constants(0.7, #i, #2 - i));
    }
    check!(return_from_arm(0.7, #0));
    check!(return_from_arm(0.7, #1));
}

#[test]
fn memory() {
    for k in 0..3 {
        check!(statement(&mut [0.7, 1.2], 1.3, #k) -> ());
        check!(unit_arm(&mut [0.7, 1.2], 1.3, #k) -> ());
    }
    check!(in_loop(&[0.7, -0.2, 1.4, 0.3, -0.6, 0.9], #&[0, 1, 2, 3, 1, 0]));
    check!(in_loop(&[0.7, -0.2, 1.4, 0.3, -0.6, 0.9], #&[1, 0, 2, 1, 9, 0]));
}
