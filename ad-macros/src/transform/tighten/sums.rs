//! Adjoints of elements that stay the same throughout a loop, `d_v[i] += ..` inside
//! of `for j`, are summed up in a local and added once, behind the loop.
//!
//! Memory that is read, changed and written in each trip keeps the next trip
//! waiting. It takes an index that does not change in the loop, an addition that
//! every trip makes, and a shadow that the loop only adds to. The local starts as
//! `-0.0`, the neutral element of the addition of floats.

use super::{Body, Tight, every_trip};
use crate::ir::visit::walk;
use crate::ir::*;
use std::collections::HashSet;

/// One element that a loop adds to.
struct Sum {
    place: Place,
    gates: Vec<Params>,
    local: VarId,
}

pub(super) fn accumulate(func: &mut Func, tight: &mut Tight) {
    let span = tight.span;
    let sums = sums(func, &tight.each);
    tight.guarded |= !sums.is_empty();
    redirect(&mut tight.each.body, &sums);
    for sum in sums {
        let zero = Atom::float_for(&func.var(sum.local).ty, "0.0");
        let start = StmtKind::Cell(sum.local, Some(Value::Negate(zero)));
        tight.before.push(span, start);
        let mut inner = Block::default();
        let add = StmtKind::Update {
            place: sum.place,
            op: Sign::Plus,
            value: Atom::Var(sum.local),
        };
        inner.push(span, add);
        let gated = crate::transform::behind(&sum.gates, inner, span);
        tight.behind.stmts.extend(gated.stmts);
    }
}

fn sums(func: &mut Func, each: &Loop) -> Vec<Sum> {
    let body = Body::of(each);
    let disturbed = disturbed(each);
    let mut found: Vec<Sum> = Vec::new();
    every_trip(&each.body, &mut Vec::new(), &mut |kind, gates| {
        let StmtKind::Update { place, .. } = kind else {
            return;
        };
        let element = matches!(place.path.last(), Some(Proj::Index(_)));
        let known = found.iter().any(|sum| sum.place == *place);
        let fixed = place.atoms().all(|atom| body.fixed(atom));
        if fixed && element && !known && !disturbed.contains(&place.root) {
            found.push(Sum {
                place: place.clone(),
                gates: gates.to_vec(),
                local: local(func, place),
            });
        }
    });
    found
}

/// Variables that the loop does more with than to add to them.
pub(super) fn disturbed(each: &Loop) -> HashSet<VarId> {
    let mut disturbed = HashSet::new();
    walk(&each.body, &mut |stmt| match &stmt.kind {
        StmtKind::Update { place, value, .. } => {
            disturbed.extend(value.var());
            disturbed.extend(place.atoms().filter_map(Atom::var));
        }
        kind => {
            let access = kind.access();
            disturbed.extend(access.variables());
            disturbed.extend(access.defines);
        }
    });
    disturbed
}

/// The local for `d_v[i]` is called `d_v_i`.
fn local(func: &mut Func, place: &Place) -> VarId {
    let shadow = func.var(place.root).clone();
    let index = place.atoms().filter_map(Atom::var).last();
    let base = match index {
        Some(id) => format!("{}_{}", shadow.name, func.var(id).name),
        None => format!("{}_sum", shadow.name),
    };
    let mut ty = shadow.ty.clone();
    for _ in &place.path {
        if let Ty::Seq(elem, _) = ty {
            ty = *elem;
        }
    }
    let local = func.fresh(&base, shadow.span, ty, Role::Shadow);
    func.var_mut(local).cell = true;
    local
}

/// Lets all updates of the places go to the locals.
fn redirect(block: &mut Block, sums: &[Sum]) {
    for stmt in &mut block.stmts {
        if let StmtKind::Update { place, .. } = &mut stmt.kind
            && let Some(sum) = sums.iter().find(|sum| sum.place == *place)
        {
            *place = Place::of(sum.local);
        }
        for inner in stmt.kind.blocks_mut() {
            redirect(inner, sums);
        }
    }
}
