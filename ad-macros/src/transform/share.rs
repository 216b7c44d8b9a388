//! Reads of one place with nothing written in between are one read.
//!
//! `x[i] * x[i]` lowers to two loads; the second becomes the first, so that there
//! is one value to keep for the reverse sweep. So do equal lengths and equal
//! integer arithmetic in indices. Float arithmetic stays as the user wrote it.

use crate::analysis::timing::changed_unseen;
use crate::analysis::views::Views;
use crate::ir::visit::{map_atoms, walk};
use crate::ir::*;
use std::collections::{HashMap, HashSet};

pub(crate) fn share(func: &mut Func) {
    run(func, false);
}

/// So are a store and the reads of what it stored: for the reverse sweep, when all that
/// the user reads has been checked.
pub(crate) fn share_stored(func: &mut Func) {
    run(func, true);
}

fn run(func: &mut Func, stores: bool) {
    let mut pass = Share {
        stores,
        views: Views::of(func),
        func,
        same: HashMap::new(),
        literals: HashSet::new(),
    };
    let mut body = std::mem::take(&mut pass.func.body);
    pass.block(&mut body, Vec::new());
    let same = pass.same;
    func.body = body;
    map_atoms(&mut func.body, &mut |atom| replace(atom, &same));
    if let Some(ret) = &mut func.ret {
        replace(ret, &same);
    }
}

fn replace(atom: &mut Atom, same: &HashMap<VarId, VarId>) {
    while let Atom::Var(id) = atom {
        let Some(other) = same.get(id) else { return };
        *id = *other;
    }
}

/// What was computed, from which variable's memory.
#[derive(Clone, PartialEq)]
enum Known {
    Load(Place),
    Len(Place),
    Index(&'static str, Vec<Atom>),
}

struct Share<'f> {
    /// Whether a store counts as a read.
    stores: bool,
    func: &'f mut Func,
    views: Views,
    same: HashMap<VarId, VarId>,
    /// Values made of literals alone.
    literals: HashSet<VarId>,
}

impl Share<'_> {
    fn block(&mut self, block: &mut Block, mut known: Vec<(Known, VarId)>) {
        let stmts = std::mem::take(&mut block.stmts);
        for mut stmt in stmts {
            if let StmtKind::Let(id, value) = &stmt.kind
                && let Some(key) = self.key(*id, value)
            {
                let found = known.iter().find(|(other, _)| *other == key);
                match found.map(|(_, first)| *first) {
                    Some(first) => {
                        self.same.insert(*id, first);
                        continue;
                    }
                    None => known.push((key, *id)),
                }
            }
            if let StmtKind::Let(id, value) = &stmt.kind
                && is_literal(value)
            {
                self.literals.insert(*id);
            }
            let written = self.written(&stmt);
            if matches!(stmt.kind, StmtKind::Loop(_)) {
                forget(&mut known, &written);
            }
            for inner in stmt.kind.blocks_mut() {
                self.block(inner, known.clone());
            }
            forget(&mut known, &written);
            known.extend(self.stored(&stmt.kind));
            block.stmts.push(stmt);
        }
    }

    /// How a value can be found again, if it may be shared.
    fn key(&self, id: VarId, value: &Value) -> Option<Known> {
        let var = self.func.var(id);
        if !matches!(var.role, Role::Temp) || !var.ty.is_scalar() {
            return None;
        }
        match value {
            Value::Load(from) => Some(Known::Load(self.place(from))),
            Value::Len(from) => Some(Known::Len(self.place(from))),
            Value::Rule(rule, atoms, Form::Method) if matches!(var.ty, Ty::Discrete(_)) => {
                let mut atoms = atoms.clone();
                atoms.iter_mut().for_each(|atom| replace(atom, &self.same));
                Some(Known::Index(rule.name, atoms))
            }
            _ => None,
        }
    }

    /// A number that was just stored is what a read of its place finds.
    fn stored(&self, kind: &StmtKind) -> Option<(Known, VarId)> {
        let StmtKind::Store { place, value, .. } = kind else {
            return None;
        };
        if !self.stores {
            return None;
        }
        // Of a literal, only the place that it is stored to may say how wide it is.
        let number = |id: &VarId| {
            let var = self.func.var(*id);
            var.ty.is_float() && !var.cell && !self.literals.contains(id)
        };
        let mut value = value.clone();
        replace(&mut value, &self.same);
        let id = value.var().filter(number)?;
        Some((Known::Load(self.place(place)), id))
    }

    fn place(&self, place: &Place) -> Place {
        let mut place = self.views.expand(place);
        place.atoms_mut().for_each(|atom| replace(atom, &self.same));
        place
    }

    /// Variables whose memory a statement writes, nested ones included.
    fn written(&self, stmt: &Stmt) -> HashSet<VarId> {
        let mut written = HashSet::new();
        let mut note = |stmt: &Stmt| {
            let access = stmt.kind.access();
            let places = access.writes.iter();
            written.extend(places.map(|place| self.views.root(place.root)));
            written.extend(changed_unseen(self.func, &self.views, &stmt.kind));
        };
        note(stmt);
        for inner in stmt.kind.blocks() {
            walk(inner, &mut note);
        }
        written
    }
}

fn forget(known: &mut Vec<(Known, VarId)>, written: &HashSet<VarId>) {
    known.retain(|(key, _)| match key {
        Known::Load(place) | Known::Len(place) => !written.contains(&place.root),
        Known::Index(..) => true,
    });
}

fn is_literal(value: &Value) -> bool {
    let mut literal = value.place().is_none() && !matches!(value, Value::Opaque(_));
    value.atoms(&mut |atom| literal &= matches!(atom, Atom::Lit(_)));
    literal
}
