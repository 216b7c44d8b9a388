//! Derivatives of the operators and std methods of `f32` and `f64`.
//!
//! A contribution is linear in `d`, the incoming derivative. That is why one line serves both modes:
//! reverse mode adds it to the operand's adjoint with `d` the adjoint of the result, forward mode
//! adds it to the result's tangent with `d` the tangent of the operand.

/// One differentiable function of scalars.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Method name in std (`x.sin()`), or operator name (`add`, `sub`, `mul`, `div`, `rem`, `neg`).
    pub name: &'static str,
    /// Names of the operands as used in `contributions`; the first is the receiver.
    pub params: &'static [&'static str],
    /// Per operand, what an incoming derivative `d` contributes; `""` for none (zero derivative or
    /// an operand that is no float). `out` is the result of the primal call.
    pub contributions: &'static [&'static str],
}

const fn rule(
    name: &'static str,
    params: &'static [&'static str],
    contributions: &'static [&'static str],
) -> Rule {
    Rule {
        name,
        params,
        contributions,
    }
}

/// Every stable method with a derivative, and those whose derivative is zero where it exists.
///
/// The quotients of `rem` and `rem_euclid` are recovered from `out`: `x / y` may round up to an
/// integer that the remainder did not reach.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    rule("add", &["a", "b"], &["d", "d"]),
    rule("sub", &["a", "b"], &["d", "-d"]),
    rule("mul", &["a", "b"], &["d * b", "d * a"]),
    rule("div", &["a", "b"], &["d / b", "-(d / b * out)"]),
    rule("rem", &["a", "b"], &["d", "-(d * ((a - out) / b).round())"]),
    rule("neg", &["a"], &["-d"]),

    rule("recip", &["x"], &["-(d * out * out)"]),
    rule("mul_add", &["x", "a", "b"], &["d * a", "d * x", "d"]),
    rule("rem_euclid", &["a", "b"], &["d", "-(d * ((a - out) / b).round())"]),
    rule("div_euclid", &["a", "b"], &["", ""]),
    rule("midpoint", &["a", "b"], &["d * 0.5", "d * 0.5"]),
    rule("to_degrees", &["x"], &["d.to_degrees()"]),
    rule("to_radians", &["x"], &["d.to_radians()"]),

    rule("powi", &["x", "n"], &["d * partial::powi(x, n)", ""]),
    rule("powf", &["x", "y"], &["d * partial::powf_base(x, y)", "d * partial::powf_exponent(x, out)"]),
    rule("sqrt", &["x"], &["d * partial::sqrt(out)"]),
    rule("cbrt", &["x"], &["d * partial::cbrt(out)"]),
    rule("hypot", &["x", "y"], &["d * partial::hypot(x, out)", "d * partial::hypot(y, out)"]),

    rule("exp", &["x"], &["d * out"]),
    rule("exp2", &["x"], &["d * partial::exp2(out)"]),
    rule("exp_m1", &["x"], &["d * x.exp()"]),
    rule("ln", &["x"], &["d / x"]),
    rule("ln_1p", &["x"], &["d / (1.0 + x)"]),
    rule("log", &["x", "base"], &["d / base.ln() / x", "-(d * out / base.ln() / base)"]),
    rule("log2", &["x"], &["d * partial::log2(x)"]),
    rule("log10", &["x"], &["d * partial::log10(x)"]),

    rule("sin", &["x"], &["d * x.cos()"]),
    rule("cos", &["x"], &["-(d * x.sin())"]),
    rule("tan", &["x"], &["d * (1.0 + out * out)"]),
    rule("asin", &["x"], &["d / ((1.0 - x) * (1.0 + x)).sqrt()"]),
    rule("acos", &["x"], &["-(d / ((1.0 - x) * (1.0 + x)).sqrt())"]),
    rule("atan", &["x"], &["d / (1.0 + x * x)"]),
    rule("atan2", &["y", "x"], &["d * partial::atan2_y(y, x)", "d * partial::atan2_x(y, x)"]),

    rule("sinh", &["x"], &["d * x.cosh()"]),
    rule("cosh", &["x"], &["d * x.sinh()"]),
    rule("tanh", &["x"], &["d * partial::tanh(x, out)"]),
    rule("asinh", &["x"], &["d / x.hypot(1.0)"]),
    rule("acosh", &["x"], &["d / ((x - 1.0).sqrt() * (x + 1.0).sqrt())"]),
    rule("atanh", &["x"], &["d / ((1.0 - x) * (1.0 + x))"]),

    rule("abs", &["x"], &["d * partial::abs(x)"]),
    rule("copysign", &["x", "sign"], &["d * partial::copysign(x, sign)", ""]),
    rule("max", &["a", "b"], &["d * partial::max_first(a, b)", "d * partial::max_second(a, b)"]),
    rule("min", &["a", "b"], &["d * partial::min_first(a, b)", "d * partial::min_second(a, b)"]),
    rule("clamp", &["x", "low", "high"], &[
        "d * partial::clamp_inside(x, low, high)",
        "d * partial::clamp_below(x, low)",
        "d * partial::clamp_above(x, high)",
    ]),

    rule("floor", &["x"], &[""]),
    rule("ceil", &["x"], &[""]),
    rule("round", &["x"], &[""]),
    rule("round_ties_even", &["x"], &[""]),
    rule("trunc", &["x"], &[""]),
    rule("signum", &["x"], &[""]),
    rule("fract", &["x"], &["d"]),
    rule("next_up", &["x"], &["d"]),
    rule("next_down", &["x"], &["d"]),
];

/// Functions of std floats whose result carries no derivative.
pub(crate) const INACTIVE: &[&str] = &[
    "classify",
    "is_finite",
    "is_infinite",
    "is_nan",
    "is_normal",
    "is_sign_negative",
    "is_sign_positive",
    "is_subnormal",
    "eq",
    "ge",
    "gt",
    "le",
    "lt",
    "ne",
    "partial_cmp",
    "total_cmp",
    "from_be_bytes",
    "from_bits",
    "from_le_bytes",
    "from_ne_bytes",
    "to_int_unchecked",
    "to_string",
];

/// Methods that hide the value in bits, out of which it may return as a float with its derivative
/// lost. Errors on values that carry one.
pub(crate) const BITS: &[&str] = &["to_be_bytes", "to_bits", "to_le_bytes", "to_ne_bytes"];

/// The rule of the operator or method `name`.
pub(crate) fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use syn::{Expr, Lit, UnOp};

    const PARTIAL: &str = include_str!("../../../ad-runtime/src/partial.rs");

    /// A contribution in the grammar the compiler substitutes into: the names given, float literals
    /// without suffix, arithmetic, method calls and calls of `partial::f`.
    fn check(expr: &Expr, names: &HashSet<&str>) {
        match expr {
            Expr::Path(path) => {
                let name = path.path.get_ident().expect("a plain name").to_string();
                assert!(names.contains(name.as_str()), "unknown name `{name}`");
            }
            Expr::Lit(literal) => match &literal.lit {
                Lit::Float(float) => assert_eq!(float.suffix(), ""),
                _ => panic!("a literal that is no float"),
            },
            Expr::Binary(binary) => {
                check(&binary.left, names);
                check(&binary.right, names);
            }
            Expr::Unary(unary) => {
                assert!(matches!(unary.op, UnOp::Neg(_)));
                check(&unary.expr, names);
            }
            Expr::Paren(paren) => check(&paren.expr, names),
            Expr::MethodCall(call) => {
                // On a literal the float type would be ambiguous.
                assert!(!matches!(*call.receiver, Expr::Lit(_)));
                check(&call.receiver, names);
                call.args.iter().for_each(|arg| check(arg, names));
            }
            Expr::Call(call) => {
                check_partial(&call.func);
                call.args.iter().for_each(|arg| check(arg, names));
            }
            _ => panic!("outside the grammar"),
        }
    }

    fn check_partial(function: &Expr) {
        let Expr::Path(path) = function else {
            panic!("a call of no path");
        };
        let segments: Vec<_> = (path.path.segments.iter())
            .map(|segment| segment.ident.to_string())
            .collect();
        let [module, name] = segments.as_slice() else {
            panic!("a call outside `partial`");
        };
        assert_eq!(module, "partial");
        assert!(
            PARTIAL.contains(&format!("pub fn {name}<")),
            "no `partial::{name}`"
        );
    }

    #[test]
    fn names_are_unique_over_all_lists() {
        let rules = RULES.iter().map(|rule| rule.name);
        let mut seen = HashSet::new();
        for name in rules
            .chain(INACTIVE.iter().copied())
            .chain(BITS.iter().copied())
        {
            assert!(seen.insert(name), "`{name}` is listed twice");
        }
    }

    #[test]
    fn every_operand_has_a_contribution() {
        for rule in RULES {
            assert_eq!(rule.params.len(), rule.contributions.len(), "{}", rule.name);
        }
    }

    #[test]
    fn operands_are_distinct_and_shadow_nothing() {
        for rule in RULES {
            let mut seen = HashSet::from(["d", "out"]);
            assert!(
                rule.params.iter().all(|param| seen.insert(param)),
                "{}",
                rule.name
            );
        }
    }

    #[test]
    fn contributions_parse_and_keep_to_the_grammar() {
        for rule in RULES {
            let names = (rule.params.iter().copied()).chain(["d", "out"]).collect();
            for text in rule.contributions.iter().filter(|text| !text.is_empty()) {
                let expr = syn::parse_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
                check(&expr, &names);
            }
        }
    }

    #[test]
    fn every_helper_is_used() {
        let helpers = PARTIAL
            .lines()
            .filter_map(|line| line.strip_prefix("pub fn "));
        for helper in helpers.map(|line| line.split('<').next().unwrap()) {
            if helper == "sqrt_with" {
                continue; // `transform::simplify` puts it in the place of `sqrt`.
            }
            let call = format!("partial::{helper}(");
            let used =
                (RULES.iter()).any(|rule| rule.contributions.iter().any(|c| c.contains(&call)));
            assert!(used, "`{helper}` is in no rule");
        }
    }

    #[test]
    fn find_is_by_name() {
        assert_eq!(find("sin").unwrap().contributions, ["d * x.cos()"]);
        assert!(find("is_nan").is_none());
    }
}
