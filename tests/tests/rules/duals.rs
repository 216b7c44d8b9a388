//! The functions of the rules on dual numbers.

use num_dual::{Dual64, DualNum};

/// The function of the rule `name` with its derivative along the dual parts of `x`.
///
/// Functions that pick an operand or round are split by the real parts, which holds away from ties
/// and jumps.
pub fn dual(name: &str, x: &[Dual64]) -> Option<Dual64> {
    let result = match (name, x) {
        (_, &[x]) => unary(name, x)?,
        ("powi", &[x, n]) => x.powi(n.re as i32),
        (_, &[a, b]) => binary(name, a, b)?,
        ("mul_add", &[x, a, b]) => x * a + b,
        ("clamp", &[x, low, _]) if x.re < low.re => low,
        ("clamp", &[x, _, high]) if x.re > high.re => high,
        ("clamp", &[x, _, _]) => x,
        _ => return None,
    };
    Some(result)
}

fn unary(name: &str, x: Dual64) -> Option<Dual64> {
    Some(match name {
        "neg" => -x,
        "recip" => x.recip(),
        "to_degrees" => x * 1f64.to_degrees(),
        "to_radians" => x * 1f64.to_radians(),
        "sqrt" => x.sqrt(),
        "cbrt" => x.cbrt(),
        "exp" => x.exp(),
        "exp2" => x.exp2(),
        "exp_m1" => x.exp_m1(),
        "ln" => x.ln(),
        "ln_1p" => x.ln_1p(),
        "log2" => x.log2(),
        "log10" => x.log10(),
        "sin" => x.sin(),
        "cos" => x.cos(),
        "tan" => x.tan(),
        "asin" => x.asin(),
        "acos" => x.acos(),
        "atan" => x.atan(),
        "sinh" => x.sinh(),
        "cosh" => x.cosh(),
        "tanh" => x.tanh(),
        "asinh" => x.asinh(),
        "acosh" => x.acosh(),
        "atanh" => x.atanh(),
        "abs" => x * x.re.signum(),
        "floor" => x.re.floor().into(),
        "ceil" => x.re.ceil().into(),
        "round" => x.re.round().into(),
        "round_ties_even" => x.re.round_ties_even().into(),
        "trunc" => x.re.trunc().into(),
        "signum" => x.re.signum().into(),
        "fract" => x - x.re.trunc(),
        "next_up" | "next_down" => x,
        _ => return None,
    })
}

fn binary(name: &str, a: Dual64, b: Dual64) -> Option<Dual64> {
    Some(match name {
        "add" => a + b,
        "sub" => a - b,
        "mul" => a * b,
        "div" => a / b,
        "rem" => a - b * (a.re / b.re).trunc(),
        "rem_euclid" => a - b * a.re.div_euclid(b.re),
        "div_euclid" => a.re.div_euclid(b.re).into(),
        "midpoint" => (a + b) / 2.0,
        "powf" => a.powd(b),
        "hypot" => (a * a + b * b).sqrt(),
        "log" => a.ln() / b.ln(),
        "atan2" => a.atan2(b),
        "copysign" => a * (a.re.signum() * b.re.signum()),
        "max" => {
            if a.re >= b.re {
                a
            } else {
                b
            }
        }
        "min" => {
            if b.re <= a.re {
                b
            } else {
                a
            }
        }
        _ => return None,
    })
}

/// The derivative of the rule `name` at `point` along axis `i`.
pub fn dual_partial(name: &str, point: &[f64], i: usize) -> f64 {
    let mut x: Vec<Dual64> = point.iter().map(|&value| value.into()).collect();
    x[i].eps = 1.0;
    let result = dual(name, &x).unwrap_or_else(|| panic!("no dual `{name}`"));
    result.eps
}
