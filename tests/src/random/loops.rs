//! `for` loops, and what all loops share.

use super::scope::{Around, Gen, Kind, Lock, Seq, Var};
use super::tree::Node;

/// Iterations of nested loops together, at most.
pub(super) const TRIPS: usize = 40;

impl Gen<'_> {
    /// The body of a loop of at most `trips` iterations.
    pub(super) fn looped(
        &mut self,
        around: Around,
        trips: usize,
        fill: impl FnOnce(&mut Self),
    ) -> Vec<Node> {
        self.trips *= trips;
        self.loops.push(around);
        let body = self.nested(fill);
        self.loops.pop();
        self.trips /= trips;
        body
    }

    pub(super) fn around(&mut self) -> Around {
        let label = self
            .rng
            .chance(0.15)
            .then(|| format!("'l{}", self.open.len()));
        Around {
            label,
            value: false,
            steps_last: false,
            block: false,
        }
    }

    /// A few statements, the first of them often a store to an array.
    pub(super) fn loop_body(&mut self) {
        self.fuel = self.fuel.max(1);
        if self.rng.chance(0.5) {
            self.store_element();
        }
        let (count, outer) = (self.rng.between(1, 3), self.vars.len());
        self.statements(count);
        self.sink(outer);
    }

    pub(super) fn for_range(&mut self) {
        let span = self.span();
        if self.trips * span.trips > TRIPS {
            return self.store_element();
        }
        let unused = self.rng.chance(0.1);
        let name = if unused {
            "_".to_string()
        } else {
            self.loop_name()
        };
        let around = self.around();
        let head = format!("{}for {name} in {} {{", label(&around), span.text);
        let body = self.looped(around, span.trips, |g| {
            if !unused {
                g.declare(Var::new(&name, Kind::Int { max: span.max }, false));
            }
            g.loop_body();
        });
        self.push(Node::block(head, body));
    }

    fn loop_name(&mut self) -> String {
        let base = self.rng.pick(&["i", "j", "i"]);
        if self.rng.chance(0.1) {
            base.to_string()
        } else {
            self.fresh_from(base)
        }
    }

    /// `for v in y.iter_mut()` and its relatives.
    pub(super) fn for_each(&mut self) {
        let write = self.rng.chance(0.5);
        let Some(seq) = self.seq(write) else {
            return self.for_range();
        };
        if self.trips * seq.len > TRIPS {
            return self.store_element();
        }
        match self.rng.below(4) {
            0 => self.for_zip(&seq, write),
            1 => self.for_enumerate(&seq, write),
            _ => {
                let adapter = self.rng.pick(&["", "", ".rev()"]);
                let item = self.fresh_from("v");
                let copy = !write && self.rng.chance(0.3);
                let pattern = if copy {
                    format!("&{item}")
                } else {
                    item.clone()
                };
                let source = format!("{}.{}(){adapter}", seq.name, iter(write));
                let items = vec![element(&item, write, copy)];
                self.over(&pattern, &source, &[&seq], write, items);
            }
        }
    }

    fn for_enumerate(&mut self, seq: &Seq, write: bool) {
        let (index, item) = (self.fresh_from("i"), self.fresh_from("v"));
        let source = format!("{}.{}().enumerate()", seq.name, iter(write));
        let max = seq.len - 1;
        let items = vec![
            Var::new(&index, Kind::Int { max }, false),
            element(&item, write, false),
        ];
        self.over(&format!("({index}, {item})"), &source, &[seq], write, items);
    }

    fn for_zip(&mut self, seq: &Seq, write: bool) {
        let others: Vec<Seq> = self
            .seqs(false)
            .into_iter()
            .filter(|other| other.id != seq.id)
            .collect();
        if others.is_empty() {
            return self.for_enumerate(seq, write);
        }
        let other = self.rng.pick(&others);
        let (left, right) = (self.fresh_from("v"), self.fresh_from("q"));
        let source = format!("{}.{}().zip({}.iter())", seq.name, iter(write), other.name);
        let items = vec![element(&left, write, false), element(&right, false, false)];
        self.over(
            &format!("({left}, {right})"),
            &source,
            &[seq, &other],
            write,
            items,
        );
    }

    /// A loop over elements; the first sequence is borrowed mutably if `write`.
    fn over(&mut self, pattern: &str, source: &str, seqs: &[&Seq], write: bool, items: Vec<Var>) {
        let around = self.around();
        let head = format!("{}for {pattern} in {source} {{", label(&around));
        let name = items.iter().find(|item| item.mutable).map(Var::target);
        let body = self.looped(around, seqs[0].len, |g| {
            for (at, seq) in seqs.iter().enumerate() {
                g.lock(
                    seq.id,
                    if at == 0 && write {
                        Lock::Gone
                    } else {
                        Lock::Frozen
                    },
                );
            }
            for item in items {
                g.declare(item);
            }
            if let Some(target) = name {
                g.store(&target);
            }
            g.loop_body();
        });
        self.push(Node::block(head, body));
    }
}

fn iter(write: bool) -> &'static str {
    if write { "iter_mut" } else { "iter" }
}

/// The variable of a loop over elements.
fn element(name: &str, write: bool, copy: bool) -> Var {
    Var {
        deref: !copy,
        ..Var::new(name, Kind::Float, write)
    }
}

pub(super) fn label(around: &Around) -> String {
    match &around.label {
        Some(label) => format!("{label}: "),
        None => String::new(),
    }
}
