//! The end of an iteration that need not be run again.
//!
//! `v[i] += dt * a[i]; x[i] += dt * v[i];` at the end of a loop's body: the reverse of these
//! statements wants `dt` and no value that they compute or overwrite. So the iteration is run
//! again up to there only, and what the statements in front have read is still there.

use super::layout::{BlockId, Layout};
use super::rerun::dear;
use super::timing::Timing;
use crate::ir::*;
use crate::transform::{Facts, breaks};
use std::collections::BTreeSet;

pub(crate) struct Tail<'a> {
    pub facts: &'a Facts<'a>,
    pub layout: &'a Layout<'a>,
    pub timing: &'a Timing,
    /// The loop's body.
    pub body: BlockId,
    /// Variables of the body that the reverse of the end takes from in front of it.
    wanted: BTreeSet<VarId>,
}

impl<'a> Tail<'a> {
    /// The position of the first statement of the end, if it writes anything.
    pub fn of(
        facts: &'a Facts<'a>,
        layout: &'a Layout<'a>,
        timing: &'a Timing,
        body: BlockId,
    ) -> Option<usize> {
        let mut tail = Tail {
            facts,
            layout,
            timing,
            body,
            wanted: BTreeSet::new(),
        };
        let mut start = None;
        let span = layout.blocks[body.0].span.clone();
        let own = span.rev().filter(|at| layout.order[*at].1 == body);
        for at in own {
            let stmt = layout.order[at].0;
            let mut defines = stmt.kind.access().defines.into_iter();
            if defines.any(|id| tail.wanted.contains(&id)) || !tail.is_free(stmt) {
                break;
            }
            start = Some(at);
        }
        let writes = |at: usize| !layout.order[at].0.kind.access().writes.is_empty();
        start.filter(|start| (*start..layout.blocks[body.0].span.end).any(writes))
    }

    /// Whether the reverse of a statement takes nothing from its being run.
    fn is_free(&mut self, stmt: &Stmt) -> bool {
        match &stmt.kind {
            StmtKind::Let(id, value) => self.passes_on(*id, value),
            StmtKind::Cell(id, Some(value)) => {
                self.facts.func.var(*id).ty.is_float() && self.passes_on(*id, value)
            }
            StmtKind::View { place, .. } => self.is_there(place),
            StmtKind::Store { place, value, .. } | StmtKind::Update { place, value, .. } => {
                self.adds_up(place) && self.is_there(place) && self.is_number(value)
            }
            StmtKind::Fill(place, value) => self.is_filled(place) && self.is_number(value),
            StmtKind::CopyFrom(to, from) => self.is_filled(to) && self.is_filled(from),
            StmtKind::Loop(each) => self.runs_through(each),
            _ => false,
        }
    }

    /// Arrays of numbers from outside of the body, and parts of them.
    fn is_filled(&mut self, place: &Place) -> bool {
        let root = self.facts.views.root(place.root);
        let numbers = match &self.facts.func.var(root).ty {
            Ty::Seq(elem, _) => elem.is_float(),
            _ => false,
        };
        let outside = !self.layout.within(self.layout.home(root), self.body);
        numbers && outside && self.is_there(place)
    }

    fn runs_through(&mut self, each: &Loop) -> bool {
        let Head::Range(range) = &each.head else {
            return false;
        };
        let plain = range.adapters.is_empty() && !breaks(&each.body);
        plain
            && self.is_available(&range.from)
            && self.is_available(&range.to)
            && each.body.stmts.iter().all(|stmt| self.is_free(stmt))
    }

    /// Numbers from outside of the body, and elements of arrays of them.
    fn adds_up(&self, place: &Place) -> bool {
        let root = self.facts.views.root(place.root);
        let var = self.facts.func.var(root);
        let element = matches!(place.path.last(), Some(Proj::Index(_)));
        let number = var.ty.is_float();
        (number && place.path.is_empty() || element && !matches!(var.ty, Ty::Discrete(_)))
            && (number || !self.layout.within(self.layout.home(root), self.body))
    }

    /// Whether a value is there anyway, or its adjoint goes on to the operands by factors that
    /// are.
    fn passes_on(&mut self, id: VarId, value: &Value) -> bool {
        if !self.facts.active(id) {
            return self.is_simple(id, value);
        }
        match value {
            Value::Atom(atom) => self.is_number(atom),
            Value::Load(place) => self.is_there(place) && self.facts.func.var(id).ty.is_float(),
            Value::Rule(rule, atoms, _) => match rule.name {
                "add" | "sub" | "neg" => atoms.iter().all(|atom| self.is_number(atom)),
                "mul" => {
                    self.is_scaled(&atoms[0], &atoms[1]) || self.is_scaled(&atoms[1], &atoms[0])
                }
                "div" => self.is_scaled(&atoms[0], &atoms[1]),
                _ => false,
            },
            _ => false,
        }
    }

    /// A number times one that has no derivative and is there.
    fn is_scaled(&mut self, number: &Atom, by: &Atom) -> bool {
        self.is_number(number) && !self.facts.active_atom(by) && self.is_available(by)
    }

    fn is_number(&self, atom: &Atom) -> bool {
        atom.var()
            .is_none_or(|id| self.facts.func.var(id).ty.is_float())
    }

    /// Whether the indices of a place are there.
    fn is_there(&mut self, place: &Place) -> bool {
        let place = self.facts.views.expand(place);
        place.atoms().all(|atom| self.is_available(atom))
    }

    /// Whether a value without derivative is there in the reverse, or can be computed there.
    fn is_available(&mut self, atom: &Atom) -> bool {
        let Some(id) = atom.var() else { return true };
        let home = self.layout.home(id);
        if self.facts.func.var(id).cell {
            return false;
        }
        if home == self.body {
            self.wanted.insert(id);
            return true;
        }
        if !self.layout.within(home, self.body) {
            return true;
        }
        match self.layout.definition(id).map(|made| &made.stmt.kind) {
            Some(StmtKind::Loop(_)) => true,
            Some(StmtKind::Let(_, value)) => self.is_simple(id, value),
            _ => false,
        }
    }

    /// Whether a value without derivative can be computed in the reverse.
    fn is_simple(&mut self, id: VarId, value: &Value) -> bool {
        let func = self.facts.func;
        match value {
            Value::Atom(atom) | Value::Cast(atom, ..) => self.is_available(atom),
            Value::Rule(_, atoms, _) => {
                !dear(func, id, value) && atoms.iter().all(|atom| self.is_available(atom))
            }
            Value::Load(place) => {
                let root = self.facts.views.root(place.root);
                let number = func.var(id).ty.is_scalar();
                let theirs = func.var(root).reference == Some(Mutability::Mutable);
                number && !theirs && self.timing.writes(root).is_empty() && self.is_there(place)
            }
            _ => false,
        }
    }
}
