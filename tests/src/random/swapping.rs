//! Buffers that change places, states carried along, and arrays that change their length.

use super::loops::{TRIPS, label};
use super::scope::{Gen, Kind, Lock, Own, Seq, Var};
use super::tree::Node;

impl Gen<'_> {
    fn buffer(&mut self, base: &str, len: usize, own: Own, filled: bool) -> Seq {
        let name = self.fresh_from(base);
        let open = if own == Own::Vec { "vec![" } else { "[" };
        let text = if filled {
            let items: Vec<String> = (0..len).map(|_| self.operand()).collect();
            items.join(", ")
        } else {
            format!("0.0_f64; {len}")
        };
        self.line(format!("let mut {name} = {open}{text}];"));
        let id = self.declare(Var::new(&name, Kind::Seq { len, own }, true));
        Seq { id, name, len, own }
    }

    /// Two buffers: steps from one to the other, swaps, and reads in any order.
    pub(super) fn buffering(&mut self) {
        let len = self.rng.between(2, 4);
        if self.trips * len * 3 > TRIPS {
            return self.store_element();
        }
        let own = self.rng.pick(&[Own::Vec, Own::Vec, Own::Array]);
        let (a, b) = (
            self.buffer("cur", len, own, true),
            self.buffer("next", len, own, false),
        );
        if self.rng.chance(0.3) {
            self.buffer_use(&a, &b);
        }
        match self.rng.below(4) {
            0 => {
                for _ in 0..self.rng.between(2, 4) {
                    self.buffer_step(&a, &b, 2);
                }
            }
            _ => self.buffer_loop(&a, &b, 2),
        }
        if self.rng.chance(0.4) {
            self.buffer_use(&a, &b);
        }
    }

    fn buffer_loop(&mut self, a: &Seq, b: &Seq, depth: usize) {
        let trips = self.rng.between(1, 3);
        if self.trips * trips * a.len > TRIPS {
            return self.buffer_step(a, b, 0);
        }
        let around = self.around();
        let (text, max) = match (self.rng.below(3), self.bounded_int(trips)) {
            (0, Some((bound, max))) => (format!("0..{bound}"), max),
            _ => (format!("0..{trips}"), trips - 1),
        };
        let k = self.fresh_from("k");
        let head = format!("{}for {k} in {text} {{", label(&around));
        let body = self.looped(around, trips, |g| {
            g.declare(Var::new(&k, Kind::Int { max }, false));
            for _ in 0..g.rng.between(1, 3) {
                g.buffer_step(a, b, depth - 1);
            }
            if g.rng.chance(0.7) {
                g.swap_buffers(a, b);
            }
        });
        self.push(Node::block(head, body));
    }

    fn swap_buffers(&mut self, a: &Seq, b: &Seq) {
        let (a, b) = if self.rng.chance(0.8) { (a, b) } else { (b, a) };
        self.line(format!("std::mem::swap(&mut {}, &mut {});", a.name, b.name));
    }

    fn buffer_step(&mut self, a: &Seq, b: &Seq, depth: usize) {
        match self
            .rng
            .weighted(&[8, 4, 4, 3, if depth > 0 { 3 } else { 0 }, 2])
        {
            0 => self.buffer_update(a, b),
            1 => self.swap_buffers(a, b),
            2 => self.buffer_use(a, b),
            3 => {
                let cond = self.boolean(0);
                let body = self.nested(|g| {
                    g.buffer_use(a, b);
                    if g.rng.chance(0.5) {
                        g.swap_buffers(a, b);
                    }
                });
                self.push(Node::block(format!("if {cond} {{"), body));
            }
            4 => self.buffer_loop(a, b, depth),
            _ => self.apart(1),
        }
    }

    /// One buffer from the other, elements in any order.
    fn buffer_update(&mut self, a: &Seq, b: &Seq) {
        let (from, to) = if self.rng.chance(0.8) { (a, b) } else { (b, a) };
        let (x, y, len) = (&from.name, &to.name, a.len);
        if self.trips * len > TRIPS || self.rng.chance(0.2) {
            let (i, j) = (self.rng.below(len), self.rng.below(len));
            let value = self.term();
            return self.line(format!("{y}[{i}] = 0.5 * {x}[{j}] + 0.25 * {value};"));
        }
        let i = self.fresh_from("i");
        let value = match self.rng.below(5) {
            0 => format!("0.5 * ({x}[{i}] + {x}[({i} + 1) % {len}])"),
            1 => format!("({x}[{i}] * {x}[{len} - 1 - {i}]) / ({x}[{i}] * {x}[{i}] + 1.0)"),
            2 => format!("0.6 * {x}[{i}] - 0.3 * {y}[{i}]"),
            3 => format!("0.6 * {x}[{i}] - 0.3 * {y}[({i} + 1) % {len}]"),
            _ => format!("({x}[{i}] * {x}[({i} + 1) % {len}]).sin()"),
        };
        let from = usize::from(self.rng.chance(0.15));
        let body = vec![Node::line(format!("{y}[{i}] = {value};"))];
        self.push(Node::block(format!("for {i} in {from}..{len} {{"), body));
    }

    fn buffer_use(&mut self, a: &Seq, b: &Seq) {
        let (one, two) = (
            self.rng.pick(&[a, b]).name.clone(),
            self.rng.pick(&[a, a, b]).name.clone(),
        );
        let (i, j) = (self.rng.below(a.len), self.rng.below(a.len));
        self.accumulate(&format!("0.2 * {one}[{i}] * {two}[{j}]"));
    }

    /// Several states that a nest of loops carries along.
    pub(super) fn carried(&mut self) {
        let (outer, inner) = (self.rng.between(2, 3), self.rng.between(1, 3));
        if self.trips * outer * inner > TRIPS {
            return self.store_element();
        }
        let names: Vec<String> = (0..self.rng.between(1, 3))
            .map(|_| {
                let name = self.fresh_from("p");
                let value = self.operand();
                self.line(format!("let mut {name} = {value};"));
                self.declare(Var::new(&name, Kind::Float, true));
                name
            })
            .collect();
        let (i, j) = (self.fresh_from("i"), self.fresh_from("j"));
        let around = self.around();
        let head = format!("{}for {i} in 0..{outer} {{", label(&around));
        let body = self.looped(around, outer, |g| {
            g.declare(Var::new(&i, Kind::Int { max: outer - 1 }, false));
            g.carry_step(&names);
            let around = g.around();
            let head = format!("{}for {j} in 0..{inner} {{", label(&around));
            let body = g.looped(around, inner, |g| {
                g.declare(Var::new(&j, Kind::Int { max: inner - 1 }, false));
                for _ in 0..g.rng.between(1, 2) {
                    g.carry_step(&names);
                }
                if g.rng.chance(0.2) {
                    g.apart(1);
                }
            });
            g.push(Node::block(head, body));
            if g.rng.chance(0.3) {
                g.apart(1);
            }
        });
        self.push(Node::block(head, body));
    }

    fn carry_step(&mut self, names: &[String]) {
        let (to, from) = (self.rng.pick(names), self.rng.pick(names));
        let value = self.operand();
        let text = match self.rng.below(4) {
            0 => format!("{to} = 0.5 * {to} + 0.25 * {from} * {from} / ({from} * {from} + 1.0);"),
            1 => format!("{to} = 0.6 * {from} - 0.3 * {value};"),
            2 => format!("{to} += 0.1 * {value};"),
            _ => format!("{to} = ({to} * {value}) / ({to} * {to} + {value} * {value} + 1.0);"),
        };
        self.line(text);
    }

    /// Arrays of changing length, overwritten and swapped as wholes.
    pub(super) fn reshaped(&mut self) {
        let trips = self.rng.between(2, 3);
        if self.trips * trips > TRIPS {
            return self.store_element();
        }
        let (a, b) = (
            self.buffer("grown", 2, Own::Vec, false),
            self.buffer("spare", 3, Own::Vec, true),
        );
        // Nobody else knows their lengths.
        self.lock(a.id, Lock::Gone);
        self.lock(b.id, Lock::Gone);
        if self.rng.chance(0.3) {
            self.reshape_step(&a, &b, "0");
        }
        let i = self.fresh_from("i");
        let around = self.around();
        let head = format!("{}for {i} in 0..{trips} {{", label(&around));
        let body = self.looped(around, trips, |g| {
            g.declare(Var::new(&i, Kind::Int { max: trips - 1 }, false));
            for _ in 0..g.rng.between(2, 4) {
                g.reshape_step(&a, &b, &i);
            }
        });
        self.push(Node::block(head, body));
        for _ in 0..self.rng.between(1, 2) {
            self.reshape_step(&a, &b, "1");
        }
    }

    fn reshape_step(&mut self, a: &Seq, b: &Seq, i: &str) {
        let (one, two) = if self.rng.chance(0.7) { (a, b) } else { (b, a) };
        let (one, two) = (&one.name, &two.name);
        let value = self.term();
        match self.rng.below(7) {
            0 => self.line(format!("{one} = vec![{value}; {i} + 2];")),
            1 => self.line(format!("{one}.fill({value});")),
            2 => self.line(format!("{one} = {two}.clone();")),
            3 => self.line(format!("std::mem::swap(&mut {one}, &mut {two});")),
            4 => self.line(format!("{one}[0] = {value};")),
            5 => self.accumulate(&format!("0.1 * {one}[{one}.len() - 1] * {two}[0]")),
            _ => self.accumulate(&format!("0.1 * {one}[0] * ({one}.len() as f64)")),
        }
    }
}
