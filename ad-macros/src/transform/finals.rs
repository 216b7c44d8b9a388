//! What a function leaves in its `&mut` parameters is kept as one copy, where a pullback wants
//! elements that stay, and wants them in more than one trip.
//!
//! Between the sweeps the caller may write what it has lent, so that elements which
//! [`crate::analysis::elements`] finds in place have to be copied. A tape would take a number for
//! each trip: `n * n * n / 6` for a matrix that is factorised in place, which has `n * n`.

use super::Facts;
use super::reverse::Sweeps;
use crate::analysis::apart::{Names, sum};
use crate::analysis::elements::Elements;
use crate::analysis::layout::{BlockId, Layout};
use crate::analysis::timing::Timing;
use crate::analysis::views::Views;
use crate::ir::*;
use std::collections::BTreeSet;

/// The parameters to keep, if they are needed.
pub(super) fn finals(facts: &Facts, layout: &Layout, timing: &Timing) -> BTreeSet<VarId> {
    let elements = &Elements {
        layout,
        timing,
        views: facts.views,
        finals: &BTreeSet::new(),
    };
    let mut found = BTreeSet::new();
    for (at, (stmt, home)) in elements.layout.order.iter().enumerate() {
        if let StmtKind::Let(_, Value::Load(place)) = &stmt.kind {
            let place = elements.views.expand(place);
            let lent =
                elements.timing.is_lent(place.root) && numbers(&facts.func.var(place.root).ty);
            if lent && repeated(elements, &place, *home) && elements.rests(&place, at, *home) {
                found.insert(place.root);
            }
        }
    }
    found
}

/// Whether a type is an array of what can be copied in one piece.
fn numbers(ty: &Ty) -> bool {
    match ty {
        Ty::Seq(elem, _) => match elem.as_ref() {
            Ty::Seq(elem, SeqForm::Array) => elem.is_scalar(),
            elem => elem.is_scalar(),
        },
        _ => false,
    }
}

/// Whether a loop around a block comes back to the same element.
fn repeated(elements: &Elements, place: &Place, home: BlockId) -> bool {
    let mut used = BTreeSet::new();
    for atom in place.atoms() {
        variables(elements, atom, &mut used);
    }
    let mut loops = elements.layout.blocks[home.0].loops.iter();
    loops.any(
        |id| match elements.layout.each(*id).map(|each| &each.head) {
            Some(Head::Range(range)) => !used.contains(&range.var),
            _ => false,
        },
    )
}

/// What an index is made of.
fn variables(elements: &Elements, atom: &Atom, used: &mut BTreeSet<VarId>) {
    let sum = sum(elements.layout, atom);
    for id in sum.iter().flat_map(|sum| sum.terms.keys()) {
        if used.insert(*id)
            && let Some(value) = elements.layout.value(*id)
        {
            value.atoms(&mut |atom| variables(elements, atom, used));
        }
    }
}

/// Lets the pullback read copies.
pub(super) fn keep_finals(sweeps: &mut Sweeps, finals: &BTreeSet<VarId>, views: &Views) {
    for param in finals {
        let lent = sweeps.func.var(*param).clone();
        let name = format!("{}_last", lent.name);
        let copy = sweeps.func.fresh(&name, lent.span, lent.ty, Role::Tape);
        if redirect(&mut sweeps.reverse, *param, copy, views) {
            let value = Value::Pooled(Place::of(*param));
            let stmt = StmtKind::Let(copy, value);
            sweeps.func.body.push(lent.span, stmt);
        }
    }
}

/// Reads of a parameter become reads of its copy. Whether there are any.
fn redirect(block: &mut Block, param: VarId, copy: VarId, views: &Views) -> bool {
    let mut found = false;
    for stmt in &mut block.stmts {
        if let StmtKind::Let(_, Value::Load(place)) = &mut stmt.kind
            && views.root(place.root) == param
        {
            *place = views.expand(place);
            place.root = copy;
            found = true;
        }
        for inner in stmt.kind.blocks_mut() {
            found |= redirect(inner, param, copy, views);
        }
    }
    found
}
