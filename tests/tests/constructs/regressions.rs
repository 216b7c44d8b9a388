//! One test for each mistake found by a random program or a user.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn brk(x: &[f64], c: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        let mut t = [x[i], s];
        if t[0] > c {
            break;
        }
        t[1] = t[0] * s;
        s += t[1] * t[0] + x[i];
    }
    s
}

#[test]
fn break_with_saved_local_array() {
    let x = [0.1, 0.4, -0.3, 0.8, 1.2, 0.2];
    for c in [-1.0, 0.3, 0.5, 0.9, 2.0] {
        check!(brk(&x, c));
    }
}

#[autodiff]
fn overwritten_integer(input: &[f64]) -> f64 {
    let mut t = [input[1].tanh(); 2];
    let mut n = 0usize;
    loop {
        n += 1;
        if n > 3 {
            break;
        }
        let mut k = n + 1;
        t[k % 2] = (t[k % 2] * t[(k + 1) % 2]).sin();
        k = (k * 3 + 1) % 5;
    }
    0.3 * t[1]
}

#[test]
fn overwritten_integer_after_break_in_loop() {
    check!(overwritten_integer(&[0.3, 0.8]));
}

#[autodiff]
fn p(b: f64, e: usize) -> f64 {
    if e == 0 { 1.0 } else { b * p(b, e - 1) }
}

#[autodiff]
fn power_squared(c: f64, n: usize) -> f64 {
    let q = p(c, n);
    q * q
}

#[test]
fn recursion_result_squared() {
    for n in 0..5 {
        check!(p(0.7, #n));
        check!(power_squared(0.7, #n));
    }
}

#[autodiff]
fn assigned_to_itself(x: &[f64], a: f64) -> f64 {
    let mut s = (a + x[3]).max(x[1]).tanh();
    s = s;
    for i in 0..3 {
        s /= 1.5 + x[i] * s;
    }
    s
}

#[autodiff]
fn assigned_to_itself_in_loop(x: &[f64]) -> f64 {
    let mut s = x[0];
    let mut y = x.to_vec();
    for i in 0..x.len() {
        s *= x[i] + s;
        s = s;
        y[i] = y[i];
        y[i] *= s;
    }
    s * y[1]
}

#[test]
fn overwritten_by_itself() {
    check!(assigned_to_itself(&[0.7, -1.2, 0.4, 0.9], 0.3));
    check!(assigned_to_itself(&[0.7, 1.8, 0.4, 0.9], 0.3));
    check!(assigned_to_itself_in_loop(&[0.7, -1.2, 0.4]));
}

#[autodiff]
fn varying_step(x: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..n {
        let mut a = [0.0; 3];
        for j in 0..3 {
            let st = j + 1;
            for k in (0..3).step_by(st) {
                a[k] += x[j] * x[k];
            }
        }
        s += a[i] * a[0];
    }
    s
}

#[test]
fn step_that_varies() {
    for n in 0..4 {
        check!(varying_step(&[0.7, -1.2, 0.4], #n));
    }
}

mod rt {
    pub const GAIN: f64 = 1.5;

    pub fn weight(n: usize) -> f64 {
        1.0 / (n as f64 + 0.5)
    }

    use ad_runtime::prelude::*;

    #[autodiff]
    pub fn cube(x: f64) -> f64 {
        x * x * x
    }
}

#[autodiff]
fn uses_rt(x: &[f64]) -> f64 {
    let mut s = rt::GAIN;
    for i in 0..x.len() {
        s = s * rt::weight(i) + rt::cube(x[i]) * s;
    }
    s
}

#[test]
fn module_named_rt() {
    check!(uses_rt(&[0.7, -1.2, 0.4]));
}

#[autodiff]
fn names(d_x: &[f64], x: &[f64], seed: f64, into_c: f64) -> f64 {
    let mut result = seed * x[0];
    let mut tape = vec![into_c; d_x.len()];
    let primal = result.sin() + d_x[0];
    for t in 0..tape.len() {
        let pullback = tape[t] * d_x[t] * primal;
        tape[t] = pullback * x[t] + result;
        result += tape[t] * into_c;
    }
    let t = result * primal;
    t * tape[0]
}

#[autodiff]
fn shadow_names(x: f64, d_x: f64, d_d_x: f64) -> f64 {
    let t = x * d_x;
    let d_result = t.sin() * d_d_x;
    let result = d_result + d_x;
    let d_t = result * t;
    d_t * d_d_x
}

#[autodiff]
fn result(seed: &mut [f64], tape: f64) {
    let primal = seed[0] * tape;
    seed[1] *= primal;
    let pullback = seed[1].cos();
    seed[0] = pullback * tape;
}

#[autodiff]
fn pullback(primal: f64, tangent: f64, forward: f64, reverse: f64) -> (f64, f64) {
    let shadow = primal * tangent;
    let value = shadow + forward * reverse;
    (value * value, shadow)
}

#[test]
fn names_of_the_expansion() {
    check!(names(&[0.3, 0.8], &[0.7, -1.2], 1.3, 0.6));
    check!(shadow_names(0.7, 1.2, 0.4));
    check!(result(&mut [0.7, 1.2], 0.4) -> ());
    check!(pullback(0.7, 1.2, 0.4, 0.9));
}

#[autodiff]
fn read_before_it_is_lent(x: &[f64], steps: usize) -> f64 {
    let mut s = 0.0;
    for k in 0..steps {
        let mut t = vec![0.25; 4];
        for i in 0..4 {
            t[i] = x[k] + i as f64;
        }
        s += t[2] * x[k];
        let r = &mut t[2..4];
        r[0] = x[k] * r[1];
        s += t[2] * t[1];
    }
    s
}

#[autodiff]
fn read_before_it_is_split(x: &[f64], steps: usize) -> f64 {
    let mut s = 0.0;
    let mut t = [0.25; 4];
    for k in 0..steps {
        for i in 0..4 {
            t[i] = x[k] + i as f64;
        }
        s += (t[1] * x[k]).sin();
        let (a, b) = t.split_at_mut(2);
        a[1] = x[k] * b[1];
        s += (t[2] * t[1]).sin();
    }
    s
}

#[test]
fn reads_stay_before_what_is_lent_is_written() {
    let x = [0.3, -0.4, 0.5];
    for n in 0..4 {
        check!(read_before_it_is_lent(&x, #n));
        check!(read_before_it_is_split(&x, #n));
    }
}

#[autodiff]
fn of_a_literal(y: &mut [f64]) -> f64 {
    y[1] = -1.0;
    let u = y[0] * y[(y[1].abs() * 2.0) as usize % 2];
    u + y[1].tanh() * y[0]
}

#[test]
fn a_stored_literal_has_the_type_of_its_place() {
    check!(of_a_literal(&mut [0.3, 0.7]));
}
