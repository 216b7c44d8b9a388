//! Statements that move memory, check, print or do not come back.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn swap_values(x: f64, y: f64) -> f64 {
    let mut a = x * x;
    let mut b = y.sin();
    std::mem::swap(&mut a, &mut b);
    a *= x;
    std::mem::swap(&mut a, &mut b);
    a * a * b
}

#[autodiff]
fn swap_elements(x: &mut [f64]) {
    x[0] *= x[1];
    x.swap(0, 2);
    x[0] *= x[0];
    x.swap(1, 1);
    x[2] += x[0];
}

#[autodiff]
fn reverse_in_place(x: &mut [f64]) -> f64 {
    let mut s = 0.0;
    let mut i = 0;
    let mut j = x.len() - 1;
    while i < j {
        s += x[i] * x[j];
        x.swap(i, j);
        x[i] *= 2.0 + s;
        i += 1;
        j -= 1;
    }
    s
}

#[autodiff]
fn swap_vecs(x: &[f64], steps: usize) -> f64 {
    let mut old = x.to_vec();
    let mut new = vec![0.0; x.len()];
    for _ in 0..steps {
        for i in 0..old.len() {
            new[i] = old[i] * old[(i + 1) % old.len()];
        }
        std::mem::swap(&mut old, &mut new);
    }
    old[0] + old[1] * new[0]
}

#[autodiff]
fn swap_arguments(a: &mut [f64], b: &mut [f64]) {
    for i in 0..a.len() {
        std::mem::swap(&mut a[i], &mut b[i]);
        a[i] *= b[i];
    }
}

#[autodiff]
fn bubble_sort(x: &[f64]) -> f64 {
    let mut a = x.to_vec();
    for i in 0..a.len() {
        for j in 0..a.len() - 1 - i {
            if a[j] > a[j + 1] {
                a.swap(j, j + 1);
            }
        }
    }
    let mut s = 0.0;
    for i in 0..a.len() {
        s += a[i] * a[i] * (i + 1) as f64;
    }
    s
}

#[autodiff]
fn pivoting(m: &[f64], n: usize) -> f64 {
    let mut a = m.to_vec();
    let mut det = 1.0;
    for k in 0..n {
        let mut p = k;
        for i in k + 1..n {
            if a[i * n + k].abs() > a[p * n + k].abs() {
                p = i;
            }
        }
        if p != k {
            for j in 0..n {
                a.swap(k * n + j, p * n + j);
            }
            det = -det;
        }
        det *= a[k * n + k];
        for i in k + 1..n {
            let f = a[i * n + k] / a[k * n + k];
            for j in k..n {
                a[i * n + j] -= f * a[k * n + j];
            }
        }
    }
    det
}

#[autodiff]
fn copies(y: &mut [f64], x: &[f64]) {
    y[0] *= x[0];
    let keep = y[0];
    y.copy_from_slice(x);
    y[1] *= keep;
    let n = y.len();
    y[n - 1..].copy_from_slice(&x[..1]);
    y[0] *= y[0];
}

#[autodiff]
fn copies_between_parts(y: &mut [f64], n: usize) {
    let (a, b) = y.split_at_mut(n);
    a[0] *= b[0];
    b.copy_from_slice(a);
    b[0] *= a[1];
    a.clone_from_slice(b);
}

#[autodiff]
fn fills(y: &mut [f64], x: f64) -> f64 {
    let before = y[0] * y[1];
    y.fill(x * x);
    y[1] *= before;
    y[2..].fill(0.0);
    y[0] + y[2]
}

#[autodiff]
fn fills_local(x: &[f64]) -> f64 {
    let mut row = vec![0.0; 2];
    let mut s = 0.0;
    for i in 0..x.len() {
        row.fill(x[i]);
        row[0] *= s + 1.0;
        s += row[0] * row[1];
    }
    s
}

#[autodiff]
fn asserts(x: &[f64], n: usize) -> f64 {
    assert!(n <= x.len());
    assert_eq!(x.len() % 2, 0, "an even number, not {}", x.len());
    debug_assert!(x[0] > 0.0, "x[0] = {}", x[0]);
    assert_ne!(n, 7);
    let y = x[0] * x[1];
    assert!(y.is_finite());
    debug_assert_eq!(n, n);
    y * y
}

#[autodiff]
fn prints(x: f64) -> f64 {
    println!("x = {x}");
    let y = x * x;
    eprintln!("y = {} {y:.3}", y);
    print!("");
    y
}

#[autodiff]
fn calls_stop_gradient(x: f64, y: f64) -> f64 {
    let scale = stop_gradient(2.0);
    let k = stop_gradient(3usize);
    x * y * scale * k as f64
}

#[autodiff]
fn swap_rows(m: &mut [[f64; 2]; 2]) {
    m[0][0] *= m[1][1];
    m.swap(0, 1);
    m[0][1] += m[1][0];
}

#[autodiff]
fn replaces(x: f64) -> f64 {
    let mut a = x * x;
    let old = std::mem::replace(&mut a, x.sin());
    let taken = std::mem::take(&mut a);
    old * taken + a
}

#[autodiff]
fn panics_in_else(x: f64, n: usize) -> f64 {
    let w = if n < 3 {
        x * n as f64
    } else {
        panic!("too large: {n}")
    };
    if n > 10 {
        unreachable!("{}", x);
    }
    w * w
}

#[autodiff]
fn panics_in_statement(x: f64, k: usize) -> f64 {
    if x.is_nan() {
        panic!("not a number");
    }
    if k > 3 {
        unreachable!("no case {k}");
    }
    let mut s = x;
    for i in 0..k {
        s = s * x + 1.0;
        if s > 50.0 {
            panic!("{s} at {i}");
        }
    }
    s
}

#[autodiff]
fn replaces_vec(x: &[f64]) -> f64 {
    let mut a = x.to_vec();
    a[0] *= a[1];
    let old = std::mem::replace(&mut a, vec![x[0]; 2]);
    a[0] * old[0] + old[1]
}

#[autodiff]
fn takes_value(x: f64) -> f64 {
    let mut a = x * x;
    let taken = std::mem::take(&mut a);
    taken * x + a
}

#[autodiff]
fn one_panic(x: f64, k: usize) -> f64 {
    if k > 3 {
        panic!("no case {k}");
    }
    x * x
}

#[autodiff]
fn two_panics(x: f64, k: usize) -> f64 {
    if k > 3 {
        panic!("no case {k}");
    }
    if k > 2 {
        panic!("no other case");
    }
    x * x
}

#[autodiff]
fn panic_in_else(x: f64, n: usize) -> f64 {
    let w = if n < 3 {
        x * n as f64
    } else {
        panic!("too large: {n}")
    };
    w * w
}

#[autodiff]
fn assigns_vec_other_length(x: &[f64]) -> f64 {
    let mut a = x.to_vec();
    a[0] *= a[1];
    let s = a[0] * a[2];
    a = vec![x[0]; 2];
    a[1] *= s;
    a[0] * a[1]
}

#[test]
fn moves() {
    let x = [0.7, -1.2, 0.4, 0.9];
    check!(swap_values(0.7, 1.2));
    check!(swap_elements(&mut x.clone()) -> ());
    check!(reverse_in_place(&mut [0.7, -1.2, 0.4, 0.9, 0.2]));
    for n in 0..4 {
        check!(swap_vecs(&[0.7, -1.2, 0.4], #n));
    }
    check!(swap_arguments(&mut [0.7, -1.2], &mut [0.4, 0.9]) -> ());
    check!(bubble_sort(&x));
    check!(pivoting(&[0.1, 1.2, 0.4, 0.9, 0.3, -0.5, 0.8, 1.1, 0.2], #3));
    check!(copies(&mut [0.1, 0.2, 0.3, 0.4], &x) -> ());
    check!(copies_between_parts(&mut x.clone(), #2) -> ());
    check!(fills(&mut x.clone(), 1.3));
    check!(fills_local(&x));
    check!(swap_rows(&mut [[0.7, -1.2], [0.4, 0.9]]) -> ());
}

#[test]
fn checks() {
    check!(asserts(&[0.7, 0.9], #1));
    check!(prints(0.7));
    check!(calls_stop_gradient(0.7, 0.9));
}

fn message(run: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(run).expect_err("it should panic");
    let text = panic.downcast_ref::<String>().cloned();
    text.unwrap_or_else(|| panic.downcast_ref::<&str>().unwrap_or(&"").to_string())
}

#[test]
fn asserts_come_through() {
    let odd = || drop(asserts::reverse(&[0.7, 0.9, 0.1], &mut [0.0; 3], 1, 1.0));
    assert!(message(odd).contains("an even number, not 3"));
    let long = || drop(asserts::forward(&[0.7, 0.9], &[0.0; 2], 3));
    assert!(message(long).contains("n <= x.len()"));
}

#[autodiff]
fn replaces_value(x: f64) -> f64 {
    let mut a = x * x;
    let old = std::mem::replace(&mut a, x.sin());
    old * a
}

#[autodiff]
fn replaces_element(y: &mut [f64], x: f64) -> f64 {
    let old = std::mem::replace(&mut y[0], x * x);
    y[1] *= old + y[0];
    old * x
}

#[autodiff]
fn replaces_vec_same_length(x: &[f64]) -> f64 {
    let mut a = x.to_vec();
    a[0] *= a[1];
    let old = std::mem::replace(&mut a, vec![x[0]; x.len()]);
    a[0] * old[0] + old[1]
}

#[autodiff]
fn panic_in_loop(x: f64, k: usize) -> f64 {
    let mut s = x;
    for i in 0..k {
        s = s * x + 1.0;
        if s > 50.0 {
            panic!("{s} at {i}");
        }
    }
    s
}

#[autodiff]
fn panic_in_arm(x: f64, n: usize) -> f64 {
    let w = match n {
        0 => x * x,
        1 => x.sin(),
        _ => panic!("no case {n}"),
    };
    w * w
}

#[test]
fn replacing() {
    check!(replaces_value(0.7));
    check!(replaces_element(&mut [0.7, 0.2], 1.3));
    check!(replaces_vec_same_length(&[0.7, 0.2]));
    check!(replaces(0.7));
    check!(replaces_vec(&[0.7, -1.2, 0.4, 0.9]));
    check!(takes_value(0.7));
    check!(assigns_vec_other_length(&[0.7, 0.2, 0.9]));
}

#[test]
fn panicking() {
    check!(panic_in_loop(0.7, #3));
    check!(panic_in_arm(0.7, #0));
    check!(panic_in_arm(0.7, #1));
    check!(panics_in_else(0.7, #2));
    for k in 0..4 {
        check!(panics_in_statement(0.7, #k));
    }
    check!(one_panic(0.7, #1));
    check!(two_panics(0.7, #1));
    check!(panic_in_else(0.7, #2));
}

/// Counts how often it is formatted: printing is the only effect that can be seen.
struct Seen;

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        COUNT.with(|count| count.set(count.get() + 1));
        write!(f, "seen")
    }
}

thread_local! {
    static COUNT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[autodiff]
fn prints_in_loop(x: &[f64]) -> f64 {
    let mut s = 1.0;
    for i in 0..x.len() {
        if x[i] > 0.0 {
            println!("{i}: {} {}", x[i], Seen);
        }
        s *= x[i];
        s = s.sin();
    }
    s
}

#[test]
fn printed_once() {
    let counted = |run: &dyn Fn()| {
        COUNT.with(|count| count.set(0));
        run();
        COUNT.with(|count| count.get())
    };
    let x = [0.7, -1.2, 0.4];
    assert_eq!(counted(&|| drop(prints_in_loop(&x))), 2);
    let forward = || drop(prints_in_loop::forward(&x, &[1.0; 3]));
    assert_eq!(counted(&forward), 2);
    let with_primal = || drop(prints_in_loop::forward_with_primal(&x, &[1.0; 3]));
    assert_eq!(counted(&with_primal), 2);
    assert_eq!(
        counted(&|| prints_in_loop::reverse(&x, &mut [0.0; 3], 1.0)),
        2
    );
    let with_primal = || drop(prints_in_loop::reverse_with_primal(&x, &mut [0.0; 3], 1.0));
    assert_eq!(counted(&with_primal), 2);
}

#[test]
fn panics_in_statements_come_through() {
    let no_case = "internal error: entered unreachable code: no case 9";
    assert_eq!(
        message(|| drop(panics_in_statement::reverse(0.7, 9, 1.0))),
        no_case
    );
    assert_eq!(
        message(|| drop(panics_in_statement::forward(0.7, 1.0, 9))),
        no_case
    );
    let nan = || drop(panics_in_statement::reverse_with_primal(f64::NAN, 0, 1.0));
    assert_eq!(message(nan), "not a number");
    assert_eq!(
        message(|| drop(panics_in_statement::reverse(8.0, 3, 1.0))),
        "65 at 0"
    );
}

#[test]
fn panics_in_else_come_through() {
    let large = || drop(panics_in_else::reverse(0.7, 4, 1.0));
    assert_eq!(message(large), "too large: 4");
}
