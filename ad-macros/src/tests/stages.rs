//! The text of the IR after the stages.

use super::lower;
use crate::ir::{dump, dump_block};
use crate::transform::reverse::{self, Form};
use expect_test::{Expect, expect};

fn check_lowered(source: &str, expected: &Expect) {
    expected.assert_eq(&dump(&lower(source).func));
}

fn check_reverse(source: &str, expected: &Expect) {
    let lowered = lower(source);
    let facts = lowered.facts();
    let sweeps = reverse::reverse(&facts, "f", Form::Joint);
    let forward = dump_block(&sweeps.func, &sweeps.func.body);
    let reverse = dump_block(&sweeps.func, &sweeps.reverse);
    expected.assert_eq(&format!("forward\n{forward}reverse\n{reverse}"));
}

/// Prints the IR of the functions in the file that `AD_IR` names: joint, then split.
#[test]
fn show() {
    let Ok(path) = std::env::var("AD_IR") else {
        return;
    };
    let source = std::fs::read_to_string(path).expect("the file is there");
    let file: syn::File = syn::parse_str(&source).expect("the file parses");
    for item in file.items {
        let syn::Item::Fn(mut function) = item else {
            continue;
        };
        function.attrs.clear();
        let lowered = lower(&quote::quote!(#function).to_string());
        let facts = lowered.facts();
        println!("{}: {}", function.sig.ident, dump(&lowered.func));
        for form in [Form::Joint, Form::Split] {
            let sweeps = reverse::reverse(&facts, "f", form);
            let forward = dump_block(&sweeps.func, &sweeps.func.body);
            let reverse = dump_block(&sweeps.func, &sweeps.reverse);
            println!("{form:?}\nforward\n{forward}reverse\n{reverse}");
        }
    }
}

#[test]
fn a_loop_is_lowered() {
    check_lowered(
        "fn f(x: &[f64], w: f64) -> f64 { let mut s = 0.0; for i in 0..x.len() { let t = x[i].sin(); s += w * t * t; } s }",
        &expect![[r#"
            fn (x, w)
                cell s = 0.0
                let x_len = len x
                for i in 0..x_len
                    let x_i = load x[i]
                    let t = sin(x_i)
                    let cos = cos(x_i)
                    let t3 = mul(w, t)
                    let t4 = mul(t3, t)
                    s += t4
                return s
        "#]],
    );
}

#[test]
fn a_sum_loop_has_no_tape() {
    check_reverse(
        "fn f(x: &[f64], w: f64) -> f64 { let mut s = 0.0; for i in 0..x.len() { let t = x[i].sin(); s += w * t * t; } s }",
        &expect![[r#"
            forward
                let x_len = len x
            reverse
                cell d_s = seed
                cell d_w = -0.0_f64
                view x_row = x[..x_len]
                view d_x_row = d_x[..x_len]
                for i in 0..x_len
                    let x_i = load x_row[i]
                    let t = sin(x_i)
                    let cos = cos(x_i)
                    let t3 = mul(w, t)
                    let t5 = load d_s
                    cell d_t4 = t5
                    let t6 = mul(d_t4, t)
                    cell d_t3 = t6
                    let t7 = mul(d_t4, t3)
                    cell d_t = t7
                    let t8 = mul(d_t3, t)
                    d_w += t8
                    let t9 = mul(d_t3, w)
                    d_t += t9
                    let t10 = mul(d_t, cos)
                    cell d_x_i = t10
                    gate {0}
                        d_x_row[i] += d_x_i
        "#]],
    );
}

#[test]
fn a_carried_state_is_saved_once_per_trip() {
    check_reverse(
        "fn f(x: f64, n: usize) -> f64 { let mut y = x; for _ in 0..n { let a = y * y; let b = a.sin(); y = y * b + a; } y }",
        &expect![[r#"
            forward
                cell y = load x
                reserve tape: 0..n
                for k in 0..n
                    let y2 = load y
                    let a = mul(y2, y2)
                    let b = sin(a)
                    let cos = cos(a)
                    push tape: y2, b, cos
                    let t3 = mul(y2, b)
                    let t4 = add(t3, a)
                    y = t4
            reverse
                cell d_y = seed
                for k in 0..n rev
                    pop tape: y2, b, cos
                    let t5 = load d_y
                    let t11 = mul(y2, cos)
                    let t12 = add(1.0, t11)
                    let t13 = mul(t12, y2)
                    let t14 = mul(t13, 2.0)
                    let t15 = add(b, t14)
                    let d_y2 = mul(t5, t15)
                    d_y = d_y2
                cell d_x = d_y
        "#]],
    );
}

#[test]
fn a_break_ends_in_tail_position() {
    check_lowered(
        "fn f(x: &[f64]) -> f64 { let mut s = 0.0; for i in 0..x.len() { if x[i] > 1.0 { break; } s += x[i]; } s }",
        &expect![[r#"
            fn (x)
                cell s = 0.0
                let x_len = len x
                for i in 0..x_len
                    let x_i = load x[i]
                    let t = (>) on x_i, 1.0
                    if t
                        break
                    else
                        s += x_i
                return s
        "#]],
    );
}

#[test]
fn value_and_gradient_in_one_sweep() {
    let fused = |source: &str| reverse::fused(&lower(source).facts(), "f").is_some();
    let sum = |after: &str| {
        fused(&format!(
            "fn f(x: &[f64]) -> f64 {{ let mut s = 0.0; for i in 0..x.len() {{ s += x[i] * x[i]; }} {after} }}"
        ))
    };
    assert!(sum("s / x.len() as f64"));
    assert!(sum("let mut t = 3.0; t -= s; t"));
    assert!(!sum("s.sqrt()"), "the reverse wants the sum");
    assert!(!sum("if s > 1.0 { s += 1.0; } s"), "a branch wants it");
    assert!(!fused("fn f(x: &[f64]) -> f64 { x[0] * x[1] }"), "no loop");
    assert!(
        !fused(
            "fn f(x: &[f64]) -> f64 { let mut s = 0.0; let mut y = x[0]; for i in 0..x.len() { y = y.sin() * x[i]; s += y; } s }"
        ),
        "iterations wait for each other"
    );
}
