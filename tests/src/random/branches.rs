//! Branches as statements, and what becomes of the values of a block.

use super::scope::{Gen, Kind, Lock, Var};
use super::stmt::bare;
use super::tree::Node;

impl Gen<'_> {
    pub(super) fn if_statement(&mut self) {
        let mut parts = vec![(format!("if {} {{", self.boolean(1)), self.body(2))];
        while parts.len() < 3 && self.rng.chance(0.3) {
            let head = format!("}} else if {} {{", self.boolean(1));
            parts.push((head, self.body(2)));
        }
        if self.rng.chance(0.5) {
            parts.push(("} else {".into(), self.body(2)));
        }
        let close = "}".into();
        self.push(Node::Block { parts, close });
    }

    /// A block of up to `count` statements, at least one.
    pub(super) fn body(&mut self, count: usize) -> Vec<Node> {
        self.fuel = self.fuel.max(1);
        let count = self.rng.between(1, count);
        self.nested(|g| {
            let outer = g.vars.len();
            g.statements(count);
            g.sink(outer);
        })
    }

    pub(super) fn match_statement(&mut self) {
        let (subject, arms) = self.subject();
        let mut parts = Vec::new();
        for (at, arm) in arms.iter().enumerate() {
            let head = match at {
                0 => format!("match {subject} {{ {arm} => {{"),
                _ => format!("}} {arm} => {{"),
            };
            parts.push((head, self.body(2)));
        }
        let close = "}}".into();
        self.push(Node::Block { parts, close });
    }

    /// `let t; if c { .. t = a; } else { .. t = b; }`
    pub(super) fn late(&mut self) {
        let name = self.fresh();
        let mutable = self.rng.chance(0.3);
        let mark = if mutable { "mut " } else { "" };
        self.line(format!("let {mark}{name}: f64;"));
        let mut parts = Vec::new();
        let heads = self.late_heads();
        for head in heads {
            let body = self.nested(|g| {
                // Hides an outer variable of that name: it cannot be read yet.
                let id = g.declare(Var::new(&name, Kind::Float, false));
                g.lock(id, Lock::Gone);
                let count = g.rng.below(2);
                g.statements(count);
                let value = g.settled(2);
                g.line(format!("{name} = {};", bare(&value.text)));
            });
            parts.push((head, body));
        }
        let close = if parts[0].0.starts_with("match") {
            "}}"
        } else {
            "}"
        };
        let close = close.into();
        self.push(Node::Block { parts, close });
        self.declare(Var::new(name, Kind::Float, mutable));
    }

    /// `let v = if c { ..; a } else { ..; b };`, or a `match` or plain block.
    pub(super) fn let_branch(&mut self) {
        let name = self.fresh();
        let heads = match self.rng.below(4) {
            0 => vec!["{".to_string()],
            _ => self.late_heads(),
        };
        let mut parts = Vec::new();
        for (at, head) in heads.into_iter().enumerate() {
            let body = self.nested(|g| {
                let count = g.rng.below(3);
                g.statements(count);
                let value = g.settled(2);
                g.line(value.text);
            });
            let start = if at == 0 {
                format!("let {name}: f64 = ")
            } else {
                String::new()
            };
            parts.push((start + &head, body));
        }
        let close = if parts[0].0.contains("= match") {
            "}};"
        } else {
            "};"
        };
        let close = close.into();
        self.push(Node::Block { parts, close });
        self.declare(Var::new(name, Kind::Float, false));
    }

    fn late_heads(&mut self) -> Vec<String> {
        if self.rng.chance(0.7) {
            return vec![format!("if {} {{", self.boolean(1)), "} else {".into()];
        }
        let (subject, arms) = self.subject();
        let first = format!("match {subject} {{ {} => {{", arms[0]);
        let rest = arms[1..].iter().map(|arm| format!("}} {arm} => {{"));
        std::iter::once(first).chain(rest).collect()
    }

    /// Lets a local of the block that ends have an effect: most would be dead code otherwise.
    pub(super) fn sink(&mut self, outer: usize) {
        let locals: Vec<usize> = self.readable(|var| var.kind == Kind::Float && !var.deref);
        let locals: Vec<usize> = locals.into_iter().filter(|&id| id >= outer).collect();
        if locals.is_empty() || self.rng.chance(0.2) {
            return;
        }
        let value = self.vars[self.rng.pick(&locals)].name.clone();
        let outside = self.writable(|var| var.kind == Kind::Float);
        let outside: Vec<usize> = outside.into_iter().filter(|&id| id < outer).collect();
        if !outside.is_empty() && self.rng.chance(0.5) {
            let target = self.vars[self.rng.pick(&outside)].target();
            return self.line(format!("{target} = 0.5 * {target} + 0.5 * {value};"));
        }
        let Some(seq) = self.seq(true) else { return };
        let index = self.plain_index(seq.len);
        self.line(format!("{}[{index}] += 0.3 * {value};", seq.name));
    }

    /// What is left at the end of a function: a sum of some of it.
    pub(super) fn remains(&mut self) -> String {
        let mut parts = vec![self.settled(2).text];
        let floats = self.readable(|var| matches!(var.kind, Kind::Float | Kind::Pair));
        for id in floats {
            let var = &self.vars[id];
            let field = if var.kind == Kind::Pair { ".1" } else { "" };
            parts.push(format!("0.4 * {}{field}", var.name));
        }
        for seq in self.seqs(false) {
            let index = self.plain_index(seq.len);
            parts.push(format!("0.3 * {}[{index}]", seq.name));
        }
        // The latest most likely: they depend on the others.
        while parts.len() > 6 {
            let at = self.rng.below(parts.len() - 2);
            parts.remove(at);
        }
        parts.join(" + ")
    }
}
