//! A parameter of which only elements with literal indices are used, `d_p[0]` and
//! `d_p[1]`, is cut to these in front of the sweep: one check instead of many, and
//! elements that stay in registers throughout a caller's loop.
//!
//! It takes an access to the last of them that happens in any case: then the cut
//! fails only where that access would have failed.

use super::every_trip;
use crate::ir::visit::{map_places, walk};
use crate::ir::*;
use std::collections::BTreeMap;

/// How a sweep uses a parameter.
#[derive(Default)]
struct Elements {
    last: usize,
    /// The last element is used in any case.
    surely: bool,
    changed: bool,
    otherwise: bool,
}

pub(super) fn cut(func: &mut Func, params: &[VarId], sweep: &mut Block) {
    let mut before = Block::default();
    for (id, elements) in elements(func, params, sweep) {
        if elements.otherwise || !elements.surely || elements.last == 0 {
            continue;
        }
        let view = super::rows::view(func, id, elements.changed);
        let place = Place::of(id).then(Proj::Range {
            from: None,
            to: Some(Atom::int(elements.last + 1)),
            inclusive: false,
        });
        map_places(sweep, &mut |place| {
            if place.root == id {
                place.root = view;
            }
        });
        let span = func.var(id).span;
        before.push(span, StmtKind::View { var: view, place });
    }
    before.stmts.append(&mut sweep.stmts);
    *sweep = before;
}

fn elements(func: &Func, params: &[VarId], sweep: &Block) -> BTreeMap<VarId, Elements> {
    let slice = |id: &&VarId| {
        let var = func.var(**id);
        var.reference.is_some() && matches!(var.ty, Ty::Seq(_, SeqForm::Slice))
    };
    let mut found: BTreeMap<VarId, Elements> = params
        .iter()
        .filter(slice)
        .map(|id| (*id, Elements::default()))
        .collect();
    walk(sweep, &mut |stmt| {
        let access = stmt.kind.access();
        for place in access.reads.iter().chain(&access.writes) {
            if let Some(elements) = found.get_mut(&place.root) {
                match literal(place) {
                    Some(index) => elements.last = elements.last.max(index),
                    None => elements.otherwise = true,
                }
            }
        }
        for place in &access.writes {
            if let Some(elements) = found.get_mut(&place.root) {
                elements.changed = true;
            }
        }
        let others = access.atoms.iter().filter_map(|atom| atom.var());
        for id in others.chain(access.mentions.iter().copied()) {
            if let Some(elements) = found.get_mut(&id) {
                elements.otherwise = true;
            }
        }
    });
    every_trip(sweep, &mut Vec::new(), &mut |kind, _| {
        let access = kind.access();
        for place in access.reads.iter().chain(&access.writes) {
            if let Some(elements) = found.get_mut(&place.root) {
                elements.surely |= literal(place) == Some(elements.last);
            }
        }
    });
    found
}

fn literal(place: &Place) -> Option<usize> {
    match place.path.as_slice() {
        [Proj::Index(Atom::Lit(syn::Lit::Int(index)))] => index.base10_parse().ok(),
        _ => None,
    }
}
