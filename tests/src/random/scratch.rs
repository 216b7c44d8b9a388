//! Working memory that loops overwrite, wholly or in part, before or after they read it.

use super::loops::{TRIPS, label};
use super::program::{Function, ParamKind};
use super::scope::{Gen, Kind, Own, Seq, Var};
use super::tree::Node;

impl Gen<'_> {
    /// An array made outside of a loop, or of two, and used inside.
    pub(super) fn scratch(&mut self) {
        let len = self.scratch_len();
        let Some(seq) = self.scratch_array(len) else {
            return self.store_element();
        };
        if self.rng.chance(0.3) {
            let value = self.term();
            let at = self.rng.below(len);
            self.line(format!("{}[{at}] = {value};", seq.name));
        }
        self.scratch_loop(&seq);
        if self.rng.chance(0.2) {
            self.apart(1);
        }
        if self.rng.chance(0.25) {
            self.scratch_loop(&seq);
        }
        if self.rng.chance(0.3) {
            self.use_of(&seq);
        }
    }

    /// The length of a slice that some helper writes, or any.
    fn scratch_len(&mut self) -> usize {
        let lengths: Vec<usize> = self.helpers.iter().filter_map(written).collect();
        if !lengths.is_empty() && self.rng.chance(0.7) {
            return self.rng.pick(&lengths);
        }
        self.rng.between(2, 4)
    }

    fn scratch_array(&mut self, len: usize) -> Option<Seq> {
        if self.trips * len * 2 > TRIPS {
            return None;
        }
        let name = self.fresh_from("work");
        let own = self.rng.pick(&[Own::Array, Own::Vec, Own::Vec]);
        let open = if own == Own::Vec { "vec![" } else { "[" };
        self.line(format!("let mut {name} = {open}0.0_f64; {len}];"));
        let id = self.declare(Var::new(&name, Kind::Seq { len, own }, true));
        Some(Seq { id, name, len, own })
    }

    fn scratch_loop(&mut self, seq: &Seq) {
        let span = self.span();
        if self.trips * span.trips * seq.len > TRIPS {
            return self.refill(seq, 1);
        }
        let index = self.fresh_from("i");
        let around = self.around();
        let head = format!("{}for {index} in {} {{", label(&around), span.text);
        let body = self.looped(around, span.trips, |g| {
            g.declare(Var::new(&index, Kind::Int { max: span.max }, false));
            if g.rng.chance(0.12) {
                g.use_of(seq);
            }
            g.refill(seq, 2);
            if g.rng.chance(0.15) {
                g.refill(seq, 1);
            }
            g.use_of(seq);
            g.fuel = g.fuel.max(1);
            let (count, outer) = (g.rng.below(3), g.vars.len());
            g.statements(count);
            g.sink(outer);
        });
        self.push(Node::block(head, body));
    }

    /// A function often fills what it is to fill at first.
    pub(super) fn overwrite_argument(&mut self) {
        if let Some(seq) = self.seq(true)
            && self.rng.chance(0.6)
        {
            if self.rng.chance(0.15) {
                self.use_of(&seq);
            }
            self.refill(&seq, 1);
        }
    }

    /// Something that overwrites an array, or looks as if it did.
    fn refill(&mut self, seq: &Seq, depth: usize) {
        let name = &seq.name;
        match self.rng.weighted(&[10, 5, 5, 4, 4, 3, 3, 2, 8, 3]) {
            0..=3 => self.filling_loop(seq),
            4 => {
                let value = self.outside(seq);
                let whole = self.rng.chance(0.6);
                let len = if whole {
                    seq.len
                } else {
                    self.rng.between(1, seq.len)
                };
                let target = self.part(seq, len);
                self.line(format!("{target}.fill({value});"));
            }
            5 if seq.own != Own::Borrowed => {
                let value = self.outside(seq);
                let open = if seq.own == Own::Vec { "vec![" } else { "[" };
                self.line(format!("{name} = {open}{value}; {}];", seq.len));
            }
            6 if depth > 0 => {
                let cond = self.boolean(0);
                let yes = self.nested(|g| g.refill(seq, depth - 1));
                let mut parts = vec![(format!("if {cond} {{"), yes)];
                if self.rng.chance(0.4) {
                    let no = self.nested(|g| g.refill(seq, depth - 1));
                    parts.push(("} else {".into(), no));
                }
                let close = "}".into();
                self.push(Node::Block { parts, close });
            }
            7 => {
                let item = self.fresh_from("v");
                let value = self.outside(seq);
                let line = Node::line(format!("*{item} = {value};"));
                let head = format!("for {item} in {name}.iter_mut() {{");
                self.push(Node::block(head, vec![line]));
            }
            8 => self.refill_by_call(seq),
            _ => {
                for at in 0..seq.len {
                    let value = self.term();
                    self.line(format!("{name}[{at}] = {value};"));
                }
            }
        }
    }

    /// A helper that gets the array as its mutable slice.
    fn refill_by_call(&mut self, seq: &Seq) {
        let fits: Vec<Function> = self
            .helpers
            .iter()
            .filter(|helper| written(helper) == Some(seq.len))
            .cloned()
            .collect();
        if fits.is_empty() || self.trips > 20 {
            return self.filling_loop(seq);
        }
        let helper = self.rng.pick(&fits);
        if !self.call_with(&helper, seq) {
            self.filling_loop(seq);
        }
    }

    /// `for j in 0..n { t[j] = e; }`, of several kinds.
    fn filling_loop(&mut self, seq: &Seq) {
        let (name, len) = (&seq.name, seq.len);
        let bound = self.bounded_int(len);
        let others: Vec<Seq> = self
            .seqs(false)
            .into_iter()
            .filter(|other| other.len <= len && other.id != seq.id)
            .collect();
        let range = match (self.rng.below(12), bound) {
            (8 | 9, _) if !others.is_empty() => format!("0..{}.len()", self.rng.pick(&others).name),
            (0, _) => format!("0..{name}.len()"),
            (1, _) => format!("(0..{len}).rev()"),
            (2, _) => format!("0..={}", len - 1),
            (3, _) => format!("{}..{len}", self.rng.below(2)),
            (4, _) => format!("0..{}", len - self.rng.below(2)),
            (5, _) => format!("(0..{len}).step_by(2)"),
            (6, Some((bound, _))) => format!("0..{bound}"),
            (7, Some((bound, _))) => format!("{bound}..{len}"),
            _ => format!("0..{len}"),
        };
        let index = self.fresh_from("j");
        let around = self.around();
        let head = format!("{}for {index} in {range} {{", label(&around));
        let body = self.looped(around, len, |g| {
            let max = len - 1;
            g.declare(Var::new(&index, Kind::Int { max }, false));
            if g.rng.chance(0.08) {
                g.use_of(seq);
            }
            if g.rng.chance(0.05) {
                g.exit_loop();
            }
            let value = if g.rng.chance(0.85) {
                g.outside(seq)
            } else {
                g.term()
            };
            g.line(format!("{name}[{index}] = {value};"));
            match g.rng.below(8) {
                0 => g.accumulate(&format!("0.2 * {name}[{max} - {index}]")),
                1 => g.accumulate(&format!("0.2 * {name}[({index} + 1) % {len}]")),
                2 => g.accumulate(&format!("0.2 * {name}[{index}] * {name}[{index}]")),
                3 => g.line(format!("{name}[{index}] += 0.3 * {name}[{index}];")),
                _ => {}
            }
        });
        self.push(Node::block(head, body));
    }

    /// A term that reads nothing of an array.
    fn outside(&mut self, seq: &Seq) -> String {
        let value = self.term();
        if value.contains(&seq.name) {
            return "0.75_f64".into();
        }
        value
    }

    fn use_of(&mut self, seq: &Seq) {
        let (a, b) = (self.plain_index(seq.len), self.plain_index(seq.len));
        let name = &seq.name;
        match self.rng.below(4) {
            0 => {
                let index = self.fresh_from("j");
                let around = self.around();
                let head = format!("{}for {index} in 0..{} {{", label(&around), seq.len);
                let body = self.looped(around, seq.len, |g| {
                    let max = seq.len - 1;
                    g.declare(Var::new(&index, Kind::Int { max }, false));
                    let other = g.operand();
                    g.accumulate(&format!("0.1 * {name}[{index}] * {other}"));
                });
                self.push(Node::block(head, body));
            }
            _ => self.accumulate(&format!("0.2 * {name}[{a}] * {name}[{b}]")),
        }
    }

    /// Adds to something that is there already.
    pub(super) fn accumulate(&mut self, value: &str) {
        if let Some(id) = self.assignable(|kind| kind == Kind::Float)
            && self.rng.chance(0.7)
        {
            let target = self.vars[id].target();
            if self.rng.chance(0.8) {
                return self.line(format!("{target} += {value};"));
            }
            return self.line(format!("{target} = 0.7 * {target} + {value};"));
        }
        let Some(seq) = self.seq(true) else { return };
        if seq.own == Own::Vec && value.contains(&seq.name) {
            return;
        }
        let index = self.plain_index(seq.len);
        self.line(format!("{}[{index}] += {value};", seq.name));
    }

    /// An element or a variable.
    pub(super) fn operand(&mut self) -> String {
        let found = if self.rng.chance(0.7) {
            self.element().or_else(|| self.scalar_leaf())
        } else {
            self.scalar_leaf().or_else(|| self.element())
        };
        found.map_or("0.5_f64".into(), |leaf| leaf.text)
    }

    /// A term of about size one, mostly of cheap arithmetic.
    pub(super) fn term(&mut self) -> String {
        let (a, b) = (self.operand(), self.operand());
        match self.rng.below(9) {
            0 => format!("({a} * {b}) / ({a} * {a} + {b} * {b} + 1.0)"),
            1 => format!("0.5 * (0.25 * {a}) * 2.0 - {b} * 0.5 * 0.5"),
            2 => format!("({a} * {b}).sin()"),
            3 => format!("0.3 * {a} / ({b} * {b} + 1.5) + 0.3 * {b} / ({b} * {b} + 1.5)"),
            4 => format!("({a} - {b}) * ({a} - {b}) / (({a} - {b}) * ({a} - {b}) + 1.0)"),
            5 => format!("0.5 * {a}.tanh()"),
            6 => format!("({a} / 2.0 + {b} / 2.0) / 1.25"),
            _ => format!("0.4 * {a} - 0.3 * {b}"),
        }
    }
}

/// The length of the only slice that a function writes.
fn written(function: &Function) -> Option<usize> {
    let mut lengths = function.params.iter().filter_map(|param| match param.kind {
        ParamKind::Slice { len, mutable: true } => Some(len),
        _ => None,
    });
    let len = lengths.next()?;
    lengths.next().is_none().then_some(len)
}
