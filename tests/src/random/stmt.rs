//! Statements: the choice among all kinds, and those on scalars.

use super::expr::Ex;
use super::scope::{Gen, Kind, Var};
use super::tree::Node;

/// Nesting of blocks at most.
const DEPTH: usize = 4;

impl Gen<'_> {
    /// A few statements.
    pub(super) fn statements(&mut self, count: usize) {
        for _ in 0..count {
            if self.fuel == 0 {
                return;
            }
            self.fuel -= 1;
            self.statement();
        }
    }

    fn statement(&mut self) {
        let deep = self.open.len() > DEPTH;
        let scalars = [14, 4, 14, 5, 4, 3, 4];
        let arrays = [16, 5, 4, 4, 6, 3, 7];
        let blocks = if deep {
            [0; 8]
        } else {
            [8, 3, 4, 10, 6, 7, 2, 5]
        };
        match self.rng.weighted(&[
            scalars.iter().sum(),
            arrays.iter().sum(),
            blocks.iter().sum(),
            if self.loops.is_empty() { 0 } else { 10 },
            if deep { 0 } else { 2 },
            if deep { 0 } else { 24 },
        ]) {
            0 => self.scalar_statement(&scalars),
            1 => self.array_statement(&arrays),
            2 => self.block_statement(&blocks),
            3 => self.exit_loop(),
            4 => self.early_return(),
            _ => self.pattern(),
        }
    }

    /// Statements in a block of their own: none of them borrows anything behind it.
    pub(super) fn apart(&mut self, count: usize) {
        let outer = self.vars.len();
        let body = self.nested(|g| {
            g.statements(count);
            g.sink(outer);
        });
        if !body.is_empty() {
            self.push(Node::block("{", body));
        }
    }

    /// A loop that transformations look for, or nearly.
    fn pattern(&mut self) {
        self.fuel = self.fuel.saturating_sub(2);
        match self.rng.weighted(&[6, 4, 4, 4, 2, 2, 3, 7, 7, 7, 7]) {
            0 => self.scratch(),
            1 => self.counting(),
            2 => self.grid(),
            3 => self.buffering(),
            4 => self.carried(),
            5 => self.reshaped(),
            6 => self.extreme(),
            7 => self.mapped(),
            8 => self.sweeps(),
            9 => self.tables(),
            _ => self.states(),
        }
    }

    fn scalar_statement(&mut self, weights: &[u32]) {
        match self.rng.weighted(weights) {
            0 => self.let_float(),
            1 => self.shadow(),
            2 => self.assign_scalar(),
            3 => self.let_pair(),
            4 => self.int_state(),
            5 => self.let_bool(),
            _ => self.swap_scalars(),
        }
    }

    fn block_statement(&mut self, weights: &[u32]) {
        match self.rng.weighted(weights) {
            0 => self.if_statement(),
            1 => self.match_statement(),
            2 => self.late(),
            3 => self.for_range(),
            4 => self.for_each(),
            5 => self.while_like(),
            6 => self.labelled_block(),
            _ => self.let_branch(),
        }
    }

    pub(super) fn let_float(&mut self) {
        let value = self.settled(3);
        let name = self.fresh();
        let mutable = self.rng.chance(0.6);
        self.bind_float(&name, &value, mutable);
    }

    pub(super) fn bind_float(&mut self, name: &str, value: &Ex, mutable: bool) {
        let ty = self.annotation(value);
        let mark = if mutable { "mut " } else { "" };
        self.line(format!("let {mark}{name}{ty} = {};", bare(&value.text)));
        self.declare(Var::new(name, Kind::Float, mutable));
    }

    pub(super) fn annotation(&mut self, value: &Ex) -> &'static str {
        if value.typed && self.rng.chance(0.8) {
            ""
        } else {
            ": f64"
        }
    }

    fn shadow(&mut self) {
        let ids = self.readable(|var| var.kind == Kind::Float && !var.deref);
        if ids.is_empty() {
            return self.let_float();
        }
        let id = self.rng.pick(&ids);
        let name = self.vars[id].name.clone();
        let value = self.settled(2);
        let mutable = self.rng.chance(0.5);
        self.bind_float(&name, &value, mutable);
    }

    fn assign_scalar(&mut self) {
        let Some(id) = self.assignable(|kind| kind == Kind::Float) else {
            return self.let_float();
        };
        let target = self.vars[id].target();
        self.store(&target);
    }

    /// `target = e`, or an op-assignment.
    pub(super) fn store(&mut self, target: &str) {
        let value = match self.rng.below(8) {
            0..4 => format!("= {}", bare(&self.settled(3).text)),
            4 => format!("+= {}", bare(&self.small(0.4).text)),
            5 => format!("-= {}", bare(&self.small(0.4).text)),
            6 => self.factor(),
            _ => self.divisor(),
        };
        self.line(format!("{target} {value};"));
    }

    /// Something to add: small where it may be added often.
    pub(super) fn small(&mut self, limit: f64) -> Ex {
        let raw = self.float(2);
        let limit = if self.in_loop() { limit } else { 1.5 };
        self.settle(raw, limit)
    }

    fn factor(&mut self) -> String {
        let raw = self.float(1);
        let raw = self.settle(raw, 1.0);
        if self.rng.chance(0.5) {
            return format!("*= 0.4 * {} + 0.25", raw.text);
        }
        format!("*= f64::sin({})", raw.text)
    }

    fn divisor(&mut self) -> String {
        let raw = self.float(1);
        if self.rng.chance(0.3) {
            return "/= 1.25".into();
        }
        format!("/= {0} * {0} + 1.0", self.settle(raw, 1.0).text)
    }

    fn let_pair(&mut self) {
        let (a, b) = (self.settled(2), self.settled(2));
        let name = self.fresh();
        match self.rng.below(4) {
            0 => self.sin_cos(&a),
            1 => {
                self.line(format!(
                    "let ({name}, _): (f64, f64) = ({}, {});",
                    a.text, b.text
                ));
                self.declare(Var::new(name, Kind::Float, false));
            }
            _ => {
                let text = format!("let {name}: (f64, f64) = ({}, {});", a.text, b.text);
                self.line(text);
                self.declare(Var::new(name, Kind::Pair, false));
            }
        }
    }

    fn sin_cos(&mut self, angle: &Ex) {
        let (sine, cosine) = (self.fresh_from("sine"), self.fresh_from("cosine"));
        if !angle.typed {
            return self.let_float();
        }
        self.line(format!(
            "let ({sine}, {cosine}) = {}.sin_cos();",
            angle.text
        ));
        self.declare(Var::new(sine, Kind::Float, false));
        self.declare(Var::new(cosine, Kind::Float, false));
    }

    /// A new integer, or a step of one: often used as an index and overwritten later.
    fn int_state(&mut self) {
        let old = self.assignable(|kind| matches!(kind, Kind::Int { .. }));
        if let Some(id) = old.filter(|_| self.rng.chance(0.7)) {
            let name = self.vars[id].name.clone();
            let Kind::Int { max } = self.vars[id].kind else {
                return;
            };
            return self.step_int(&name, max);
        }
        let max = self.rng.between(2, 4);
        let start = self.int(max);
        let name = self.fresh_from("k");
        self.line(format!("let mut {name} = {start};").replace("= 0;", "= 0usize;"));
        self.declare(Var::new(name, Kind::Int { max }, true));
    }

    pub(super) fn step_int(&mut self, name: &str, max: usize) {
        let modulus = max + 1;
        match self.rng.below(4) {
            0 => self.line(format!("{name} = ({name} * 3 + 1) % {modulus};")),
            1 => self.line(format!("{name} = ({name} + 1) % {modulus};")),
            2 => {
                let value = self.int(max);
                self.line(format!("{name} = {value};"));
            }
            _ => {
                let head = format!("if {name} < {max} {{");
                self.push(Node::block(head, vec![Node::line(format!("{name} += 1;"))]));
            }
        }
    }

    fn let_bool(&mut self) {
        let value = self.boolean(1);
        let name = self.fresh_from("flag");
        self.line(format!("let {name} = {value};"));
        self.declare(Var::new(name, Kind::Bool, false));
    }

    /// `std::mem::swap` or `(a, b) = (b, a)`.
    fn swap_scalars(&mut self) {
        let ids = self.writable(|var| var.kind == Kind::Float);
        if ids.len() < 2 {
            return self.assign_scalar();
        }
        let at = self.rng.below(ids.len());
        let other = (at + self.rng.between(1, ids.len() - 1)) % ids.len();
        let (a, b) = (self.vars[ids[at]].target(), self.vars[ids[other]].target());
        if self.rng.chance(0.5) {
            return self.line(format!("({a}, {b}) = ({b}, 0.5 * {a});"));
        }
        self.line(format!("std::mem::swap(&mut {a}, &mut {b});"));
    }
}

/// An expression without the parentheses around it.
pub(super) fn bare(text: &str) -> &str {
    let Some(inner) = text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    else {
        return text;
    };
    let mut depth = 0i32;
    for c in inner.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return text;
        }
    }
    inner
}
