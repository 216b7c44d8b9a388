//! `while` and `loop`, with conditions on integers and on floats.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn counted(x: f64, n: usize) -> f64 {
    let mut i = 0;
    let mut y = x;
    while i < n {
        y = y * y + x;
        i += 1;
    }
    y
}

#[autodiff]
fn counts_down(x: &[f64]) -> f64 {
    let mut i = x.len();
    let mut s = 0.5;
    while i > 0 {
        i -= 1;
        s = s * x[i] + x[i];
    }
    s
}

#[autodiff]
fn newton(a: f64) -> f64 {
    let mut x = a;
    while (x * x - a).abs() > 1e-13 {
        x -= (x * x - a) / (2.0 * x);
    }
    x
}

#[autodiff]
fn doubling(x: f64, limit: f64) -> f64 {
    let mut y = x;
    let mut count = 0;
    while y < limit {
        y = 2.0 * y + x * y;
        count += 1;
    }
    y * count as f64
}

#[autodiff]
fn plain_loop(x: f64) -> f64 {
    let mut y = x;
    let mut k = 0;
    loop {
        y = y.sin() + 0.5 * y;
        k += 1;
        if k == 4 {
            break;
        }
    }
    y
}

#[autodiff]
fn loop_value(x: f64) -> f64 {
    let mut y = x;
    let root = loop {
        let next = 0.5 * (y + x / y);
        if (next - y).abs() < 1e-14 {
            break next;
        }
        y = next;
    };
    root * x
}

#[autodiff]
fn two_conditions(x: &[f64], low: f64) -> f64 {
    let mut i = 0;
    let mut s = 0.0;
    while i < x.len() && x[i] > low {
        s += x[i] * x[i] + s * x[i];
        i += 1;
    }
    s
}

#[autodiff]
fn nested(x: f64, n: usize) -> f64 {
    let mut s = x;
    let mut i = 0;
    while i < n {
        let mut j = n;
        while j > i {
            s = s * 0.5 + x * (j - i) as f64;
            j -= 1;
        }
        let mut k = 0;
        while k * k < j + 2 {
            s += s * x * 0.1;
            k += 1;
        }
        i += 2;
    }
    s
}

#[autodiff]
fn bisection(a: f64, b: f64) -> f64 {
    let mut low = a * a;
    let mut high = b * b;
    for _ in 0..5 {
        let middle = 0.5 * (low + high);
        if middle > 1.0 {
            high = middle;
        } else {
            low = middle;
        }
    }
    low * high
}

#[autodiff]
fn collatz(x: f64, n: u64) -> f64 {
    let mut n = n;
    let mut y = x;
    while n != 1 {
        if n % 2 == 0 {
            n /= 2;
            y = y * x;
        } else {
            n = 3 * n + 1;
            y = y + x * y;
        }
    }
    y
}

#[autodiff]
fn series(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut n = 0;
    while term > 1e-17 || -term > 1e-17 {
        n += 1;
        term *= x / n as f64;
        sum += term;
    }
    sum
}

#[autodiff]
fn in_place(y: &mut [f64], n: usize) {
    let mut round = 0;
    while round < n {
        let mut i = 1;
        while i < y.len() {
            y[i] = y[i] * y[i - 1] + 0.1;
            i += 1;
        }
        round += 1;
    }
}

#[autodiff]
fn flag(x: f64) -> f64 {
    let mut y = x;
    let mut going = true;
    while going {
        y = y * 1.5 + x * y;
        going = y < 20.0;
    }
    y
}

#[autodiff]
fn carried_vec(x: &[f64], n: usize) -> f64 {
    let mut old = x.to_vec();
    let mut step = 0;
    while step < n {
        let mut new = vec![0.0; old.len()];
        for i in 0..old.len() {
            new[i] = old[i] * old[(i + 1) % old.len()];
        }
        old = new;
        step += 1;
    }
    old[0] + old[1]
}

#[autodiff]
fn float_time(x: f64, dt: f64) -> f64 {
    let mut t = 0.0_f64;
    let mut y = x;
    while t < 1.05 {
        y += dt * (t.cos() - y * y);
        t += dt;
    }
    y
}

#[autodiff]
fn condition_block(x: f64) -> f64 {
    let mut y = x;
    let mut k = 0;
    while {
        y = y * x + 0.1;
        k += 1;
        k < 5
    } {
        y *= y;
    }
    y
}

#[test]
fn loops() {
    for n in 0..5 {
        check!(counted(0.6, #n));
        check!(nested(0.6, #n));
        check!(in_place(&mut [0.7, 1.2, -0.4], #n) -> ());
        check!(carried_vec(&[0.7, 1.2, -0.4], #n));
        check!(collatz(0.6, #n as u64 + 1));
    }
    check!(counts_down(&[0.7, 1.2, -0.4]));
    check!(newton(2.0));
    check!(doubling(0.6, 20.0));
    check!(plain_loop(0.6));
    check!(loop_value(2.0));
    check!(two_conditions(&[0.7, 1.2, -0.4, 0.8], 0.0));
    check!(two_conditions(&[0.7, 1.2], 0.0));
    check!(bisection(0.3, 1.7));
    check!(series(0.6));
    check!(flag(0.6));
    check!(float_time(0.6, 0.1));
    check!(condition_block(0.6));
}
