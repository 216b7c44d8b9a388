//! `ad_runtime::partial` and `ad_runtime::float`: the helpers alone, without generated code around
//! them.

#[path = "rules/duals.rs"]
mod duals;
#[path = "rules/points.rs"]
mod points;
#[path = "rules/reference.rs"]
mod reference;

use ad_runtime::float::Float;
use ad_runtime::partial;
use duals::dual_partial;
use points::{SMOOTH, SPECIAL};
use reference::{assert_close, assert_relative, difference, narrow};

/// A function with helpers for its partials: its value and gradient, or `None` without helpers.
macro_rules! helpers {
    ($name:ident, $float:ident) => {
        fn $name(name: &str, x: &[$float]) -> Option<($float, Vec<$float>)> {
            Some(match (name, x) {
                ("abs", &[x]) => (x.abs(), vec![partial::abs(x)]),
                ("sqrt", &[x]) => (x.sqrt(), vec![partial::sqrt(x.sqrt())]),
                ("cbrt", &[x]) => (x.cbrt(), vec![partial::cbrt(x.cbrt())]),
                ("exp2", &[x]) => (x.exp2(), vec![partial::exp2(x.exp2())]),
                ("log2", &[x]) => (x.log2(), vec![partial::log2(x)]),
                ("log10", &[x]) => (x.log10(), vec![partial::log10(x)]),
                ("tanh", &[x]) => (x.tanh(), vec![partial::tanh(x, x.tanh())]),
                ("powi", &[x, n]) => (x.powi(n as i32), vec![partial::powi(x, n as i32)]),
                ("copysign", &[x, sign]) => {
                    (x.copysign(sign), vec![partial::copysign(x, sign), 0.0])
                }
                ("hypot", &[x, y]) => {
                    let out = x.hypot(y);
                    (out, vec![partial::hypot(x, out), partial::hypot(y, out)])
                }
                ("atan2", &[y, x]) => (
                    y.atan2(x),
                    vec![partial::atan2_y(y, x), partial::atan2_x(y, x)],
                ),
                ("powf", &[x, y]) => {
                    let out = x.powf(y);
                    let gradient = vec![partial::powf_base(x, y), partial::powf_exponent(x, out)];
                    (out, gradient)
                }
                ("max", &[a, b]) => (
                    a.max(b),
                    vec![partial::max_first(a, b), partial::max_second(a, b)],
                ),
                ("min", &[a, b]) => (
                    a.min(b),
                    vec![partial::min_first(a, b), partial::min_second(a, b)],
                ),
                ("clamp", &[x, low, high]) => (
                    x.clamp(low, high),
                    vec![
                        partial::clamp_inside(x, low, high),
                        partial::clamp_below(x, low),
                        partial::clamp_above(x, high),
                    ],
                ),
                _ => return None,
            })
        }
    };
}

helpers!(double, f64);
helpers!(single, f32);

#[test]
fn smooth_points_agree_with_differences_and_duals() {
    let mut seen = 0;
    for &(name, points) in SMOOTH {
        for &point in points {
            let Some((_, gradient)) = double(name, point) else {
                continue;
            };
            seen += 1;
            let primal = |x: &[f64]| double(name, x).unwrap().0;
            for (i, &got) in gradient.iter().enumerate() {
                let what = format!("{name} {point:?}, operand {i}");
                assert_close(got, difference(primal, point, i), 1e-7, &what);
                assert_relative(got, dual_partial(name, point, i), 1e-12, &what);
            }
        }
    }
    assert!(seen > 40);
}

#[test]
fn single_precision_agrees_with_double() {
    for &(name, points) in SMOOTH {
        for point in points {
            let point = narrow(point).expect("smooth points are of ordinary size");
            let wide: Vec<f64> = point.iter().copied().map(f64::from).collect();
            let (Some((_, got)), Some((_, want))) = (single(name, &point), double(name, &wide))
            else {
                continue;
            };
            for (&got, &want) in got.iter().zip(&want) {
                assert_close(got.into(), want, 1e-5, &format!("{name} {point:?}"));
            }
        }
    }
}

#[test]
fn special_points() {
    for &(name, point, want) in SPECIAL {
        let Some((_, got)) = double(name, point) else {
            continue;
        };
        assert_eq!(got.len(), want.len(), "{name}");
        for (&got, &want) in got.iter().zip(want) {
            assert_relative(got, want, 1e-13, &format!("{name} {point:?}"));
        }
        let Some(narrowed) = narrow(point) else {
            continue;
        };
        let (_, got) = single(name, &narrowed).unwrap();
        for (&got, &want) in got.iter().zip(want) {
            assert_relative(got.into(), want, 2e-5, &format!("{name} {point:?} in f32"));
        }
    }
}

#[test]
fn selected_operand_is_the_returned_one() {
    let values = [
        f64::NAN,
        -f64::INFINITY,
        -1.0,
        -0.0,
        0.0,
        2.0,
        f64::INFINITY,
    ];
    for (a, b) in values.iter().flat_map(|&a| values.map(|b| (a, b))) {
        let picked = |first: f64, second: f64| {
            assert_eq!(first + second, 1.0, "{a} {b}");
            if first == 1.0 { a } else { b }
        };
        let max = picked(partial::max_first(a, b), partial::max_second(a, b));
        let min = picked(partial::min_first(a, b), partial::min_second(a, b));
        assert!(
            max == a.max(b) || (max.is_nan() && a.max(b).is_nan()),
            "{a} {b}"
        );
        assert!(
            min == a.min(b) || (min.is_nan() && a.min(b).is_nan()),
            "{a} {b}"
        );
    }
}

#[test]
fn tanh_is_continuous_where_the_formula_changes() {
    let x = 0.9f64.atanh();
    let (below, above) = (x - 1e-9, x + 1e-9);
    let jump = partial::tanh(below, below.tanh()) - partial::tanh(above, above.tanh());
    assert!(jump.abs() < 1e-8, "{jump}");
}

#[test]
fn powi_at_the_least_exponent() {
    assert_eq!(partial::powi(1.0f64, i32::MIN), f64::from(i32::MIN));
    assert_eq!(partial::powi(2.0f64, i32::MIN), -0.0);
    let x = 1.0 + 1e-10f64;
    let want = f64::from(i32::MIN) * (f64::from(i32::MIN) * 1e-10f64.ln_1p()).exp();
    assert_relative(partial::powi(x, i32::MIN), want, 1e-6, &"powi");
}

#[test]
fn nan_operands_give_nan_slopes() {
    let nan = f64::NAN;
    let slopes = [
        partial::abs(nan),
        partial::sqrt(nan),
        partial::cbrt(nan),
        partial::hypot(nan, nan),
        partial::atan2_y(nan, 1.0),
        partial::atan2_x(1.0, nan),
        partial::tanh(nan, nan),
        partial::powi(nan, 3),
        partial::powf_base(nan, 3.0),
        partial::powf_exponent(nan, nan),
        partial::powf_exponent(-1.0, nan),
        partial::log2(nan),
    ];
    assert!(slopes.iter().all(|slope| slope.is_nan()), "{slopes:?}");
}

/// The trait's methods are those of std.
fn check_float<F: Float + Into<f64>>(tolerance: f64) {
    let float = F::from_f64;
    let (x, y): (f64, f64) = (float(1.3).into(), float(-0.7).into());
    let pairs = [
        (F::ZERO, 0.0),
        (F::ONE, 1.0),
        (F::default(), 0.0),
        (float(y).abs(), y.abs()),
        (float(x).copysign(float(y)), x.copysign(y)),
        (float(x).ln(), x.ln()),
        (float(x).powi(5), x.powi(5)),
        (float(x).powf(float(y)), x.powf(y)),
        (float(x).hypot(float(y)), x.hypot(y)),
        (float(x).cosh(), x.cosh()),
    ];
    for (i, (got, want)) in pairs.into_iter().enumerate() {
        assert_close(got.into(), want, tolerance, &format!("method {i}"));
    }
    assert!(float(f64::NAN).is_nan() && !F::ONE.is_nan());
}

#[test]
fn float_methods_are_those_of_std() {
    check_float::<f64>(0.0);
    check_float::<f32>(1e-6);
}

/// What takes the place of `sqrt` where a reciprocal is shared.
#[test]
fn sqrt_with_a_known_reciprocal() {
    for x in [0.0_f64, 0.25, 1.0, 7.3, f64::INFINITY] {
        let out = x.sqrt();
        let (expected, found) = (partial::sqrt(out), partial::sqrt_with(out, 1.0 / out));
        assert!((found - expected).abs() <= 1e-15 * expected.abs());
    }
}
