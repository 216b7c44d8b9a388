//! Searches for an extreme, and maps of working vectors in loops: what transformations take
//! out of loops, or nearly.

use super::loops::{TRIPS, label};
use super::scope::{Gen, Kind, Own, Seq, Var};
use super::tree::Node;
use std::fmt::Write;

/// Functions that programs call: some linear in `v`, some overwrite `out`.
const MAPS: &[(&str, &str)] = &[
    (
        "map_scaled",
        "for i in 0..out.len() { out[i] = v[i] * q[0]; }",
    ),
    (
        "map_mixed",
        "for i in 0..out.len() { out[i] = 0.0; for j in 0..v.len() { out[i] += q[(i + j) % q.len()] * v[j]; } }",
    ),
    (
        "map_added",
        "for i in 0..out.len() { out[i] = 0.5 * out[i] + v[i] * q[i % q.len()]; }",
    ),
    (
        "map_bent",
        "for i in 0..out.len() { out[i] = v[i] * v[i] * q[0]; }",
    ),
    (
        "map_some",
        "for i in 1..out.len() { out[i] = v[i] * q[0] - v[i - 1]; }",
    ),
    (
        "map_rows",
        "for o in 0..out.len() { let mut s = 0.1 * out[o]; for i in 0..v.len() { s += q[(o + i) % q.len()] * v[i]; } out[o] = s.sin(); }",
    ),
    (
        "map_first",
        "for o in 0..out.len() { let mut s = 0.3; for (a, b) in v.iter().zip(q) { s += a * b; } out[o] = 0.2 * s * out[0]; }",
    ),
    (
        "map_two",
        "for o in 0..out.len() { let mut s = 0.3; let mut t = q[0]; for i in 0..v.len() { s += v[i] * q[0]; t -= 0.1 * s * v[i]; } out[o] = s * t; }",
    ),
];

/// Sums over a vector: of squares, of calls, of sums, and with working memory.
const SUMS: &[(&str, &str)] = &[
    (
        "map_sum",
        "let mut s = 0.0; for i in 0..v.len() { s += v[i] * v[i] * (i as f64 * 0.1 + 0.2); } s",
    ),
    (
        "map_mean",
        "let mut s = 0.1; for i in 0..v.len() { let t = map_bend(v[i]); s += t * v[i]; } s / v.len() as f64",
    ),
    (
        "map_pairs",
        "let mut s = 0.0; for i in 0..v.len() { let mut near = 1.0; for j in 0..v.len() { let d = v[i] - v[j]; near += d * d / (1.0 + d * d); } s += near.sqrt(); } 0.5 * s",
    ),
    (
        "map_last",
        "let mut t = vec![0.0; v.len()]; let mut s = 0.0; for k in 0..3 { for i in 0..v.len() { t[i] = v[i] * (k as f64 - v[0]); } s += t[0] * t[0]; } s + t[0]",
    ),
    (
        "map_all",
        "let mut t = vec![0.0; v.len()]; let mut s = 0.0; for k in 0..3 { for i in 0..v.len() { t[i] = v[i] * (k as f64 - v[0]); } for i in 0..v.len() { t[i] = t[i] * t[i]; } s -= t[0] * v[0]; } 0.3 - s",
    ),
];

/// The functions of this module that a program calls.
pub(super) fn called(program: &str, attribute: bool, out: &mut String) {
    let mark = if attribute { "#[autodiff]\n" } else { "" };
    for (name, body) in MAPS {
        if program.contains(&format!("{name}(")) {
            let params = "q: &[f64], v: &[f64], out: &mut [f64]";
            write!(out, "{mark}fn {name}({params}) {{\n    {body}\n}}\n\n")
                .expect("a string takes all");
        }
    }
    if program.contains("map_mean(") {
        let bend = "x / (x * x + 1.0).sqrt()";
        write!(
            out,
            "{mark}fn map_bend(x: f64) -> f64 {{\n    {bend}\n}}\n\n"
        )
        .expect("a string takes all");
    }
    for (name, body) in SUMS {
        if program.contains(&format!("{name}(")) {
            let params = "v: &[f64]";
            write!(
                out,
                "{mark}fn {name}({params}) -> f64 {{\n    {body}\n}}\n\n"
            )
            .expect("a string takes all");
        }
    }
}

/// What a mutable slice lends cannot be lent twice.
fn borrowed(seq: &Seq) -> String {
    match seq.own {
        Own::Borrowed => format!("&{}[..]", seq.name),
        _ => format!("&{}", seq.name),
    }
}

impl Gen<'_> {
    /// `if x[i] > m { m = x[i]; }`, and what looks like it.
    pub(super) fn extreme(&mut self) {
        let Some(seq) = self.seq(false) else {
            return self.store_element();
        };
        if self.trips * seq.len > TRIPS {
            return self.store_element();
        }
        let (found, start) = (self.fresh_from("extreme"), self.term());
        self.line(format!("let mut {found} = {start};"));
        self.declare(Var::new(&found, Kind::Float, false));
        let index = self.fresh_from("i");
        let value = match self.rng.below(4) {
            0 => format!("{}[{index}] * 0.7", seq.name),
            1 => format!("({0}[{index}] * {0}[{index}]).cos()", seq.name),
            _ => format!("{}[{index}]", seq.name),
        };
        let sign = self.rng.pick(&["<", ">", ">="]);
        let assigned = match self.rng.below(6) {
            0 => format!("0.5 * ({found} + {value})"),
            _ => value.clone(),
        };
        let reads = self.rng.chance(0.15);
        let adds = self.accumulated(&format!("0.1 * {found}.sin()"));
        let mut lines = vec![format!(
            "if {value} {sign} {found} {{ {found} = {assigned}; }}"
        )];
        lines.extend(adds.filter(|_| reads));
        let lines = lines.into_iter().map(Node::line).collect();
        self.push(Node::block(
            format!("for {index} in 0..{} {{", seq.len),
            lines,
        ));
        self.accumulate(&format!("0.2 * {found}.sin()"));
    }

    /// A statement that adds to some float.
    pub(super) fn accumulated(&mut self, value: &str) -> Option<String> {
        let id = self.assignable(|kind| kind == Kind::Float)?;
        Some(format!("{} += {value};", self.vars[id].target()))
    }

    /// A vector that a loop sets and maps to another one.
    pub(super) fn mapped(&mut self) {
        let Some(coefficients) = self.seq(false) else {
            return self.store_element();
        };
        let (len, span) = (self.rng.between(2, 3), self.span());
        let inner = if self.rng.chance(0.4) { 2 } else { 1 };
        if self.trips * span.trips * inner * len * len > TRIPS {
            return self.store_element();
        }
        let (set, image) = (self.fresh_from("centred"), self.fresh_from("image"));
        for name in [&set, &image] {
            self.line(format!("let mut {name} = vec![0.1_f64; {len}];"));
        }
        let index = self.fresh_from("p");
        let around = self.around();
        let head = format!("{}for {index} in {} {{", label(&around), span.text);
        let body = self.looped(around, span.trips, |g| {
            g.declare(Var::new(&index, Kind::Int { max: span.max }, false));
            if inner == 1 {
                return g.mapping(&coefficients, [&set, &image], len);
            }
            let class = g.fresh_from("m");
            let own = g.nested(|g| {
                g.declare(Var::new(&class, Kind::Int { max: 1 }, false));
                g.mapping(&coefficients, [&set, &image], len);
            });
            g.push(Node::block(format!("for {class} in 0..2 {{"), own));
        });
        self.push(Node::block(head, body));
        if self.rng.chance(0.2) {
            self.accumulate(&format!("0.1 * {image}[0].tanh()"));
        }
    }

    /// A call that maps one part of `seq` to another one, at times.
    pub(super) fn map_between(&mut self, from: &str, to: &str, seq: &Seq) -> Option<String> {
        let others = self.seqs(false).into_iter();
        let others: Vec<Seq> = others.filter(|other| other.id != seq.id).collect();
        if others.is_empty() || self.rng.chance(0.5) {
            return None;
        }
        let (map, _) = self.rng.pick(MAPS);
        let shared = borrowed(&self.rng.pick(&others));
        Some(format!("{map}({shared}, {from}, {to});"))
    }

    fn mapping(&mut self, coefficients: &Seq, [set, image]: [&str; 2], len: usize) {
        let (map, _) = self.rng.pick(MAPS);
        let (value, index) = (self.term(), self.fresh_from("k"));
        let source = &coefficients.name;
        let others: Vec<Seq> = self.seqs(false);
        let other = self.rng.pick(&others);
        let (most, other_most) = (coefficients.len.min(2), other.len.min(2));
        let other = other.name;
        let part = if self.rng.chance(0.2) { 1 } else { 0 };
        let line = match self.rng.weighted(&[8, 3, 2]) {
            0 => format!(
                "{set}[{index}] = 0.2 * {index} as f64 - 0.7 * {other}[{index} % {other_most}];"
            ),
            1 => format!("{set}[{index}] = {value} - {source}[{index} % {most}];"),
            _ => format!("{set}[{index}] = 0.5 * {set}[{index}] + 0.3 * {value};"),
        };
        let head = format!("for {index} in {part}..{len} {{");
        self.push(Node::block(head, vec![Node::line(line)]));
        let shared = borrowed(coefficients);
        self.line(format!("{map}({shared}, &{set}, &mut {image});"));
        let (sum, _) = self.rng.pick(SUMS);
        self.accumulate(&format!("0.1 * {sum}(&{image}).sin()"));
    }
}
