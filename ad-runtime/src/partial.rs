//! Partial derivatives that need a branch, a constant or care with rounding.
//!
//! Both modes multiply the incoming derivative by these values, so a convention at a kink or a
//! singular point is stated once, here, and holds for tangents and gradients alike. Where a
//! convention says 0 instead of an infinite slope, it keeps one singular operand (the length of a
//! zero vector, say) from turning a whole gradient into NaN.

use crate::float::Float;
use std::f64::consts::{LN_2, LOG2_E, LOG10_E};

/// 1 where `condition` holds, else 0: which operand a selecting function passes on.
#[inline]
fn indicator<F: Float>(condition: bool) -> F {
    if condition { F::ONE } else { F::ZERO }
}

/// `x.abs()`: the sign of `x`, and 1 at both zeros.
#[inline]
pub fn abs<F: Float>(x: F) -> F {
    if x >= F::ZERO {
        F::ONE
    } else if x < F::ZERO {
        -F::ONE
    } else {
        x
    }
}

/// `x.copysign(sign)` with respect to `x`: +1 or -1, following [`abs`] at zero.
///
/// Only the sign bit of `sign` counts, as in the function itself, so a NaN there does no harm.
#[inline]
pub fn copysign<F: Float>(x: F, sign: F) -> F {
    abs(x) * F::ONE.copysign(sign)
}

/// `x.sqrt()` from its result: `1 / (2 out)`, and 0 at zero.
#[inline]
pub fn sqrt<F: Float>(out: F) -> F {
    if out == F::ZERO {
        F::ZERO
    } else {
        F::from_f64(0.5) / out
    }
}

/// [`sqrt`] where the reciprocal of the result is known.
#[inline]
pub fn sqrt_with<F: Float>(out: F, inverse: F) -> F {
    if out == F::ZERO {
        F::ZERO
    } else {
        F::from_f64(0.5) * inverse
    }
}

/// `x.cbrt()` from its result: `1 / (3 out²)`, and 0 at zero.
#[inline]
pub fn cbrt<F: Float>(out: F) -> F {
    if out == F::ZERO {
        F::ZERO
    } else {
        F::ONE / (F::from_f64(3.0) * out * out)
    }
}

/// `x.hypot(y)` with respect to the operand `x`, either of the two: `x / out`, and 0 at the origin.
#[inline]
pub fn hypot<F: Float>(x: F, out: F) -> F {
    if out == F::ZERO { F::ZERO } else { x / out }
}

/// `c / (x² + y²)` without the squares, which overflow long before the quotient vanishes; 0 at the
/// origin.
#[inline]
fn over_square<F: Float>(c: F, x: F, y: F) -> F {
    let r = x.hypot(y);
    if r == F::ZERO { F::ZERO } else { c / r / r }
}

/// `y.atan2(x)` with respect to `y`: `x / (x² + y²)`, and 0 at the origin.
#[inline]
pub fn atan2_y<F: Float>(y: F, x: F) -> F {
    over_square(x, x, y)
}

/// `y.atan2(x)` with respect to `x`: `-y / (x² + y²)`, and 0 at the origin.
#[inline]
pub fn atan2_x<F: Float>(y: F, x: F) -> F {
    over_square(-y, x, y)
}

/// `x.tanh()`: `1 - out²` while that subtraction keeps its digits, `1 / cosh²(x)` beyond.
#[inline]
pub fn tanh<F: Float>(x: F, out: F) -> F {
    if out.abs() <= F::from_f64(0.9) {
        F::ONE - out * out
    } else {
        let sech = F::ONE / x.cosh();
        sech * sech
    }
}

/// `x.exp2()` from its result: `ln(2) out`.
#[inline]
pub fn exp2<F: Float>(out: F) -> F {
    F::from_f64(LN_2) * out
}

/// `x.log2()`: `1 / (x ln 2)`.
#[inline]
pub fn log2<F: Float>(x: F) -> F {
    F::from_f64(LOG2_E) / x
}

/// `x.log10()`: `1 / (x ln 10)`.
#[inline]
pub fn log10<F: Float>(x: F) -> F {
    F::from_f64(LOG10_E) / x
}

/// `x.powi(n)` with respect to `x`: `n xⁿ⁻¹`, and 0 for every `x` when `n` is 0.
#[inline]
pub fn powi<F: Float>(x: F, n: i32) -> F {
    let slope = match n {
        0 => return F::ZERO,
        // `n - 1` is no `i32`.
        i32::MIN => x.powi(n) / x,
        _ => x.powi(n - 1),
    };
    F::from_f64(n.into()) * slope
}

/// `x.powf(y)` with respect to `x`: `y xʸ⁻¹`, and 0 for every `x` when `y` is 0.
///
/// At `x = 0` this is the limit from above: 0 for `y > 1`, 1 for `y = 1`, infinite below.
#[inline]
pub fn powf_base<F: Float>(x: F, y: F) -> F {
    if y == F::ZERO {
        F::ZERO
    } else {
        y * x.powf(y - F::ONE)
    }
}

/// `x.powf(y)` with respect to `y`: `out ln(x)`, and 0 where `x` is zero or negative.
///
/// For `y > 0` the value at `x = 0` is the limit. On a negative base the power exists at integers
/// only and has no slope; 0 lets a fixed integer exponent be passed at run time. A power that is
/// NaN keeps a NaN derivative.
#[inline]
pub fn powf_exponent<F: Float>(x: F, out: F) -> F {
    if x <= F::ZERO && !out.is_nan() {
        F::ZERO
    } else {
        out * x.ln()
    }
}

/// Whether `a.max(b)` passes on `a`: on ties, and when `b` is NaN.
#[inline]
fn max_is_first<F: Float>(a: F, b: F) -> bool {
    a >= b || b.is_nan()
}

/// Whether `a.min(b)` passes on `b`: on ties, and when `a` is NaN.
#[inline]
fn min_is_second<F: Float>(a: F, b: F) -> bool {
    b <= a || a.is_nan()
}

/// `a.max(b)` with respect to `a`: 1 if `a` is passed on, which includes ties, else 0.
///
/// A single NaN operand loses, as in the function itself.
#[inline]
pub fn max_first<F: Float>(a: F, b: F) -> F {
    indicator(max_is_first(a, b))
}

/// `a.max(b)` with respect to `b`: 1 - [`max_first`].
#[inline]
pub fn max_second<F: Float>(a: F, b: F) -> F {
    indicator(!max_is_first(a, b))
}

/// `a.min(b)` with respect to `a`: 1 - [`min_second`].
#[inline]
pub fn min_first<F: Float>(a: F, b: F) -> F {
    indicator(!min_is_second(a, b))
}

/// `a.min(b)` with respect to `b`: 1 if `b` is passed on, which includes ties, else 0.
///
/// Ties go to the second operand here and to the first in [`max_first`], so that
/// `a.min(b) + a.max(b)` has the derivative of `a + b` everywhere.
#[inline]
pub fn min_second<F: Float>(a: F, b: F) -> F {
    indicator(min_is_second(a, b))
}

/// `x.clamp(low, high)` with respect to `x`: 1 inside, the bounds included, and 0 outside.
///
/// A NaN is passed on and counts as inside.
#[inline]
pub fn clamp_inside<F: Float>(x: F, low: F, high: F) -> F {
    indicator(!(x < low || x > high))
}

/// `x.clamp(low, high)` with respect to `low`: 1 where `low` is the result in place of `x`.
#[inline]
pub fn clamp_below<F: Float>(x: F, low: F) -> F {
    indicator(x < low)
}

/// `x.clamp(low, high)` with respect to `high`: 1 where `high` is the result in place of `x`.
#[inline]
pub fn clamp_above<F: Float>(x: F, high: F) -> F {
    indicator(x > high)
}
