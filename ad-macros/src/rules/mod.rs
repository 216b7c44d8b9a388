//! What the compiler knows about functions it does not see the body of.

mod scalar;

pub(crate) use scalar::*;

/// Rules that integers have as operators or methods too.
const SHARED: &[&str] = &[
    "add",
    "sub",
    "mul",
    "div",
    "rem",
    "neg",
    "abs",
    "signum",
    "min",
    "max",
    "clamp",
    "rem_euclid",
    "div_euclid",
    "midpoint",
];

/// The function of the same operand that costs little more beside this one.
pub(crate) fn partner(rule: &Rule) -> Option<&'static str> {
    match rule.name {
        "sin" => Some("cos"),
        "cos" => Some("sin"),
        _ => None,
    }
}

/// Whether the rule's operands can only be floats.
pub(crate) fn only_floats(rule: &Rule) -> bool {
    !SHARED.contains(&rule.name)
}

/// Whether operand `index` of the rule is an integer.
pub(crate) fn integer_operand(rule: &Rule, index: usize) -> bool {
    rule.name == "powi" && index == 1
}

/// Functions of `ad_runtime::partial` that contributions call.
const HELPERS: &[&str] = &[
    "abs",
    "copysign",
    "sqrt",
    "cbrt",
    "hypot",
    "atan2_y",
    "atan2_x",
    "tanh",
    "exp2",
    "log2",
    "log10",
    "powi",
    "powf_base",
    "powf_exponent",
    "max_first",
    "max_second",
    "min_first",
    "min_second",
    "clamp_inside",
    "clamp_below",
    "clamp_above",
];

/// The helper of that name.
pub(crate) fn helper(name: &str) -> Option<&'static str> {
    HELPERS.iter().find(|known| **known == name).copied()
}
