//! What can be computed again behind the loop.

use super::search::Search;
use crate::ir::*;
use std::collections::HashSet;

/// What can be computed again behind the loop: numbers of the block that are made of what
/// the loop does not change.
pub(super) struct Known {
    pub again: HashSet<VarId>,
}

impl Known {
    pub fn of(search: &Search, inner: Option<usize>, block: &Block) -> Known {
        let mut known = Known {
            again: HashSet::new(),
        };
        if let Some(at) = inner
            && let StmtKind::Loop(each) = &search.each.body.stmts[at].kind
            && let Head::Range(range) = &each.head
        {
            known.again.insert(range.var);
        }
        for stmt in &block.stmts {
            if let StmtKind::Let(id, value) = &stmt.kind
                && known.pure(search, *id, value)
            {
                known.again.insert(*id);
            }
        }
        known
    }

    fn pure(&self, search: &Search, id: VarId, value: &Value) -> bool {
        let shadow = |place: &Place| {
            let role = &search.func().var(place.root).role;
            matches!(role, Role::Shadow) || search.touched.contains(&place.root)
        };
        let pure = match value {
            Value::Rule(..) | Value::Atom(_) | Value::Cast(..) => true,
            Value::Len(place) | Value::Load(place) => !shadow(place),
            _ => false,
        };
        let mut fine = pure && search.func().var(id).ty.is_scalar();
        // What is made of adjoints is no number of the primal, whatever it is called.
        value.atoms(&mut |atom| fine &= self.computed(search, atom) && !search.adjoint(atom));
        fine
    }

    pub fn computed(&self, search: &Search, atom: &Atom) -> bool {
        let again = |id: VarId| self.again.contains(&id);
        search.fixed(atom) || atom.var().is_some_and(again)
    }
}

/// The statements to compute again, from those that use them.
pub(super) struct Again<'a> {
    block: &'a Block,
    known: &'a Known,
    wanted: HashSet<VarId>,
}

impl<'a> Again<'a> {
    pub fn of(block: &'a Block, known: &'a Known) -> Again<'a> {
        Again {
            block,
            known,
            wanted: HashSet::new(),
        }
    }

    pub fn atoms<'b>(&mut self, atoms: impl IntoIterator<Item = &'b Atom>) {
        let atoms = atoms.into_iter().filter_map(Atom::var);
        self.wanted
            .extend(atoms.filter(|id| self.known.again.contains(id)));
    }

    pub fn arg(&mut self, arg: &Arg) {
        match arg {
            Arg::Value(atom) => self.atoms([atom]),
            Arg::Ref { place, .. } => self.atoms(place.atoms()),
        }
    }

    pub fn positions(mut self) -> Vec<usize> {
        let mut positions = Vec::new();
        for (at, stmt) in self.block.stmts.iter().enumerate().rev() {
            if let StmtKind::Let(id, value) = &stmt.kind
                && self.wanted.contains(id)
            {
                positions.push(at);
                let mut atoms = Vec::new();
                value.atoms(&mut |atom| atoms.push(atom));
                self.atoms(atoms);
            }
        }
        positions.reverse();
        positions
    }
}
