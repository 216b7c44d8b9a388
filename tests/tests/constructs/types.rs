//! Types of parameters, variables and results.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn single(x: f32, y: f32) -> f32 {
    let mut s = x * y;
    for i in 0..3 {
        s = s * 0.5 + x.sin() * i as f32;
    }
    s
}

#[autodiff]
fn single_slice(x: &[f32], y: &mut [f32]) {
    let mut s = 1.0;
    for i in 0..x.len() {
        s *= x[i];
        y[i] += s * x[i];
    }
}

#[autodiff]
fn mixed(x: f64, y: f32) -> f64 {
    let a = x as f32 * y;
    let b = f64::from(a) + y as f64;
    b * b + x
}

#[autodiff]
fn accumulated_in_double(x: &[f32]) -> f32 {
    let mut s = 0.0_f64;
    for i in 0..x.len() {
        s += x[i] as f64 * f64::from(x[i]);
    }
    s.sqrt() as f32
}

#[autodiff]
fn tuple_parameter(p: (f64, f64), s: f64) -> f64 {
    let (a, b) = p;
    a * b * s + p.0 * p.0
}

#[autodiff]
fn tuple_mutable(mut p: (f64, f64)) -> f64 {
    p.0 *= p.1;
    p.1 += p.0 * p.0;
    p.1
}

#[autodiff]
fn tuple_result(x: f64, y: f64) -> (f64, f64) {
    let s = x * y;
    (s.sin(), s + x)
}

#[autodiff]
fn tuple_result_branch(x: f64, y: f64) -> (f64, f64, f64) {
    if x > y {
        return (x, y, x * y);
    }
    let t = (y * y, x, 1.0);
    t
}

#[autodiff]
fn tuple_with_integer(x: f64, n: usize) -> (f64, usize) {
    (x * x * n as f64, n + 1)
}

#[autodiff]
fn nested_tuple(x: f64, y: f64) -> ((f64, f64), f64) {
    let t = ((x, y), x * y);
    let ((a, b), c) = t;
    ((a * c, b), t.0.1 * c)
}

#[autodiff]
fn array_value(y: [f64; 3]) -> f64 {
    y[0] * y[1] + y[2].exp()
}

#[autodiff]
fn array_value_mutable(mut y: [f64; 2], k: f64) -> [f64; 2] {
    y[0] *= k;
    y[1] += y[0] * y[1];
    y
}

#[autodiff]
fn array_result(x: f64) -> [f64; 3] {
    let mut out = [0.0; 3];
    for i in 0..3 {
        out[i] = x.powi(i as i32 + 1);
    }
    out
}

#[autodiff]
fn nested_array_value(m: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    let det = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    [
        [m[1][1] / det, -m[0][1] / det],
        [-m[1][0] / det, m[0][0] / det],
    ]
}

#[autodiff]
fn array_of_tuples(x: f64) -> f64 {
    let mut a = [(x, 1.0), (x * x, 2.0)];
    a[0].1 *= a[1].0;
    a[1].0 += a[0].1 * a[0].0;
    a[1].0 * a[1].1
}

#[autodiff]
fn vec_result(x: &[f64], a: f64) -> Vec<f64> {
    let mut out = vec![0.0; x.len()];
    for i in 0..x.len() {
        out[i] = a * x[i] * x[i];
    }
    out
}

#[autodiff]
fn vec_result_copy(x: &[f64]) -> Vec<f64> {
    let mut out = x.to_vec();
    out[0] *= out[1];
    out
}

#[autodiff]
fn vec_value(x: Vec<f64>) -> f64 {
    let mut s = 1.0;
    for i in 0..x.len() {
        s *= x[i] + s;
    }
    s
}

#[autodiff]
fn vec_value_mutable(mut x: Vec<f64>, a: f64) -> Vec<f64> {
    for i in 1..x.len() {
        x[i] = x[i] * a + x[i - 1];
    }
    x
}

type Vector = [f64; 3];

#[autodiff]
fn typed_locals(x: f64) -> f64 {
    let a: f64 = 2.0;
    let b: [f64; 2] = [x, a];
    let c: Vec<f64> = vec![x; 2];
    let d: &[f64] = &c;
    let e: (f64, usize) = (x, 3);
    b[0] * c[1] * d[0] + e.0 * e.1 as f64
}

#[autodiff]
fn lifetimes<'a>(x: &'a [f64], y: &'a [f64]) -> f64 {
    x[0] * y[0] + x[1]
}

#[autodiff]
fn constant_result(x: f64, n: usize) -> usize {
    if x > 0.0 { n } else { n + 1 }
}

#[autodiff]
fn no_parameters() -> f64 {
    1.5
}

#[autodiff]
fn bool_and_text(x: f64, name: &str, on: bool) -> f64 {
    if on && name.len() > 2 { x * x } else { x }
}

#[autodiff]
fn tuple_reference(p: &(f64, f64)) -> f64 {
    p.0 * p.1 + p.1
}

#[autodiff]
fn array_reference(y: &[f64; 3]) -> [f64; 3] {
    [y[1] * y[2], y[0], y[0] * y[0]]
}

#[autodiff]
fn array_mutable_reference(y: &mut [f64; 3], x: f64) {
    *y = [y[0] * x, y[1] * y[2], x];
    y[1] *= y[0];
}

#[autodiff]
fn vec_mutable_reference(x: &mut Vec<f64>, a: f64) {
    for i in 0..x.len() {
        x[i] *= a * x[i];
    }
}

#[autodiff]
fn scalar_reference(a: &f64, b: &f64) -> f64 {
    a * b + *a
}

#[autodiff]
fn scalar_mutable_reference(a: &mut f64, b: f64) -> f64 {
    *a *= b;
    *a * *a
}

#[autodiff(Reverse, Active, Active, Duplicated)]
#[autodiff(Forward, Duplicated, Duplicated, Duplicated)]
fn alias(a: Vector, b: &Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[test]
fn precision() {
    check!(single(0.7, 1.2));
    check!(single_slice(&[0.7, 1.2], &mut [0.1, 0.2]) -> ());
    check!(mixed(0.7, 1.2));
    check!(accumulated_in_double(&[0.7, 1.2]));
}

#[test]
fn tuples() {
    check!(tuple_parameter((0.7, 1.2), 0.3));
    check!(tuple_mutable((0.7, 1.2)));
    check!(tuple_result(0.7, 1.2));
    check!(tuple_result_branch(0.7, 1.2));
    check!(tuple_result_branch(1.7, 1.2));
    check!(tuple_with_integer(0.7, #3));
    check!(nested_tuple(0.7, 1.2));
}

#[test]
fn arrays() {
    check!(array_value([0.7, 1.2, 0.3]));
    check!(array_value_mutable([0.7, 1.2], 0.3));
    check!(array_result(0.7));
    check!(nested_array_value([[0.7, 1.2], [0.3, -0.9]]));
    check!(array_of_tuples(0.7));
}

#[test]
fn vectors() {
    check!(vec_result(&[0.7, 1.2, 0.3], 1.1));
    check!(vec_result_copy(&[0.7, 1.2, 0.3]));
    check!(vec_value(own vec![0.7, 1.2, 0.3]));
    check!(vec_value_mutable(own vec![0.7, 1.2, 0.3], 1.1));
}

#[test]
fn scalars() {
    check!(bool_and_text(0.7, # "name", #true));
    check!(typed_locals(0.7));
    check!(lifetimes(&[0.7, 1.2], &[0.3]));
}

#[test]
fn references() {
    check!(tuple_reference(&(0.7, 1.2)));
    check!(array_reference(&[0.7, 1.2, 0.3]));
    check!(array_mutable_reference(&mut [0.7, 1.2, 0.3], 1.1) -> ());
    check!(vec_mutable_reference(&mut vec![0.7, 1.2, 0.3], 1.1) -> ());
    check!(scalar_reference(&0.7, &1.2));
    check!(scalar_mutable_reference(&mut 0.7, 1.2));
    check!(alias([0.7, 1.2, 0.3], &[0.1, 0.2, 0.3]));
}

struct Model<'a> {
    weights: Vec<f64>,
    bias: [f64; 2],
    scale: &'a [f64],
}

/// Fields of a constant struct are borrowed where they are indexed: they may be a `Vec`.
#[autodiff(Forward, Duplicated, Duplicated, Const)]
#[autodiff(Reverse, Active, Active, Const)]
fn fields(x: f64, model: &Model) -> f64 {
    let mut y: f64 = 0.3;
    for i in 0..2 {
        y += x * model.weights[i] * y.sin() * model.scale[i] + model.bias[i];
    }
    y
}

#[test]
fn fields_of_a_constant_struct() {
    let model = Model {
        weights: vec![0.7, -1.2],
        bias: [0.1, 0.4],
        scale: &[1.5, 0.5],
    };
    let h = 1e-6;
    let difference = (fields(0.8 + h, &model) - fields(0.8 - h, &model)) / (2.0 * h);
    let reverse = fields::reverse(0.8, &model, 1.0);
    assert!((reverse - difference).abs() < 1e-8);
    assert!((fields::forward(0.8, 1.0, &model) - reverse).abs() < 1e-14);
    assert_eq!(fields::reverse_with_primal(0.8, &model, 1.0).1, reverse);
}
