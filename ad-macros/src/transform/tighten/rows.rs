//! `x[base + j]` in a loop over `j` becomes `row[j]`: the row is cut out once, and its
//! bounds are known.
//!
//! It takes an index in which the loop variable occurs once, as itself, and an access
//! in every trip: then the row is inside of what the loop would have touched. Memory
//! that the loop changes is cut only if the loop touches that one row of it, or two of which
//! one surely lies behind the other.

use super::apart::higher;
use super::integers::integer;
use super::origins::{Here, Origins};
use super::{Body, Tight, every_trip};
use crate::ir::visit::{map_places, walk};
use crate::ir::*;
use proc_macro2::Span;
use std::collections::{HashMap, HashSet};

/// A row to be cut: `base[index]` for all trips.
struct Wanted {
    base: Place,
    index: Atom,
    /// It belongs to memory that the loop changes.
    mutable: bool,
    /// Another row of it lies in front, or behind.
    side: Option<Side>,
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Low,
    High,
}

/// A row that is cut.
struct Row {
    base: Place,
    index: Atom,
    view: VarId,
}

pub(super) fn cut(func: &mut Func, origins: &Origins, tight: &mut Tight) {
    let Some(range) = tight.range().cloned() else {
        return;
    };
    let usual = func.var(range.var).ty.is_usize();
    let body = Body::of(&tight.each);
    if !usual || !body.fixed(&range.from) || !body.fixed(&range.to) {
        return;
    }
    let wanted = wanted(func, &Here::of(origins, tight), tight, &body);
    let mut rows = Vec::new();
    let mut halves: HashMap<VarId, [VarId; 2]> = HashMap::new();
    let (span, mut before) = (tight.span, Block::default());
    for Wanted {
        base,
        index,
        mutable,
        side,
    } in wanted
    {
        let mut start = body.index_at(func, &index, (range.var, &range.from), span, &mut before);
        tight.guarded |= !start.is_zero() || !range.from.is_zero();
        let mut whole = base.clone();
        if side == Some(Side::High) {
            let [lo, hi] = ["lo", "hi"].map(|side| half(func, base.root, side));
            let (place, at) = (base.clone(), start);
            before.push(span, StmtKind::Split { lo, hi, place, at });
            halves.insert(base.root, [lo, hi]);
            start = Atom::int(0);
        }
        if let Some(side) = side {
            whole = Place::of(halves[&base.root][side as usize]);
        }
        let end = end(func, &start, &range, span, &mut before);
        let view = view(func, base.root, mutable);
        let place = whole.then(Proj::Range {
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

/// A variable for a half of a sequence that the loop changes.
fn half(func: &mut Func, root: VarId, side: &str) -> VarId {
    let var = func.var(root).clone();
    let name = format!("{}_{side}", var.name);
    let half = func.fresh(&name, var.span, var.ty, var.role);
    func.var_mut(half).reference = Some(Mutability::Mutable);
    half
}

/// The rows that can be cut, in the order of their first use; a half behind comes before the
/// one in front.
fn wanted(func: &Func, names: &Here, tight: &Tight, body: &Body) -> Vec<Wanted> {
    let Head::Range(range) = &tight.each.head else {
        return Vec::new();
    };
    let (each, j) = (&tight.each, range.var);
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
    let mut found: Vec<Wanted> = Vec::new();
    every_trip(&each.body, &mut Vec::new(), &mut |kind, _| {
        let access = kind.access();
        for place in access.reads.iter().chain(&access.writes) {
            let Some((base, index)) = element(body, place) else {
                continue;
            };
            let root = place.root;
            let mutable = changed.contains(&root);
            let few = !mutable || elements[&root].len() <= 2;
            let sequence = matches!(func.var(root).ty, Ty::Seq(..));
            let known = found
                .iter()
                .any(|other| other.base == base && other.index == *index);
            let straight = body.slope(index, j) == Some(1);
            if straight && few && sequence && !known && !whole.contains(&root) {
                found.push(Wanted {
                    base,
                    index: index.clone(),
                    mutable,
                    side: None,
                });
            }
        }
    });
    for (root, all) in &elements {
        if changed.contains(root) && all.len() == 2 {
            sides(names, range, *root, &mut found);
        }
    }
    found.sort_by_key(|row| row.side == Some(Side::Low));
    found
}

/// Finds out which of two rows lies in front; if nobody knows, neither is cut.
fn sides(names: &Here, range: &Range, root: VarId, rows: &mut Vec<Wanted>) {
    let own = |row: &Wanted| row.base.root == root;
    let at: Vec<usize> = (0..rows.len()).filter(|at| own(&rows[*at])).collect();
    let higher = match at.as_slice() {
        [a, b] if rows[*a].base.path.is_empty() && rows[*b].base.path.is_empty() => {
            let high = higher(names, range, [&rows[*a].index, &rows[*b].index]);
            high.map(|high| [*a, *b][high])
        }
        _ => None,
    };
    let Some(higher) = higher else {
        return rows.retain(|row| !own(row));
    };
    for id in at {
        let side = if id == higher { Side::High } else { Side::Low };
        rows[id].side = Some(side);
    }
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
