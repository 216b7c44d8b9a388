//! Calls of differentiated functions, recursion among them.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn square(x: f64) -> f64 {
    x * x
}

#[autodiff]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..a.len() {
        s += a[i] * b[i];
    }
    s
}

#[autodiff]
fn axpy(y: &mut [f64], a: f64, x: &[f64]) {
    for i in 0..y.len() {
        y[i] += a * x[i];
    }
}

#[autodiff]
fn scale(y: &mut [f64], a: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..y.len() {
        s += y[i];
        y[i] *= a;
    }
    s
}

#[autodiff]
fn nested(x: f64) -> f64 {
    square(square(x) + x) * square(x.sin())
}

#[autodiff]
fn in_loop(x: &[f64]) -> f64 {
    let mut s = 0.3;
    for i in 0..x.len() {
        s = square(s) + square(x[i]) * s;
    }
    s
}

#[autodiff]
fn in_condition(x: f64) -> f64 {
    if square(x) > 1.0 {
        square(x)
    } else {
        x * square(2.0)
    }
}

#[autodiff]
fn mutable_arguments(y: &mut [f64], x: &[f64], a: f64) {
    axpy(y, a, x);
    let s = scale(y, a * a);
    axpy(y, s, x);
}

#[autodiff]
fn local_memory(x: &[f64], a: f64) -> f64 {
    let mut y = vec![1.0; x.len()];
    axpy(&mut y, a, x);
    let s = scale(&mut y, a);
    axpy(&mut y, s, x);
    axpy(&mut y[1..], a, &x[1..]);
    dot(&y, x)
}

#[autodiff]
fn same_twice(x: &[f64]) -> f64 {
    dot(x, x) + dot(&x[..1], &x[1..])
}

#[autodiff]
fn active_and_constant(x: &[f64], w: &[f64]) -> f64 {
    let c = [0.5, 2.0];
    dot(x, &c) * dot(&c, w) + dot(&c, &c)
}

#[autodiff]
fn constant_argument(x: f64, n: usize) -> f64 {
    let mut y = [0.0; 2];
    axpy(&mut y, 1.0, &[0.5, 0.25]);
    axpy(&mut y, x, &[1.0, n as f64]);
    square(y[0]) * y[1] + square(n as f64)
}

#[autodiff(Reverse, Active, Duplicated, Const)]
#[autodiff(Forward, Duplicated, Duplicated, Const)]
fn weighted(x: &[f64], w: &[f64]) -> f64 {
    dot(x, w) + dot(w, w) * x[0]
}

#[autodiff]
fn calls_with_constant(x: &[f64]) -> f64 {
    weighted(x, &[0.3, 0.4]) * x[1]
}

#[autodiff]
fn factorial(x: f64, n: usize) -> f64 {
    if n == 0 {
        1.0
    } else {
        (x + n as f64) * factorial(x, n - 1)
    }
}

#[autodiff]
fn fibonacci(x: f64, n: usize) -> f64 {
    if n < 2 {
        return x;
    }
    fibonacci(x, n - 1) * fibonacci(x * 0.9, n - 2) + 0.1
}

#[autodiff]
fn tree_sum(x: &[f64]) -> f64 {
    if x.len() == 1 {
        return x[0] * x[0];
    }
    let half = x.len() / 2;
    let left = tree_sum(&x[..half]);
    let right = tree_sum(&x[half..]);
    left * right + left.sin()
}

#[autodiff]
fn fold(y: &mut [f64], a: f64) {
    let n = y.len();
    if n > 1 {
        let (low, high) = y.split_at_mut(n / 2);
        for i in 0..low.len() {
            low[i] += a * high[i] * low[i];
        }
        fold(low, a * a);
        fold(high, a);
        y[0] *= y[n - 1];
    }
}

#[autodiff]
fn even(x: f64, n: usize) -> f64 {
    if n == 0 { x } else { odd(x * x, n - 1) }
}

#[autodiff]
fn odd(x: f64, n: usize) -> f64 {
    if n == 0 {
        x.sin()
    } else {
        even(x + 1.0, n - 1)
    }
}

#[autodiff]
fn swap_pair(p: (f64, f64)) -> (f64, f64) {
    (p.1 * p.0, p.0)
}

#[autodiff]
fn tuple_results(x: f64, y: f64) -> f64 {
    let (a, b) = swap_pair((x, y));
    let c = swap_pair((a, b));
    c.0 * c.1 + swap_pair(c).0
}

#[autodiff]
fn outer(a: &[f64], b: f64) -> Vec<f64> {
    let mut out = vec![0.0; a.len()];
    for i in 0..a.len() {
        out[i] = a[i] * b;
    }
    out
}

#[autodiff]
fn vec_results(x: &[f64]) -> f64 {
    let y = outer(x, x[0]);
    let mut z = outer(&y, 2.0);
    z[0] *= y[1];
    dot(&y, &z)
}

#[autodiff]
fn constant_helper(x: f64, n: usize) -> f64 {
    x * weight_of(n) + square(x) * weight_of(n + 1)
}

fn weight_of(n: usize) -> f64 {
    1.0 / (n as f64 + 0.5)
}

mod inner {
    use ad_runtime::prelude::*;

    #[autodiff]
    pub fn cube(x: f64) -> f64 {
        x * x * x
    }
}

#[autodiff]
fn qualified(x: f64) -> f64 {
    inner::cube(x) * self::square(x) + f64::sin(x) + f64::max(x, 0.1)
}

#[autodiff]
fn call_as_argument(x: &[f64]) -> f64 {
    let mut y = [1.0, 2.0];
    axpy(&mut y, dot(x, x), &outer(x, x[1]));
    dot(&y, &[x[0], x[1]])
}

#[autodiff]
fn early_return_callee(x: f64) -> f64 {
    if x > 1.0 {
        return x.ln();
    }
    x * x
}

#[autodiff]
fn calls_early_return(x: &[f64]) -> f64 {
    let mut s = 1.0;
    for i in 0..x.len() {
        s *= early_return_callee(x[i]);
        if s > 4.0 {
            return early_return_callee(s);
        }
    }
    s
}

#[autodiff]
fn pair(a: &f64, b: &f64) -> f64 {
    *a * b.sin()
}

#[autodiff]
fn bump(a: &mut f64, x: f64) {
    *a = *a * x + 1.0;
}

#[autodiff]
fn statement_call(x: &[f64]) -> f64 {
    let mut y = x.to_vec();
    scale(&mut y, x[0]);
    let _ = scale(&mut y, 2.0);
    square(x[0]);
    y[0] * y[1]
}

#[autodiff]
fn mutable_element(y: &mut [f64], x: f64) {
    for i in 0..y.len() {
        bump(&mut y[i], x);
    }
    let mut t = x;
    bump(&mut t, y[0]);
    y[0] *= t;
}

#[autodiff]
fn same_local_twice(x: f64) -> f64 {
    let a = [x, x * x];
    dot(&a, &a) * pair(&a[0], &a[0])
}

#[autodiff]
fn pairs(p: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..p.len() {
        for j in 0..p.len() {
            s += pair(&p[i], &p[j]);
        }
    }
    s
}

#[test]
fn scalars() {
    check!(nested(0.7));
    check!(in_condition(0.7));
    check!(in_condition(1.7));
    check!(constant_argument(0.7, #2));
    check!(constant_helper(0.7, #2));
    check!(tuple_results(0.7, 1.2));
    check!(swap_pair((0.7, 1.2)));
    check!(qualified(0.7));
}

#[autodiff]
fn copied_and_summed(x: &[f64]) -> (Vec<f64>, f64) {
    let u = x.to_vec();
    let mut s = 0.1;
    for i in 0..u.len() {
        s += u[i] * u[i];
    }
    (u, s)
}

#[autodiff]
fn halves_of(x: &[f64], y: f64) -> (f64, [f64; 2], Vec<f64>, Vec<f64>) {
    let half = x.len() / 2;
    let (low, high) = x.split_at(half);
    (y * x[0], [x[1] * y, y * y], low.to_vec(), high.to_vec())
}

/// Vectors among the parts of a result: read, changed, handed on and returned.
#[autodiff]
fn parts_of_results(x: &[f64], y: f64) -> Vec<f64> {
    let (a, b) = copied_and_summed(x);
    let (mut c, _) = copied_and_summed(&a);
    c[0] *= b * a[1];
    let (d, e, f, mut g) = halves_of(&c, y);
    let whole = copied_and_summed(&f);
    g[0] += d * e[1] + whole.0[0] * whole.1;
    for i in 0..g.len() {
        let (h, k) = copied_and_summed(&g);
        g[i] = h[i] * k * e[0];
    }
    g
}

#[test]
fn memory() {
    check!(parts_of_results(&[0.7, -0.5, 0.4, 0.3], 0.6));
    let x = [0.7, -1.2, 0.4];
    check!(in_loop(&x));
    check!(mutable_arguments(&mut [0.1, 0.2, 0.3], &x, 1.3) -> ());
    check!(local_memory(&x, 1.3));
    check!(same_twice(&[0.7, 0.3]));
    check!(active_and_constant(&[0.7, 0.3], &[0.2, 0.9]));
    check!(weighted(&[0.7, 0.3], #&[0.2, 0.9]));
    check!(calls_with_constant(&[0.7, 0.3]));
    check!(vec_results(&x));
    check!(call_as_argument(&[0.7, 0.3]));
    check!(calls_early_return(&[0.7, 1.3, 0.9]));
    check!(calls_early_return(&[20.7, 12.3, 0.9]));
    check!(pair(&0.7, &0.3));
    check!(statement_call(&[0.7, 0.3]));
    check!(mutable_element(&mut [0.7, -1.2], 1.3) -> ());
    check!(same_local_twice(0.7));
    check!(pairs(&x));
}

#[test]
fn recursion() {
    for n in 0..5 {
        check!(factorial(0.7, #n));
        check!(fibonacci(0.7, #n));
    }
    check!(tree_sum(&[0.7, -1.2, 0.4, 0.9, 1.1]));
    check!(fold(&mut [0.7, -1.2, 0.4, 0.9, 1.1], 0.8) -> ());
}

#[test]
fn mutual_recursion() {
    for n in 0..5 {
        check!(even(0.7, #n));
    }
}

/// Lends what has no name.
#[autodiff]
fn unnamed(x: &[f64], n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        sum += overwrites_and_sums(&mut [x[i], 1.0, x[0] * x[i]], x);
        sum *= overwrites_and_sums(&mut vec![0.5; 2], x);
    }
    sum
}

#[autodiff]
fn overwrites_and_sums(t: &mut [f64], x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..t.len() {
        t[i] *= x[i] * t[i];
        sum += t[i] * x[0];
    }
    sum
}

#[test]
fn what_has_no_name() {
    for n in [0, 1, 3] {
        check!(unnamed(&[0.4, -0.7, 0.9], #n));
    }
}
