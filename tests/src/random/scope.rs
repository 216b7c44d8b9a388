//! What is in scope while a function is generated.

use super::program::Function;
use super::rng::Rng;
use super::tree::Node;

/// How a sequence is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// A reference: a parameter or a view.
    Borrowed,
    Array,
    Vec,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Float,
    /// Floats; exactly `len` of them.
    Seq {
        len: usize,
        own: Own,
    },
    /// An integer in `0..=max`.
    Int {
        max: usize,
    },
    Bool,
    /// A tuple of two floats.
    Pair,
}

/// What may be done with a variable at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lock {
    Free,
    /// Borrowed: may be read.
    Frozen,
    /// Mutably borrowed, or shadowed.
    Gone,
}

#[derive(Clone, Debug)]
pub(super) struct Var {
    pub name: String,
    pub kind: Kind,
    /// Can be assigned; for a sequence, its elements can.
    pub mutable: bool,
    /// A reference to a float, read as `*name`.
    pub deref: bool,
    pub lock: Lock,
}

impl Var {
    pub(super) fn new(name: impl Into<String>, kind: Kind, mutable: bool) -> Self {
        Var {
            name: name.into(),
            kind,
            mutable,
            deref: false,
            lock: Lock::Free,
        }
    }

    /// The left side of an assignment.
    pub(super) fn target(&self) -> String {
        if self.deref {
            format!("*{}", self.name)
        } else {
            self.name.clone()
        }
    }
}

/// A sequence that can be used.
#[derive(Clone, Debug)]
pub(super) struct Seq {
    pub id: usize,
    pub name: String,
    pub len: usize,
    pub own: Own,
}

/// An enclosing loop.
pub(super) struct Around {
    pub label: Option<String>,
    /// `break` needs a value.
    pub value: bool,
    /// The counter steps at the end of the body: no `continue`.
    pub steps_last: bool,
    /// A labelled block: left by its label only.
    pub block: bool,
}

struct Frame {
    vars: usize,
    locks: Vec<(usize, Lock)>,
}

/// The generator of one function.
pub(super) struct Gen<'a> {
    pub rng: &'a mut Rng,
    pub vars: Vec<Var>,
    frames: Vec<Frame>,
    pub open: Vec<Vec<Node>>,
    pub loops: Vec<Around>,
    pub helpers: &'a [Function],
    /// Statements still to spend.
    pub fuel: usize,
    /// Product of the trip counts of the enclosing loops.
    pub trips: usize,
    /// The function returns a float.
    pub returns: bool,
    names: usize,
}

const NAMES: &[&str] = &[
    "a", "b", "t", "s", "r", "acc", "tmp", "u", "w", "out", "value", "result", "tape", "d", "seed",
    "grad", "len", "adj",
];

impl<'a> Gen<'a> {
    pub(super) fn new(
        rng: &'a mut Rng,
        helpers: &'a [Function],
        fuel: usize,
        returns: bool,
    ) -> Self {
        Gen {
            rng,
            vars: Vec::new(),
            frames: Vec::new(),
            open: vec![Vec::new()],
            loops: Vec::new(),
            helpers,
            fuel,
            trips: 1,
            returns,
            names: 0,
        }
    }

    /// A name no visible variable has.
    pub(super) fn fresh(&mut self) -> String {
        let base = self.rng.pick(NAMES).to_string();
        self.fresh_from(&base)
    }

    pub(super) fn fresh_from(&mut self, base: &str) -> String {
        let mut name = base.to_string();
        while self.vars.iter().any(|var| var.name == name) {
            self.names += 1;
            name = format!("{base}{}", self.names);
        }
        name
    }

    /// Brings a variable into scope; one of the same name is shadowed.
    pub(super) fn declare(&mut self, var: Var) -> usize {
        for id in 0..self.vars.len() {
            if self.vars[id].name == var.name {
                self.lock(id, Lock::Gone);
            }
        }
        self.vars.push(var);
        self.vars.len() - 1
    }

    /// Restricts a variable until the current block ends.
    pub(super) fn lock(&mut self, id: usize, lock: Lock) {
        let old = self.vars[id].lock;
        if let Some(frame) = self.frames.last_mut() {
            frame.locks.push((id, old));
        }
        self.vars[id].lock = old.max(lock);
    }

    pub(super) fn enter(&mut self) {
        self.frames.push(Frame {
            vars: self.vars.len(),
            locks: Vec::new(),
        });
    }

    pub(super) fn leave(&mut self) {
        let frame = self.frames.pop().expect("entered before");
        for (id, lock) in frame.locks.into_iter().rev() {
            self.vars[id].lock = lock;
        }
        self.vars.truncate(frame.vars);
    }

    pub(super) fn push(&mut self, node: Node) {
        self.open.last_mut().expect("a block is open").push(node);
    }

    pub(super) fn line(&mut self, text: impl Into<String>) {
        self.push(Node::line(text));
    }

    /// The statements of a new block.
    pub(super) fn nested(&mut self, fill: impl FnOnce(&mut Self)) -> Vec<Node> {
        self.open.push(Vec::new());
        self.enter();
        fill(self);
        self.leave();
        self.open.pop().expect("opened above")
    }

    /// Whether code at this point may run several times.
    pub(super) fn in_loop(&self) -> bool {
        self.loops.iter().any(|around| !around.block)
    }

    pub(super) fn readable(&self, test: impl Fn(&Var) -> bool) -> Vec<usize> {
        (0..self.vars.len())
            .filter(|&id| self.vars[id].lock != Lock::Gone && test(&self.vars[id]))
            .collect()
    }

    pub(super) fn writable(&self, test: impl Fn(&Var) -> bool) -> Vec<usize> {
        (0..self.vars.len())
            .filter(|&id| {
                let var = &self.vars[id];
                var.lock == Lock::Free && var.mutable && test(var)
            })
            .collect()
    }

    /// Sequences that can be read, or written.
    pub(super) fn seqs(&self, write: bool) -> Vec<Seq> {
        let test = |var: &Var| matches!(var.kind, Kind::Seq { .. });
        let ids = if write {
            self.writable(test)
        } else {
            self.readable(test)
        };
        ids.into_iter()
            .map(|id| match self.vars[id].kind {
                Kind::Seq { len, own } => Seq {
                    id,
                    name: self.vars[id].name.clone(),
                    len,
                    own,
                },
                _ => unreachable!("only sequences pass the test"),
            })
            .collect()
    }

    pub(super) fn seq(&mut self, write: bool) -> Option<Seq> {
        let seqs = self.seqs(write);
        (!seqs.is_empty()).then(|| self.rng.pick(&seqs))
    }

    /// A variable of a scalar kind that can be assigned.
    pub(super) fn assignable(&mut self, test: impl Fn(Kind) -> bool) -> Option<usize> {
        let ids = self.writable(|var| test(var.kind));
        (!ids.is_empty()).then(|| self.rng.pick(&ids))
    }
}
