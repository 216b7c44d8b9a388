//! Which values are printed where they are used, and which get a `let` after all.

use super::block::Uses;
use super::print::{Expr, Pending, Printer};
use crate::ir::*;
use crate::rules;
use proc_macro2::TokenStream;
use std::collections::HashSet;

impl Printer<'_> {
    /// Whether a value is printed where it is used: how often that is.
    pub(super) fn folds(&self, id: VarId, value: Option<&Value>, uses: &Uses) -> Option<usize> {
        let count = uses.level.get(&id).copied().unwrap_or(0);
        let temp = matches!(self.func.var(id).role, Role::Temp);
        // Reading a variable costs nothing: its name stands for each use.
        let bare = matches!(value, Some(Value::Load(place)) if place.path.is_empty());
        let few = count == 1 || (bare && count > 1 && self.func.var(id).ty.is_scalar());
        let stays = uses.nested.contains(&id) || uses.beside.contains(&id);
        (few && temp && !stays).then_some(count)
    }

    pub(super) fn pend(&mut self, id: VarId, expr: Expr, left: usize) {
        self.sequence += 1;
        let order = self.sequence;
        self.pending.insert(id, Pending { order, expr, left });
    }

    /// Gives every pending value its `let`.
    pub(super) fn flush_all(&mut self, out: &mut TokenStream) {
        self.flush(&mut |_| true, out);
    }

    /// Gives pending values that read one of the written variables their `let`. What is
    /// borrowed to be written may not be read any more either.
    pub(super) fn flush_reads(&mut self, kind: &StmtKind, out: &mut TokenStream) {
        let access = kind.access();
        let lent = match kind {
            StmtKind::View { var, place } | StmtKind::Split { lo: var, place, .. } => {
                let mutable = self.func.var(*var).reference == Some(Mutability::Mutable);
                mutable.then_some(place)
            }
            _ => None,
        };
        let written: HashSet<VarId> = access
            .writes
            .iter()
            .copied()
            .chain(lent)
            .flat_map(|place| [place.root, self.views.root(place.root)])
            .collect();
        if !written.is_empty() {
            self.flush(
                &mut |expr| expr.reads.iter().any(|id| written.contains(id)),
                out,
            );
        }
    }

    /// Gives these values their `let`: they are wanted by name.
    pub(super) fn flush_vars(&mut self, vars: &[VarId], out: &mut TokenStream) {
        let mut hit: Vec<(usize, VarId)> = vars
            .iter()
            .filter_map(|id| self.pending.get(id).map(|pending| (pending.order, *id)))
            .collect();
        hit.sort_unstable();
        for (_, id) in hit {
            if let Some(pending) = self.pending.remove(&id) {
                self.emit_let(id, &pending.expr, false, out);
            }
        }
    }

    /// `v[a..][v[a..].len() - 1] = ..` borrows `v` twice: the index goes first.
    pub(super) fn flush_indices(&mut self, place: &Place, out: &mut TokenStream) {
        if place.path.len() < 2 {
            return;
        }
        let root = self.views.root(place.root);
        let indices: Vec<VarId> = place
            .atoms()
            .filter_map(Atom::var)
            .filter(|id| {
                let pending = self.pending.get(id);
                pending.is_some_and(|pending| pending.expr.reads.contains(&root))
            })
            .collect();
        self.flush_vars(&indices, out);
    }

    pub(super) fn flush(&mut self, which: &mut dyn FnMut(&Expr) -> bool, out: &mut TokenStream) {
        let hit: Vec<VarId> = self
            .pending
            .iter()
            .filter(|(_, pending)| which(&pending.expr))
            .map(|(id, _)| *id)
            .collect();
        self.flush_vars(&hit, out);
    }

    /// A `let`, or a cell that nothing writes and nobody named.
    pub(super) fn is_value(&self, stmt: &Stmt, id: VarId) -> bool {
        matches!(stmt.kind, StmtKind::Let(..))
            || matches!(self.func.var(id).role, Role::Temp) && !self.mutated.contains(&id)
    }

    /// Notes a value that is another variable's, if that variable never changes.
    pub(super) fn aliased(&mut self, id: VarId, value: &Value) -> bool {
        let other = match value {
            Value::Atom(Atom::Var(other)) => other,
            Value::Load(place) if place.path.is_empty() => &place.root,
            _ => return false,
        };
        let unnamed = matches!(self.func.var(id).role, Role::Temp);
        let stays = !self.mutated.contains(other) && self.func.var(*other).ty.is_scalar();
        if unnamed && stays && !self.popped.contains(&id) && !self.pending.contains_key(other) {
            self.alias.insert(id, *other);
            return true;
        }
        false
    }
}

/// Sines and cosines of which the other one is saved: rustc makes one call of both only if
/// nothing is between them.
pub(super) fn beside(stmts: &[Stmt]) -> HashSet<VarId> {
    let mut saved: HashSet<VarId> = HashSet::new();
    let mut functions = Vec::new();
    for stmt in stmts {
        match &stmt.kind {
            StmtKind::Push(_, vars) => saved.extend(vars),
            StmtKind::Let(id, Value::Rule(rule, atoms, _)) => {
                functions.extend(rules::partner(rule).map(|name| (*id, rule.name, name, atoms)));
            }
            _ => {}
        }
    }
    let other_is_saved = |(_, name, partner, atoms): &(VarId, &str, &str, &Vec<Atom>)| {
        functions.iter().any(|(id, other, _, operands)| {
            saved.contains(id) && other == partner && other != name && operands == atoms
        })
    };
    let beside = functions.iter().filter(|function| other_is_saved(function));
    beside.map(|(id, ..)| *id).collect()
}
