//! Statements on arrays, slices and views.

use super::loops::TRIPS;
use super::scope::{Gen, Kind, Lock, Own, Seq, Var};
use super::stmt::bare;
use super::tree::Node;

impl Gen<'_> {
    pub(super) fn array_statement(&mut self, weights: &[u32]) {
        match self.rng.weighted(weights) {
            0 => self.store_element(),
            1 => self.let_array(),
            2 => self.swap(),
            3 => self.copy_or_fill(),
            4 => self.view(),
            5 => self.buffers(),
            _ => self.call_statement(),
        }
    }

    /// `y[i] = e` or an op-assignment to an element.
    pub(super) fn store_element(&mut self) {
        let Some(seq) = self.seq(true) else {
            return self.let_float();
        };
        let index = self.target_index(&seq);
        let target = format!("{}[{index}]", seq.name);
        if self.rng.chance(0.2) {
            return self.stencil(&seq);
        }
        self.store(&target);
        if self.rng.chance(0.15)
            && let Some(id) = self.assignable(|kind| matches!(kind, Kind::Int { .. }))
            && let Kind::Int { max } = self.vars[id].kind
        {
            let name = self.vars[id].name.clone();
            self.step_int(&name, max);
        }
    }

    /// `y[i + 1] = f(y[i], y[i + 2])`, around the end.
    fn stencil(&mut self, seq: &Seq) {
        let Some(i) = self.int_var() else {
            return self.store(&format!("{}[0]", seq.name));
        };
        let (name, len) = (&seq.name, seq.len);
        let text = match self.rng.below(3) {
            0 => format!(
                "{name}[({i} + 1) % {len}] = 0.7 * {name}[{i} % {len}] * {name}[({i} + 2) % {len}].tanh();"
            ),
            1 => format!(
                "{name}[{i} % {len}] = ({name}[{i} % {len}] * {name}[({i} + 1) % {len}]).sin();"
            ),
            _ => format!(
                "{name}[({i} + 2) % {len}] += 0.3 * {name}[({i} + 1) % {len}] - 0.2 * {name}[({i} + 2) % {len}];"
            ),
        };
        self.line(text);
    }

    fn let_array(&mut self) {
        let len = self.rng.between(2, 5);
        let name = self.fresh_from("t");
        let (text, len, own) = match self.rng.below(6) {
            0 => (format!("[0.0_f64; {len}]"), len, Own::Array),
            1 => (format!("[{}; {len}]", self.typed_value()), len, Own::Array),
            2 => (
                format!("vec![{}; {len}]", self.typed_value()),
                len,
                Own::Vec,
            ),
            3 => {
                let items: Vec<String> = (0..len).map(|_| self.typed_value()).collect();
                let open = self.rng.pick(&["[", "vec!["]);
                let own = if open == "[" { Own::Array } else { Own::Vec };
                (format!("{open}{}]", items.join(", ")), len, own)
            }
            _ => match self.seq(false) {
                Some(seq) => self.copied(&seq),
                None => (format!("vec![0.5_f64; {len}]"), len, Own::Vec),
            },
        };
        self.line(format!("let mut {name} = {text};"));
        self.declare(Var::new(name, Kind::Seq { len, own }, true));
    }

    fn copied(&mut self, seq: &Seq) -> (String, usize, Own) {
        if seq.own != Own::Borrowed && self.rng.chance(0.4) {
            return (format!("{}.clone()", seq.name), seq.len, seq.own);
        }
        if seq.len > 2 && self.rng.chance(0.3) {
            let from = self.rng.between(1, seq.len - 2);
            return (
                format!("{}[{from}..].to_vec()", seq.name),
                seq.len - from,
                Own::Vec,
            );
        }
        (format!("{}.to_vec()", seq.name), seq.len, Own::Vec)
    }

    fn typed_value(&mut self) -> String {
        let value = self.settled(1);
        if value.typed {
            return bare(&value.text).to_string();
        }
        let size = self.rng.pick(&["0.0", "0.5", "1.5"]);
        format!("{size}_f64")
    }

    /// Two elements, or two local arrays of the same length.
    fn swap(&mut self) {
        let owned: Vec<Seq> = self
            .seqs(true)
            .into_iter()
            .filter(|seq| seq.own != Own::Borrowed)
            .collect();
        let pairs: Vec<(usize, usize)> = (0..owned.len())
            .flat_map(|a| (0..a).map(move |b| (a, b)))
            .filter(|&(a, b)| owned[a].len == owned[b].len && owned[a].own == owned[b].own)
            .collect();
        if !pairs.is_empty() && self.rng.chance(0.5) {
            let (a, b) = self.rng.pick(&pairs);
            let (a, b) = (&owned[a].name, &owned[b].name);
            return self.line(format!("std::mem::swap(&mut {a}, &mut {b});"));
        }
        let Some(seq) = self.seq(true) else {
            return self.let_array();
        };
        let (i, j) = (self.plain_index(seq.len), self.plain_index(seq.len));
        self.line(format!("{}.swap({i}, {j});", seq.name));
    }

    fn copy_or_fill(&mut self) {
        let Some(to) = self.seq(true) else {
            return self.let_array();
        };
        let others: Vec<Seq> = self
            .seqs(false)
            .into_iter()
            .filter(|seq| seq.id != to.id)
            .collect();
        if others.is_empty() || self.rng.chance(0.4) {
            return self.fill(&to);
        }
        let from = self.rng.pick(&others);
        let len = self.rng.between(1, to.len.min(from.len));
        let (target, source) = (self.part(&to, len), self.part(&from, len));
        let whole = len == from.len && from.own == Own::Borrowed && self.rng.chance(0.5);
        let source = if whole {
            from.name
        } else {
            format!("&{source}")
        };
        self.line(format!("{target}.copy_from_slice({source});"));
    }

    fn fill(&mut self, seq: &Seq) {
        let value = self.settled(1);
        let busy = format!("{}[", seq.name);
        let value = if value.text.contains(&busy) || value.text.contains(&seq.name) {
            "0.25".to_string()
        } else {
            value.text
        };
        let len = self.rng.between(1, seq.len);
        let target = self.part(seq, len);
        self.line(format!("{target}.fill({});", bare(&value)));
    }

    /// `x` or `x[a..b]`, of the given length.
    pub(super) fn part(&mut self, seq: &Seq, len: usize) -> String {
        let name = &seq.name;
        if len == seq.len && self.rng.chance(0.7) {
            return name.clone();
        }
        let from = self.rng.between(0, seq.len - len);
        let to = from + len;
        match self.rng.below(4) {
            0 if from == 0 => format!("{name}[..{to}]"),
            1 if to == seq.len => format!("{name}[{from}..]"),
            2 => format!("{name}[{from}..={}]", to - 1),
            _ => format!("{name}[{from}..{to}]"),
        }
    }

    /// `let row = &x[a..b];`, mutable or not, or `split_at_mut`.
    fn view(&mut self) {
        let write = self.rng.chance(0.5);
        let Some(seq) = self.seq(write) else {
            return self.let_array();
        };
        if write && self.rng.chance(0.5) {
            return self.split(&seq);
        }
        let len = self.rng.between(1, seq.len);
        let part = self.part(&seq, len);
        let part = if part == seq.name {
            format!("{part}[..]")
        } else {
            part
        };
        let name = self.fresh_from("row");
        let mark = if write { "mut " } else { "" };
        let after = self.rng.between(1, 3);
        let line = Node::line(format!("let {name} = &{mark}{part};"));
        self.viewed(line, &seq, write, &[(name, len)], after);
    }

    fn split(&mut self, seq: &Seq) {
        if seq.len < 2 {
            return self.store(&format!("{}[0]", seq.name));
        }
        let at = self.rng.between(1, seq.len - 1);
        let (low, high) = (self.fresh_from("lo"), self.fresh_from("hi"));
        let mut line = format!("let ({low}, {high}) = {}.split_at_mut({at});", seq.name);
        let most = at.min(seq.len - at);
        if self.trips * most * most < TRIPS
            && let Some(call) = self.map_between(
                &format!("&{low}[..{most}]"),
                &format!("&mut {high}[..{most}]"),
                seq,
            )
        {
            line = format!("{line} {call}");
        }
        self.viewed(
            Node::line(line),
            seq,
            true,
            &[(low, at), (high, seq.len - at)],
            2,
        );
    }

    /// Views live in a block of their own, or to the end of the current one.
    fn viewed(
        &mut self,
        line: Node,
        seq: &Seq,
        write: bool,
        views: &[(String, usize)],
        after: usize,
    ) {
        let open = |g: &mut Self| {
            g.push(line);
            g.lock(seq.id, if write { Lock::Gone } else { Lock::Frozen });
            for (name, len) in views {
                let kind = Kind::Seq {
                    len: *len,
                    own: Own::Borrowed,
                };
                g.declare(Var::new(name, kind, write));
            }
        };
        if self.open.len() > 1 && self.rng.chance(0.3) {
            return open(self);
        }
        let body = self.nested(|g| {
            open(g);
            g.fuel = g.fuel.max(1);
            g.store_element();
            g.statements(after);
        });
        self.push(Node::block("{", body));
    }

    /// Two buffers that change places after every step.
    fn buffers(&mut self) {
        let Some(seq) = self.seq(false) else {
            return self.let_array();
        };
        let (steps, len) = (self.rng.between(1, 3), seq.len);
        if self.trips * steps * len > 40 {
            return self.store_element();
        }
        let (cur, next) = (self.fresh_from("cur"), self.fresh_from("next"));
        self.line(format!("let mut {cur} = {}.to_vec();", seq.name));
        self.line(format!("let mut {next} = vec![0.0_f64; {len}];"));
        let rule = match self.rng.below(3) {
            0 => format!("0.5 * ({cur}[i] + {cur}[(i + 1) % {len}].sin())"),
            1 => format!("({cur}[i] * {cur}[(i + 2) % {len}]).tanh() - 0.3 * {next}[i]"),
            _ => format!(
                "0.4 * {cur}[i] - 0.4 * {cur}[{len} - 1 - i] * {next}[(i + 1) % {len}].cos()"
            ),
        };
        let inner = Node::block(
            format!("for i in 0..{len} {{"),
            vec![Node::line(format!("{next}[i] = {rule};"))],
        );
        let swap = Node::line(format!("std::mem::swap(&mut {cur}, &mut {next});"));
        self.push(Node::block(
            format!("for _ in 0..{steps} {{"),
            vec![inner, swap],
        ));
        for name in [cur, next] {
            self.declare(Var::new(name, Kind::Seq { len, own: Own::Vec }, true));
        }
    }
}
