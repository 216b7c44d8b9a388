//! `x[base + j]` in a loop over `j` becomes `row[j]`: the row is cut out once, and its
//! bounds are known.
//!
//! It takes an index in which the loop variable occurs once, as itself, and an access
//! in every trip: then the row is inside of what the loop would have touched. Memory
//! that the loop changes is cut only if the loop touches that one row of it.

use super::integers::integer;
use super::{Body, Tight, every_trip};
use crate::ir::visit::{map_places, walk};
use crate::ir::*;
use proc_macro2::Span;
use std::collections::{HashMap, HashSet};

/// A row to be cut: `base[index]` for all trips.
struct Row {
    base: Place,
    index: Atom,
    view: VarId,
}

pub(super) fn cut(func: &mut Func, tight: &mut Tight) {
    let Some(range) = tight.range().cloned() else {
        return;
    };
    let usual = func.var(range.var).ty.is_usize();
    let body = Body::of(&tight.each);
    if !usual || !body.fixed(&range.from) || !body.fixed(&range.to) {
        return;
    }
    let wanted = wanted(func, &tight.each, &body, range.var);
    let mut rows = Vec::new();
    let (span, mut before) = (tight.span, Block::default());
    for (base, index, mutable) in wanted {
        let start = body.index_at(func, &index, (range.var, &range.from), span, &mut before);
        tight.guarded |= !start.is_zero() || !range.from.is_zero();
        let end = end(func, &start, &range, span, &mut before);
        let view = view(func, base.root, mutable);
        let place = base.clone().then(Proj::Range {
            from: (!start.is_zero()).then_some(start),
            to: Some(end),
            inclusive: false,
        });
        before.push(span, StmtKind::View { var: view, place });
        rows.push(Row { base, index, view });
    }
    tight.before.stmts.extend(before.stmts);
    if !rows.is_empty() {
        redirect(func, tight, &rows, &range);
    }
}

/// One behind the last element that starts at `start`.
fn end(func: &mut Func, start: &Atom, range: &Range, span: Span, out: &mut Block) -> Atom {
    if *start == range.from {
        return range.to.clone();
    }
    let trips = integer(func, "sub", [&range.to, &range.from], span, out);
    if start.is_zero() {
        return trips;
    }
    integer(func, "add", [start, &trips], span, out)
}

/// A variable for a part of a sequence.
pub(super) fn view(func: &mut Func, root: VarId, mutable: bool) -> VarId {
    let var = func.var(root).clone();
    let elem = match &var.ty {
        Ty::Seq(elem, _) => (**elem).clone(),
        _ => Ty::Unknown,
    };
    let ty = Ty::Seq(Box::new(elem), SeqForm::Slice);
    let role = match var.role {
        Role::Shadow => Role::Shadow,
        _ => Role::Temp,
    };
    let name = match var.name.ends_with("row") {
        true => var.name.clone(),
        false => format!("{}_row", var.name),
    };
    let view = func.fresh(&name, var.span, ty, role);
    func.var_mut(view).reference = Some(if mutable {
        Mutability::Mutable
    } else {
        Mutability::Shared
    });
    view
}

/// The rows that can be cut, in the order of their first use.
fn wanted(func: &Func, each: &Loop, body: &Body, j: VarId) -> Vec<(Place, Atom, bool)> {
    let mut changed = HashSet::new();
    let mut whole = HashSet::new();
    let mut elements: HashMap<VarId, Vec<&Place>> = HashMap::new();
    walk(&each.body, &mut |stmt| {
        let access = stmt.kind.access();
        changed.extend(access.writes.iter().map(|place| place.root));
        whole.extend(access.atoms.iter().filter_map(|atom| atom.var()));
        whole.extend(&access.mentions);
        whole.extend(&access.defines);
        for place in access.reads.iter().chain(&access.writes) {
            if element(body, place).is_some() {
                let known = elements.entry(place.root).or_default();
                if !known.contains(place) {
                    known.push(place);
                }
            } else {
                whole.insert(place.root);
            }
        }
    });
    let mut found: Vec<(Place, Atom, bool)> = Vec::new();
    every_trip(&each.body, &mut Vec::new(), &mut |kind, _| {
        let access = kind.access();
        for place in access.reads.iter().chain(&access.writes) {
            let Some((base, index)) = element(body, place) else {
                continue;
            };
            let root = place.root;
            let mutable = changed.contains(&root);
            let alone = !mutable || elements[&root].len() == 1;
            let sequence = matches!(func.var(root).ty, Ty::Seq(..));
            let known = found
                .iter()
                .any(|(other, at, _)| *other == base && at == index);
            let straight = body.slope(index, j) == Some(1);
            if straight && alone && sequence && !known && !whole.contains(&root) {
                found.push((base, index.clone(), mutable));
            }
        }
    });
    found
}

/// A place as an element of a variable, or of a part of it that is the same in all trips.
fn element<'a>(body: &Body, place: &'a Place) -> Option<(Place, &'a Atom)> {
    let (Proj::Index(index), base) = place.path.split_last()? else {
        return None;
    };
    let part = |proj: &Proj| match proj {
        Proj::Range { from, to, .. } => from.iter().chain(to).all(|atom| body.fixed(atom)),
        _ => false,
    };
    let (root, path) = (place.root, base.to_vec());
    base.iter()
        .all(part)
        .then_some((Place { root, path }, index))
}

/// Lets the accesses go to the rows.
fn redirect(func: &mut Func, tight: &mut Tight, rows: &[Row], range: &Range) {
    let mut first = Block::default();
    let j = Atom::Var(range.var);
    let along = integer(func, "sub", [&j, &range.from], tight.span, &mut first);
    map_places(&mut tight.each.body, &mut |place| {
        let Some((Proj::Index(index), path)) = place.path.split_last() else {
            return;
        };
        let same = |row: &&Row| row.base.root == place.root && row.base.path == path;
        let row = rows.iter().filter(same).find(|row| row.index == *index);
        if let Some(row) = row {
            *place = Place::of(row.view).then(Proj::Index(along.clone()));
        }
    });
    first.stmts.append(&mut tight.each.body.stmts);
    tight.each.body = first;
}
