//! `if` in all its forms.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn relu(x: f64) -> f64 {
    if x > 0.0 { x * x } else { 0.0 }
}

#[autodiff]
fn statement(x: f64, y: f64) -> f64 {
    let mut z = x;
    if x < y {
        z *= y;
    }
    if y < 0.0 {
        z += y * y;
    } else {
        z -= y.sin();
    }
    z * x
}

#[autodiff]
fn chain(x: f64, k: usize) -> f64 {
    if k == 0 {
        x
    } else if k == 1 {
        x * x
    } else if k < 4 {
        let y = x.sin();
        y * x
    } else {
        1.0
    }
}

#[autodiff]
fn chain_statement(y: &mut [f64], x: f64, k: i32) {
    if k < 0 {
        y[0] *= x;
    } else if k == 0 {
        y[1] = y[0] * x;
        y[0] = 0.0;
    } else if k % 2 == 1 {
        y[0] += y[1] * y[1];
        y[1] /= x;
    }
    y[0] *= y[0] + x;
}

#[autodiff]
fn tuple_value(x: f64, y: f64) -> f64 {
    let (large, small) = if x > y { (x, y) } else { (y, x) };
    large * large - small.sin()
}

#[autodiff]
fn condition_overwritten(x: f64) -> f64 {
    let mut y = x;
    let mut big = y > 0.5;
    if big {
        y = y * y * 0.3;
    }
    big = y > 0.5;
    if big {
        y *= 2.0;
    } else {
        y *= y;
    }
    if y > x {
        y += x;
    } else {
        y -= x * y;
    }
    y
}

#[autodiff]
fn condition_on_overwritten(x: f64) -> f64 {
    let mut y = x;
    if y > 0.0 {
        y = -y * x;
    } else {
        y = 3.0 * y;
    }
    if y > 0.0 {
        y = y * y;
    }
    y * x
}

#[autodiff]
fn and_or(x: f64, y: f64) -> f64 {
    let mut z = 0.0;
    if x > 0.0 && y > 0.0 {
        z += x * y;
    }
    if x > 1.0 || y > 1.0 {
        z += x * x;
    }
    if !(x < 0.0) && (y < 0.0 || x > y) {
        z -= y.exp();
    }
    z + y
}

#[autodiff]
fn short_circuit(x: &[f64], i: usize) -> f64 {
    if i < x.len() && x[i] > 0.0 {
        x[i] * x[0]
    } else if i >= x.len() || x[i] < -10.0 {
        x[0].cos()
    } else {
        -x[i]
    }
}

#[autodiff]
fn bool_value(x: f64, y: f64, flip: bool) -> f64 {
    let inside = x * x + y * y < 1.0;
    let wide = inside && x > y || flip;
    let factor = if inside { 2.0 } else { 3.0 };
    if wide ^ flip {
        factor * x * y
    } else {
        factor + x
    }
}

#[autodiff]
fn nested(x: f64, y: f64) -> f64 {
    if x > 0.0 {
        let a = if y > 0.0 { x * y } else { x - y };
        if a > 1.0 { a.ln() } else { a * a }
    } else {
        if y > 0.0 {
            return y * x;
        }
        x
    }
}

#[autodiff]
fn in_loop(x: &[f64], low: f64) -> f64 {
    let mut s = 0.0;
    let mut p = 1.0;
    for i in 0..x.len() {
        if x[i] < low {
            p *= 1.0 + x[i];
        } else if i % 2 == 0 {
            s += x[i] * p;
        } else {
            p += s * x[i];
            s = p * 0.5;
        }
    }
    s * p
}

#[autodiff]
fn inactive_branch_value(x: f64, n: usize) -> f64 {
    let m = if n > 2 { n - 2 } else { 2 - n };
    let w = if m == 0 { 0.5 } else { m as f64 };
    w * x * x
}

#[autodiff]
fn selected_place(y: &mut [f64], x: f64, right: bool) {
    if right {
        let cell = &mut y[1];
        *cell *= x;
    } else {
        let cell = &mut y[0];
        *cell += x * *cell;
    }
}

#[autodiff]
fn if_let_free(x: f64) -> f64 {
    let y = x * if x > 0.0 { x } else { 1.0 } + if x < 0.0 { x } else { -1.0 };
    y * y
}

#[autodiff]
fn largest(x: &[f64]) -> f64 {
    let mut best = x[0];
    let mut at = 0;
    for i in 1..x.len() {
        if x[i] > best {
            best = x[i];
            at = i;
        }
    }
    best * x[at] + at as f64 * x[0]
}

#[test]
fn values() {
    for x in [-0.6, 0.7, 1.4] {
        check!(relu(x));
        check!(condition_overwritten(x));
        check!(condition_on_overwritten(x));
        check!(if_let_free(x));
        for y in [-0.9, 0.4, 1.2] {
            check!(statement(x, y));
            check!(tuple_value(x, y));
            check!(and_or(x, y));
            check!(nested(x, y));
            check!(bool_value(x, y, #true));
            check!(bool_value(x, y, #false));
        }
        for k in 0..6 {
            check!(chain(x, #k));
        }
    }
    for n in 0..5 {
        check!(inactive_branch_value(0.7, #n));
    }
}

#[test]
fn memory() {
    for k in -1..4 {
        check!(chain_statement(&mut [0.7, 1.2], 1.3, #k) -> ());
    }
    for i in 0..4 {
        check!(short_circuit(&[0.7, -0.2, 1.4], #i));
    }
    check!(in_loop(&[0.7, -0.2, 1.4, 0.3, -0.6, 0.9], 0.0));
    check!(selected_place(&mut [0.7, 1.2], 1.3, #true) -> ());
    check!(selected_place(&mut [0.7, 1.2], 1.3, #false) -> ());
    check!(largest(&[0.7, 1.2, 0.1, 1.9, -0.4]));
}
