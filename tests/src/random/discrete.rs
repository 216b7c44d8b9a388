//! Integer and boolean expressions, patterns and ranges.

use super::scope::{Gen, Kind, Lock, Own, Seq};

/// A range for a `for` loop.
pub(super) struct Span {
    pub text: String,
    /// The largest value of the variable.
    pub max: usize,
    pub trips: usize,
}

impl Gen<'_> {
    /// The name of an integer in scope.
    pub(super) fn int_var(&mut self) -> Option<String> {
        let ids = self.readable(|var| matches!(var.kind, Kind::Int { .. }));
        (!ids.is_empty()).then(|| {
            let id = self.rng.pick(&ids);
            self.vars[id].name.clone()
        })
    }

    pub(super) fn bounded_int(&mut self, max: usize) -> Option<(String, usize)> {
        let ids = self.readable(|var| matches!(var.kind, Kind::Int { max: own } if own <= max));
        if ids.is_empty() {
            return None;
        }
        let var = &self.vars[self.rng.pick(&ids)];
        match var.kind {
            Kind::Int { max } => Some((var.name.clone(), max)),
            _ => None,
        }
    }

    /// An integer in `0..=max`.
    pub(super) fn int(&mut self, max: usize) -> String {
        if self.rng.chance(0.2) {
            return self.rng.between(0, max).to_string();
        }
        if self.rng.chance(0.7)
            && let Some((name, own)) = self.bounded_int(max)
        {
            return match self.rng.below(4) {
                0 if own < max => format!("{name} + {}", self.rng.between(1, max - own)),
                1 => format!("{max} - {name}"),
                _ => name,
            };
        }
        self.wrapped(&(max + 1).to_string(), max)
    }

    /// Something modulo a length.
    fn wrapped(&mut self, modulus: &str, max: usize) -> String {
        if self.rng.chance(0.06)
            && let Some(value) = self.element()
        {
            return format!("({}.abs() * 3.0) as usize % {modulus}", value.text);
        }
        match self.int_var() {
            Some(name) => match self.rng.below(4) {
                0 => format!("{name} % {modulus}"),
                1 => format!("({name} * 3 + {}) % {modulus}", self.rng.below(3)),
                2 => format!("({name} + {}) % {modulus}", self.rng.between(1, 3)),
                _ => format!("({name} * {name} + 1) % {modulus}"),
            },
            None => self.rng.between(0, max).to_string(),
        }
    }

    /// An index into a sequence.
    pub(super) fn index(&mut self, seq: &Seq) -> String {
        match self.rng.below(10) {
            0 => self.wrapped(&format!("{}.len()", seq.name), seq.len - 1),
            1 => format!("{}.len() - {}", seq.name, self.rng.between(1, seq.len)),
            _ => self.int(seq.len - 1),
        }
    }

    /// An index for a store: a `Vec` must not be read in it.
    pub(super) fn target_index(&mut self, seq: &Seq) -> String {
        if seq.own != Own::Vec {
            return self.index(seq);
        }
        self.enter();
        self.lock(seq.id, Lock::Gone);
        let index = self.int(seq.len - 1);
        self.leave();
        index
    }

    /// An index that does not mention the sequence.
    pub(super) fn plain_index(&mut self, len: usize) -> String {
        match self.bounded_int(len - 1) {
            Some((name, _)) if self.rng.chance(0.6) => name,
            _ => self.rng.below(len).to_string(),
        }
    }

    /// A condition.
    pub(super) fn boolean(&mut self, depth: usize) -> String {
        match self.rng.weighted(&[50, 20, 8, 6, 6]) {
            1 => self.int_test().unwrap_or_else(|| self.comparison()),
            2 => self.bool_var().unwrap_or_else(|| self.comparison()),
            3 if depth > 0 => {
                let op = self.rng.pick(&["&&", "||"]);
                format!("({}) {op} ({})", self.boolean(0), self.boolean(0))
            }
            4 if depth > 0 => format!("!({})", self.boolean(0)),
            _ => self.comparison(),
        }
    }

    fn comparison(&mut self) -> String {
        let op = self.rng.pick(&["<", ">", "<=", ">="]);
        let left = self.float(1);
        let right = if self.rng.chance(0.5) {
            self.literal()
        } else {
            self.float(1)
        };
        format!("{} {op} {}", left.text, right.text)
    }

    fn int_test(&mut self) -> Option<String> {
        let name = self.int_var()?;
        Some(match self.rng.below(4) {
            0 => format!("{name} % 2 == {}", self.rng.below(2)),
            1 => format!("{name} < {}", self.int(3)),
            2 => format!("{name} != {}", self.int(3)),
            _ => format!("{name} >= {}", self.rng.between(1, 3)),
        })
    }

    fn bool_var(&mut self) -> Option<String> {
        let ids = self.readable(|var| var.kind == Kind::Bool);
        (!ids.is_empty()).then(|| {
            let id = self.rng.pick(&ids);
            self.vars[id].name.clone()
        })
    }

    /// What a `match` looks at, and patterns that cover it.
    pub(super) fn subject(&mut self) -> (String, Vec<&'static str>) {
        if self.rng.chance(0.25)
            && let Some(value) = self.element()
        {
            let text = format!("(({} * 2.0) as i64) % 3", value.text);
            return (text, vec!["-2..=-1", "0", "_"]);
        }
        let text = match self.int_var() {
            Some(name) if self.rng.chance(0.5) => name,
            _ => self.wrapped("4", 3),
        };
        let arms: &[&[&'static str]] = &[
            &["0", "1..=2", "_"],
            &["0 | 2", "_"],
            &["0..2", "2", "_"],
            &["1", "2", "3..=9", "_"],
        ];
        (text, self.rng.pick(arms).to_vec())
    }

    /// The range of a `for` loop over integers.
    pub(super) fn span(&mut self) -> Span {
        let to = self.rng.between(2, 5);
        let from = self.rng.pick(&[0, 0, 0, 1, 1, 2]);
        match self.rng.below(12) {
            0 => span(format!("{from}..={to}"), to, to + 1 - from),
            1 => span(format!("({from}..{to}).rev()"), to - 1, to - from),
            2 => span(
                format!("({from}..{to}).step_by(2)"),
                to - 1,
                (to + 1 - from) / 2,
            ),
            3 => span(format!("({from}..={to}).rev()"), to, to + 1 - from),
            4 => span(
                format!("({from}..{to}).rev().step_by(2)"),
                to - 1,
                (to + 1 - from) / 2,
            ),
            5 => self.len_span(to),
            6 | 7 => self.bounded_span(from, to),
            8 => self.empty_span(),
            _ => span(format!("{from}..{to}"), to - 1, to - from),
        }
    }

    fn len_span(&mut self, to: usize) -> Span {
        match self.seq(false) {
            Some(seq) => {
                let from = self.rng.below(2);
                let len = seq.len;
                span(format!("{from}..{}.len()", seq.name), len - 1, len - from)
            }
            None => span(format!("0..{to}"), to - 1, to),
        }
    }

    /// Up to or from an integer that is not known before.
    fn bounded_span(&mut self, from: usize, to: usize) -> Span {
        match self.bounded_int(4) {
            Some((name, max)) if max > 0 => match self.rng.below(4) {
                0 => span(format!("{name}..5"), 4, 5),
                1 => span(format!("{from}..={name}"), max, max + 1),
                2 => span(format!("(0..{name}).rev()"), max - 1, max),
                _ => span(format!("0..{name}"), max - 1, max),
            },
            _ => span(format!("{from}..{to}"), to - 1, to - from),
        }
    }

    /// A range that has no elements, or hardly any.
    fn empty_span(&mut self) -> Span {
        match self.bounded_int(4) {
            Some((name, max)) => span(format!("{}..{name}", max.saturating_sub(1)), max, 1),
            None => span("3..3".into(), 3, 0),
        }
    }
}

/// `max` of an empty range is of no importance, but has to be a bound.
fn span(text: String, max: usize, trips: usize) -> Span {
    Span {
        text,
        max,
        trips: trips.max(1),
    }
}
