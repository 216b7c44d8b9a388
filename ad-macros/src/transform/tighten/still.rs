//! Elements that a loop reads, while it writes others of the same array, are read once in
//! front of it: `d_x[i]` in `for j in 0..i { d_x[j] -= d_x[i] * .. }`.
//!
//! To rustc, what is written might be what is read, so that each trip would wait for the one
//! before it. The ranges of the loops around tell them apart.

use super::origins::{Here, Origins};
use super::{Body, Tight};
use crate::analysis::apart::{Course, sum};
use crate::ir::visit::walk;
use crate::ir::*;

pub(super) fn hoist(func: &Func, origins: &Origins, tight: &mut Tight) {
    let here = Here::of(origins, tight);
    let is_still = |stmt: &Stmt| match &stmt.kind {
        StmtKind::Let(_, Value::Load(place) | Value::Gated(_, place)) => {
            matches!(func.var(place.root).role, Role::Shadow) && still(&here, &tight.each, place)
        }
        _ => false,
    };
    let found: Vec<bool> = tight.each.body.stmts.iter().map(is_still).collect();
    let mut found = found.into_iter();
    let stmts = std::mem::take(&mut tight.each.body.stmts);
    let (still, rest) = stmts.into_iter().partition(|_| found.next() == Some(true));
    tight.each.body.stmts = rest;
    tight.guarded |= !still.is_empty();
    tight.before.stmts.extend(still);
}

/// Whether the loop writes elements of the array, and never this one.
fn still(names: &Here, each: &Loop, place: &Place) -> bool {
    let body = Body::of(each);
    let read = |place: &Place| match place.path.as_slice() {
        [Proj::Index(index)] => sum(names, index),
        _ => None,
    };
    let Some(index) = read(place).filter(|_| place.atoms().all(|atom| body.fixed(atom))) else {
        return false;
    };
    let course = Course {
        names,
        loops: &[],
        moved: None,
    };
    let (mut written, mut apart) = (false, true);
    walk(&each.body, &mut |stmt| {
        let access = stmt.kind.access();
        for other in access
            .writes
            .iter()
            .filter(|other| other.root == place.root)
        {
            written = true;
            apart &= read(other).is_some_and(|other| course.differ(&index, &other));
        }
        // Parts may be written under another name.
        let part = access.reads.iter().find(|other| other.root == place.root);
        apart &= part.is_none_or(|part| read(part).is_some());
        let whole = access
            .atoms
            .iter()
            .any(|atom| atom.var() == Some(place.root));
        apart &= !whole && !access.mentions.contains(&place.root);
        apart &= !access.defines.contains(&place.root);
    });
    written && apart
}
