//! Tuples that are taken apart where they are made.

use super::{Lower, Operand, place::unparen, types::TyId};
use crate::ir::*;
use syn::spanned::Spanned;

impl Lower<'_> {
    /// `let (a, b) = (x.to_vec(), 0.0)`: each name by itself, once all values are there.
    /// Whether it was that.
    pub(super) fn one_by_one(
        &mut self,
        pat: &syn::Pat,
        annotated: Option<TyId>,
        init: &syn::Expr,
    ) -> bool {
        let (syn::Pat::Tuple(names), syn::Expr::Tuple(values)) = (pat, unparen(init)) else {
            return false;
        };
        let name = |pat: &syn::Pat| match pat {
            syn::Pat::Ident(name) => name.subpat.is_none() && name.by_ref.is_none(),
            _ => false,
        };
        if names.elems.len() != values.elems.len() || !names.elems.iter().all(name) {
            return false;
        }
        let operands: Vec<(Operand, TyId)> = values
            .elems
            .iter()
            .map(|value| match self.expr(value) {
                (Operand::Place(place), kind) if !self.is_reference(&place) => {
                    let atom = self.load(place, kind, value.span());
                    (Operand::Atom(atom), kind)
                }
                both => both,
            })
            .collect();
        if let Some(annotated) = annotated {
            let kinds = operands.iter().map(|(_, kind)| *kind).collect();
            let kind = self.types.tuple(kinds);
            self.types.unify(kind, annotated);
        }
        for (pat, (operand, kind)) in names.elems.iter().zip(operands) {
            if let syn::Pat::Ident(name) = pat {
                let mutable = name.mutability.is_some();
                if !self.named_in_place(name, mutable, &operand, kind) {
                    self.bind_local(&name.ident, mutable, operand, kind);
                }
            }
        }
        true
    }

    /// Gives the user's name to a value where lowering has made it and named it itself.
    fn named_in_place(
        &mut self,
        name: &syn::PatIdent,
        mutable: bool,
        operand: &Operand,
        kind: TyId,
    ) -> bool {
        let Operand::Atom(Atom::Var(made)) = operand else {
            return false;
        };
        let temporary = matches!(self.func.var(*made).role, Role::Temp);
        let block = self.open.last().expect("a block is always open");
        let at = block.stmts.iter().rposition(|stmt| {
            // A partial may want the first value of what changes.
            matches!(&stmt.kind, StmtKind::Let(id, value)
                if id == made && !(mutable && matches!(value, Value::Rule(..))))
        });
        let Some(at) = at.filter(|_| temporary) else {
            return false;
        };
        let id = self.declare(&name.ident, kind, Role::Local);
        self.func.var_mut(id).cell = mutable;
        let block = self.open.last_mut().expect("a block is always open");
        if let StmtKind::Let(_, value) = block.stmts[at].kind.clone() {
            block.stmts[at].kind = if mutable {
                StmtKind::Cell(id, Some(value))
            } else {
                StmtKind::Let(id, value)
            };
        }
        self.scopes.bind(&name.ident, id, mutable);
        true
    }
}
