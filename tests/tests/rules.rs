//! Every rule through `#[autodiff]`, in both modes and both float types, against differences, dual
//! numbers and the conventions at special points.

#[path = "rules/duals.rs"]
mod duals;
#[path = "rules/functions.rs"]
mod functions;
#[path = "rules/points.rs"]
mod points;
#[path = "rules/reference.rs"]
mod reference;

use ad_runtime::float::Float;
use duals::dual_partial;
use functions::{double, single};
use points::{SMOOTH, SPECIAL};
use reference::{assert_close, assert_relative, difference, narrow};
use std::collections::BTreeSet;

/// A derivative alone, and the pair with the primal.
type Derivative<T, D> = (D, (T, D));

/// A function and its generated derivatives, with the operands as a slice.
struct Case<T> {
    name: &'static str,
    primal: fn(&[T]) -> T,
    forward: fn(&[T], &[T]) -> Derivative<T, T>,
    reverse: fn(&[T], T) -> Derivative<T, Vec<T>>,
}

macro_rules! unary {
    ($module:ident: $($f:ident)*) => {
        [$(Case {
            name: stringify!($f),
            primal: |x| $module::$f(x[0]),
            forward: |x, dx| {
                let tangent = $module::$f::forward(x[0], dx[0]);
                (tangent, $module::$f::forward_with_primal(x[0], dx[0]))
            },
            reverse: |x, seed| {
                let gradient = $module::$f::reverse(x[0], seed);
                let (primal, again) = $module::$f::reverse_with_primal(x[0], seed);
                (vec![gradient], (primal, vec![again]))
            },
        }),*]
    };
}

macro_rules! binary {
    ($module:ident: $($f:ident)*) => {
        [$(Case {
            name: stringify!($f),
            primal: |x| $module::$f(x[0], x[1]),
            forward: |x, dx| {
                let tangent = $module::$f::forward(x[0], dx[0], x[1], dx[1]);
                (tangent, $module::$f::forward_with_primal(x[0], dx[0], x[1], dx[1]))
            },
            reverse: |x, seed| {
                let gradient = $module::$f::reverse(x[0], x[1], seed);
                let (primal, again) = $module::$f::reverse_with_primal(x[0], x[1], seed);
                (vec![gradient.0, gradient.1], (primal, vec![again.0, again.1]))
            },
        }),*]
    };
}

macro_rules! ternary {
    ($module:ident: $($f:ident)*) => {
        [$(Case {
            name: stringify!($f),
            primal: |x| $module::$f(x[0], x[1], x[2]),
            forward: |x, dx| {
                let tangent = $module::$f::forward(x[0], dx[0], x[1], dx[1], x[2], dx[2]);
                let pair =
                    $module::$f::forward_with_primal(x[0], dx[0], x[1], dx[1], x[2], dx[2]);
                (tangent, pair)
            },
            reverse: |x, seed| {
                let g = $module::$f::reverse(x[0], x[1], x[2], seed);
                let (primal, again) = $module::$f::reverse_with_primal(x[0], x[1], x[2], seed);
                (vec![g.0, g.1, g.2], (primal, vec![again.0, again.1, again.2]))
            },
        }),*]
    };
}

/// `powi`, whose exponent is no float and has neither tangent nor gradient.
macro_rules! powi {
    ($module:ident) => {
        Case {
            name: "powi",
            primal: |x| $module::powi(x[0], x[1] as i32),
            forward: |x, dx| {
                let n = x[1] as i32;
                let tangent = $module::powi::forward(x[0], dx[0], n);
                (tangent, $module::powi::forward_with_primal(x[0], dx[0], n))
            },
            reverse: |x, seed| {
                let n = x[1] as i32;
                let gradient = $module::powi::reverse(x[0], n, seed);
                let (primal, again) = $module::powi::reverse_with_primal(x[0], n, seed);
                (vec![gradient], (primal, vec![again]))
            },
        }
    };
}

macro_rules! cases {
    ($module:ident) => {{
        let mut cases = vec![powi!($module)];
        cases.extend(unary!($module:
            neg recip to_degrees to_radians sqrt cbrt exp exp2 exp_m1 ln ln_1p log2 log10
            sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh
            abs floor ceil round round_ties_even trunc signum fract next_up next_down));
        cases.extend(binary!($module:
            add sub mul div rem rem_euclid div_euclid midpoint powf hypot log atan2
            copysign max min));
        cases.extend(ternary!($module: mul_add clamp));
        cases
    }};
}

fn doubles() -> Vec<Case<f64>> {
    cases!(double)
}

fn singles() -> Vec<Case<f32>> {
    cases!(single)
}

fn find<T>(cases: Vec<Case<T>>, name: &str) -> Case<T> {
    (cases.into_iter().find(|case| case.name == name)).unwrap_or_else(|| panic!("no case `{name}`"))
}

fn same<T: Float>(a: T, b: T) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

fn all_same<T: Float>(a: &[T], b: &[T]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| same(a, b))
}

/// The adjoints for `seed`, with and without the primal.
fn reverse<T: Float>(case: &Case<T>, x: &[T], seed: T) -> Vec<T> {
    let (gradient, (primal, again)) = (case.reverse)(x, seed);
    let name = case.name;
    assert!(same(primal, (case.primal)(x)), "{name} {x:?}: {primal:?}");
    assert!(
        all_same(&gradient, &again),
        "{name} {x:?}: {gradient:?} {again:?}"
    );
    gradient
}

/// The tangent along `dx`, with and without the primal.
fn forward<T: Float>(case: &Case<T>, x: &[T], dx: &[T]) -> T {
    let (tangent, (primal, again)) = (case.forward)(x, dx);
    let name = case.name;
    assert!(same(primal, (case.primal)(x)), "{name} {x:?}: {primal:?}");
    assert!(same(tangent, again), "{name} {x:?}: {tangent:?} {again:?}");
    tangent
}

/// The gradient at `x`, after checking that both modes agree on it and are linear.
fn gradient<T: Float + Into<f64>>(case: &Case<T>, x: &[T], epsilon: f64) -> Vec<f64> {
    let gradient = reverse(case, x, T::ONE);
    let wide: Vec<f64> = gradient.iter().map(|&g| g.into()).collect();
    let what = |mode: &str| format!("{} {x:?}, {mode}", case.name);

    let factor = T::from_f64(-2.0);
    for (&scaled, &g) in reverse(case, x, factor).iter().zip(&gradient) {
        assert_relative(
            scaled.into(),
            (factor * g).into(),
            epsilon,
            &what("scaled seed"),
        );
    }
    for (i, &g) in wide.iter().enumerate() {
        let mut dx = vec![T::ZERO; x.len()];
        dx[i] = T::ONE;
        let tangent = forward(case, x, &dx);
        assert_relative(tangent.into(), g, epsilon, &what("unit tangent"));
    }
    if wide.iter().all(|g| g.is_finite()) {
        let direction: Vec<f64> = [0.75, -1.25, 0.5][..x.len()].to_vec();
        let terms: Vec<f64> = wide.iter().zip(&direction).map(|(g, d)| g * d).collect();
        let dx: Vec<T> = direction.into_iter().map(T::from_f64).collect();
        let tangent: f64 = forward(case, x, &dx).into();
        let (sum, size) = (
            terms.iter().sum::<f64>(),
            terms.iter().map(|t| t.abs()).sum::<f64>(),
        );
        assert!(
            (tangent - sum).abs() <= 4.0 * epsilon * size,
            "{}",
            what("direction")
        );
    }
    wide
}

fn gradient_f64(name: &str, x: &[f64]) -> Vec<f64> {
    gradient(&find(doubles(), name), x, 4.0 * f64::EPSILON)
}

fn gradient_f32(name: &str, x: &[f32]) -> Vec<f64> {
    gradient(&find(singles(), name), x, 4.0 * f64::from(f32::EPSILON))
}

#[test]
fn every_rule_is_swept() {
    let table = include_str!("../../ad-macros/src/rules/scalar.rs");
    let rules: BTreeSet<_> = table
        .lines()
        .filter_map(|line| line.trim().strip_prefix("rule(\"")?.split('"').next())
        .collect();
    assert!(rules.len() > 50);
    assert_eq!(rules, SMOOTH.iter().map(|row| row.0).collect());
    assert_eq!(rules, doubles().iter().map(|case| case.name).collect());
    assert_eq!(rules, singles().iter().map(|case| case.name).collect());
}

#[test]
fn smooth_points_agree_with_differences_and_duals() {
    for &(name, points) in SMOOTH {
        let primal = find(doubles(), name).primal;
        for &point in points {
            for (i, &got) in gradient_f64(name, point).iter().enumerate() {
                let what = format!("{name} {point:?}, operand {i}");
                assert_close(got, difference(primal, point, i), 1e-7, &what);
                assert_relative(got, dual_partial(name, point, i), 1e-12, &what);
            }
        }
    }
}

#[test]
fn single_precision_agrees_with_double() {
    for &(name, points) in SMOOTH {
        for point in points {
            let point = narrow(point).expect("smooth points are of ordinary size");
            let wide: Vec<f64> = point.iter().copied().map(f64::from).collect();
            let want = gradient_f64(name, &wide);
            for (&got, &want) in gradient_f32(name, &point).iter().zip(&want) {
                assert_close(got, want, 1e-5, &format!("{name} {point:?}"));
            }
        }
    }
}

#[test]
fn special_points_in_double_precision() {
    for &(name, point, want) in SPECIAL {
        let got = gradient_f64(name, point);
        assert_eq!(got.len(), want.len(), "{name}");
        for (&got, &want) in got.iter().zip(want) {
            assert_relative(got, want, 1e-13, &format!("{name} {point:?}"));
        }
    }
}

#[test]
fn special_points_in_single_precision() {
    for &(name, point, want) in SPECIAL {
        let Some(narrowed) = narrow(point) else {
            continue;
        };
        for (&got, &want) in gradient_f32(name, &narrowed).iter().zip(want) {
            assert_relative(got, want, 2e-5, &format!("{name} {point:?} in f32"));
        }
    }
}
