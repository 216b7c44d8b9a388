//! `break`, `continue`, labels and early `return`.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn break_for(x: &[f64], n: usize) -> f64 {
    let mut s = 0.5;
    for i in 0..x.len() {
        if i == n {
            break;
        }
        s = s * x[i] + x[i];
    }
    s
}

#[autodiff]
fn break_on_value(x: &[f64]) -> f64 {
    let mut s = 0.5;
    for i in 0..x.len() {
        s += x[i] * s;
        if s > 2.0 {
            break;
        }
        s *= x[i] + 1.0;
    }
    s
}

#[autodiff]
fn continue_for(x: &[f64]) -> f64 {
    let mut s = 1.0;
    for i in 0..x.len() {
        if x[i] < 0.0 {
            continue;
        }
        s = s * x[i] + i as f64;
    }
    s
}

#[autodiff]
fn continue_while(x: &[f64]) -> f64 {
    let mut s = 1.0;
    let mut i = 0;
    while i < x.len() {
        i += 1;
        if i % 2 == 0 {
            s *= x[i - 1];
            continue;
        }
        s += s * x[i - 1];
    }
    s
}

#[autodiff]
fn break_and_continue(x: &[f64]) -> f64 {
    let mut s = 1.0;
    for &v in x {
        if v < 0.0 {
            s *= v;
            continue;
        }
        if s > 3.0 {
            s = s.ln();
            break;
        }
        s = s * v + v;
    }
    s * s
}

#[autodiff]
fn labels(m: &[f64], n: usize) -> f64 {
    let mut s = 1.0;
    'rows: for i in 0..n {
        for j in 0..n {
            let v = m[i * n + j];
            if v < 0.0 {
                s *= 1.0 - v;
                continue 'rows;
            }
            if v > 5.0 {
                s += v * s;
                break 'rows;
            }
            s = s * v + 0.1;
        }
        s += s * s * 0.01;
    }
    s
}

#[autodiff]
fn labelled_while(x: f64, n: usize) -> f64 {
    let mut s = x;
    let mut i = 0;
    'outer: while i < n {
        i += 1;
        let mut j = 0;
        loop {
            j += 1;
            s = s * 0.5 + x;
            if j > i {
                continue 'outer;
            }
            if i + j > 6 {
                break 'outer;
            }
            if j == 3 {
                break;
            }
        }
        s *= x;
    }
    s
}

#[autodiff]
fn break_value(x: f64) -> f64 {
    let mut k = 0;
    let y = loop {
        k += 1;
        if x * k as f64 > 3.0 {
            break x * x;
        }
        if k == 3 {
            break x.sin();
        }
    };
    y * k as f64
}

#[autodiff]
fn labelled_block(x: f64, k: usize) -> f64 {
    let y = 'value: {
        if k == 0 {
            break 'value x * x;
        }
        let z = x.sin();
        if k == 1 {
            break 'value z;
        }
        z * x
    };
    y * y
}

#[autodiff]
fn return_early(x: f64) -> f64 {
    if x < 0.0 {
        return 0.0;
    }
    let y = x * x;
    if y > 1.0 {
        return y.ln() + 1.0;
    }
    y
}

#[autodiff]
fn return_from_loop(x: &[f64]) -> f64 {
    let mut s = 1.0;
    for i in 0..x.len() {
        s *= 1.0 + x[i];
        if s > 2.0 {
            return s * x[i];
        }
    }
    s + x[0]
}

#[autodiff]
fn return_from_nested(m: &[f64], n: usize) -> f64 {
    let mut s = 0.3;
    for i in 0..n {
        for j in 0..n {
            s += m[i * n + j] * s;
            if s > 1.0 {
                return s * s;
            }
            if s < -1.0 {
                return m[0];
            }
        }
        if i == 1 && s > 0.6 {
            return s.exp();
        }
        s *= 0.5;
    }
    s
}

#[autodiff]
fn return_unit(y: &mut [f64], x: f64, n: usize) {
    if n == 0 {
        return;
    }
    for i in 0..y.len() {
        y[i] *= x * y[i];
        if i == n {
            return;
        }
        y[0] += y[i];
    }
    y[0] = x;
}

#[autodiff]
fn return_from_while(x: f64, n: usize) -> f64 {
    let mut y = x;
    let mut i = 0;
    while i < n {
        y = y * y + 0.2;
        if y > 1.5 {
            return y * i as f64;
        }
        let mut j = 0;
        while j < i {
            y += 0.1 * x;
            if y > 1.2 {
                return y * x;
            }
            j += 1;
        }
        i += 1;
    }
    y
}

#[autodiff]
fn return_from_match(x: f64, k: usize) -> f64 {
    for i in 0..4 {
        match i + k {
            2 => return x * x,
            3 => return x.sin(),
            7 => break,
            _ => continue,
        }
    }
    x * 3.0
}

#[autodiff]
fn return_loop_forever(x: f64) -> f64 {
    let mut y = x;
    loop {
        y = y * y + x;
        if y > 10.0 {
            return y.ln();
        }
    }
}

#[autodiff]
fn return_last(x: f64) -> f64 {
    let y = x * x;
    return y * y;
}

#[autodiff]
fn return_in_both(x: f64) -> f64 {
    if x > 0.0 {
        return x * x;
    } else {
        return x.exp();
    }
}

#[autodiff]
fn break_inner_only(x: &[f64], n: usize) -> f64 {
    let mut s = 1.0;
    for i in 0..n {
        for j in 0..n {
            if j > i {
                break;
            }
            s = s * x[j] + x[i];
        }
    }
    s
}

#[autodiff]
fn overwritten_after_exit(x: &[f64]) -> f64 {
    let mut a = x.to_vec();
    'outer: for round in 0..3 {
        for i in 0..a.len() {
            if i == 2 - round {
                continue 'outer;
            }
            if a[i] > 4.0 {
                break 'outer;
            }
            a[i] = a[i] * a[i] + x[i];
        }
    }
    a[0] * a[1]
}

#[autodiff]
fn find(x: &[f64], t: f64) -> f64 {
    let mut i = 0;
    while i + 1 < x.len() {
        if t < x[i + 1] {
            let w = (t - x[i]) / (x[i + 1] - x[i]);
            return i as f64 + w;
        }
        i += 1;
    }
    t * x[i]
}

#[autodiff]
fn break_tuple(x: f64) -> f64 {
    let mut a = x;
    let (b, k) = loop {
        a = a * a + 0.3;
        if a > 2.0 {
            break (a, 2.0 * a);
        }
    };
    b * k
}

#[autodiff]
fn return_in_value(x: f64) -> f64 {
    let y = if x > 1.0 { return x } else { x * x };
    y + x * if y > 0.5 { return y * x } else { y }
}

#[test]
fn breaks() {
    let x = [0.7, 1.2, -0.4, 0.8];
    for n in 0..5 {
        check!(break_for(&x, #n));
        check!(labelled_while(0.6, #n));
    }
    check!(break_on_value(&x));
    check!(break_on_value(&[0.1, 0.2]));
    check!(continue_for(&x));
    check!(continue_while(&x));
    check!(break_and_continue(&x));
    check!(break_and_continue(&[1.7, 1.9, 2.0, 0.3]));
    check!(labels(&[0.7, 1.2, 0.4, 0.8, -0.3, 0.6, 0.2, 0.9, 0.5], #3));
    check!(labels(&[0.7, 1.2, 0.4, 0.8, 5.3, 0.6, 0.2, 0.9, 0.5], #3));
    check!(break_value(0.6));
    check!(break_value(1.6));
    for k in 0..3 {
        check!(labelled_block(0.6, #k));
    }
    check!(break_inner_only(&x, #4));
    check!(overwritten_after_exit(&[0.7, 1.2, -0.4]));
    check!(overwritten_after_exit(&[4.7, 1.2, -0.4]));
    check!(break_tuple(0.9));
}

#[test]
fn returns() {
    for x in [-0.5, 0.6, 1.7] {
        check!(return_early(x));
        check!(return_in_both(x));
    }
    check!(return_last(0.6));
    check!(return_loop_forever(0.6));
    check!(return_from_loop(&[0.7, 1.2, -0.4]));
    check!(return_from_loop(&[0.1, 0.2, -0.4]));
    check!(return_from_nested(&[0.7, 1.2, 0.4, 0.8], #2));
    check!(return_from_nested(&[0.1, 0.2, 0.4, 0.1], #2));
    check!(return_from_nested(&[-9.1, 0.2, 0.4, 0.1], #2));
    check!(return_from_nested(&[0.3, 0.2, 0.9, 0.9], #2));
    for n in 0..5 {
        check!(return_unit(&mut [0.7, 1.2, -0.4], 1.3, #n) -> ());
        check!(return_from_while(0.6, #n));
        check!(return_from_while(0.9, #n));
        check!(return_from_match(0.6, #n));
    }
    check!(find(&[0.1, 0.5, 0.9], 0.6));
    check!(find(&[0.1, 0.5, 0.9], 0.2));
    check!(find(&[0.1, 0.5, 0.9], 1.2));
    for x in [-0.5, 0.6, 0.9, 1.7] {
        check!(return_in_value(x));
    }
}
