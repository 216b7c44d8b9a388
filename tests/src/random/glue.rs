//! The part of a module that hands its function to the checks.

use super::program::{Function, ParamKind};

/// Writes `case()`: the function `f`, and its derivatives, on a point.
pub(super) fn glue(
    main: &Function,
    (number, points): (usize, usize),
    attribute: bool,
    out: &mut String,
) {
    let slots = Slots::of(main);
    let (plain, primal) = (slots.list(main, false, false), slots.pattern("p", "s"));
    *out += &format!(
        "pub fn case() -> Case {{\n    Case {{\n        number: {number},\n        points: {points},\n        slices: &{:?},\n        \
         floats: {},\n        ints: &{:?},\n        bools: {},\n        returns: {},\n        \
         plain: |p| {{\n            {primal}\n            f({plain}).flat()\n        }},\n",
        slots.slices, slots.floats, slots.ints, slots.bools, main.returns,
    );
    if attribute {
        *out += "        derivatives: Some(Derivatives {\n";
        for name in [
            "forward",
            "forward_with_primal",
            "reverse",
            "reverse_with_primal",
        ] {
            *out += &slots.closure(main, name);
        }
        *out += "        }),\n    }\n}\n";
    } else {
        *out += "        derivatives: None::<Derivatives>,\n    }\n}\n";
    }
}

/// Where each parameter is kept in the arrays of a point.
#[derive(Default)]
struct Slots {
    slices: Vec<(usize, bool)>,
    ints: Vec<usize>,
    floats: usize,
    bools: usize,
}

impl Slots {
    fn of(main: &Function) -> Self {
        let mut slots = Slots::default();
        for param in &main.params {
            match param.kind {
                ParamKind::Slice { len, mutable } => slots.slices.push((len, mutable)),
                ParamKind::Float => slots.floats += 1,
                ParamKind::Int { max } => slots.ints.push(max),
                ParamKind::Bool => slots.bools += 1,
            }
        }
        slots
    }

    /// `let [s0, s1] = &mut p.slices[..] else { .. };`
    fn pattern(&self, point: &str, prefix: &str) -> String {
        let names: Vec<String> = (0..self.slices.len())
            .map(|at| format!("{prefix}{at}"))
            .collect();
        format!(
            "let [{}] = &mut {point}.slices[..] else {{ unreachable!() }};",
            names.join(", ")
        )
    }

    /// One derivative as a closure over points.
    fn closure(&self, main: &Function, name: &str) -> String {
        let reverse = name.starts_with("reverse");
        let (primal, shadows) = (self.pattern("p", "s"), self.pattern("d", "t"));
        let mut args = self.list(main, true, !reverse);
        if reverse && main.returns {
            args += ", seed";
        }
        let head = if reverse { "|p, d, seed|" } else { "|p, d|" };
        format!(
            "            {name}: {head} {{\n                {primal}\n                {shadows}\n                \
             f::{name}({args}).flat()\n            }},\n"
        )
    }

    /// The arguments of a call: shadows beside slices and beside floats, if asked for.
    fn list(&self, main: &Function, shadow_slices: bool, shadow_floats: bool) -> String {
        let (mut slice, mut float, mut int, mut flag) = (0..9, 0..9, 0..9, 0..9);
        let next = |range: &mut std::ops::Range<usize>| range.next().expect("few parameters");
        let args: Vec<String> = main
            .params
            .iter()
            .map(|param| match param.kind {
                ParamKind::Slice { .. } => pair("s", "t", "", next(&mut slice), shadow_slices),
                ParamKind::Float => pair(
                    "p.floats[",
                    "d.floats[",
                    "]",
                    next(&mut float),
                    shadow_floats,
                ),
                ParamKind::Int { .. } => format!("p.ints[{}]", next(&mut int)),
                ParamKind::Bool => format!("p.bools[{}]", next(&mut flag)),
            })
            .collect();
        args.join(", ")
    }
}

fn pair(primal: &str, shadow: &str, close: &str, at: usize, both: bool) -> String {
    if both {
        format!("{primal}{at}{close}, {shadow}{at}{close}")
    } else {
        format!("{primal}{at}{close}")
    }
}
