//! The body of a loop whose trips have vectors of their own.

use super::Handed;
use crate::ir::visit::{map_places, walk};
use crate::ir::*;

/// The body with a name for the trip's own vector, and without the tape.
pub(super) fn in_row(
    func: &mut Func,
    body: &mut Block,
    handed: &Handed,
    (rows, trip): (VarId, VarId),
) {
    let kept =
        |stmt: &Stmt| matches!(&stmt.kind, StmtKind::Keep { tape, .. } if *tape == handed.tape);
    let carries = !handed.facts.is_empty() && body.stmts.iter().any(kept);
    body.stmts.retain(|stmt| !is_over(&stmt.kind, handed));
    let var = func.var(handed.vector).clone();
    let name = format!("{}_{}", var.name, func.var(trip).name);
    let own = func.fresh(&name, var.span, var.ty, Role::Temp);
    let writes = writes(func, body, handed.vector);
    func.var_mut(own).reference = Some(if writes || carries {
        Mutability::Mutable
    } else {
        Mutability::Shared
    });
    rename(body, handed.vector, own);
    cut_for_loops(func, body, own);
    let mut out = Block::default();
    let view = StmtKind::View {
        var: own,
        place: Place::of(rows).then(Proj::Index(Atom::Var(trip))),
    };
    out.push(var.span, view);
    let there = Place::of(own).then(Proj::Deref);
    let all = Place::of(handed.vector);
    if carries {
        carry(func, &mut out, handed, there.clone(), all.clone());
    }
    out.stmts.append(&mut body.stmts);
    if carries {
        carry(func, &mut out, handed, all, there);
    }
    *body = out;
}

/// What has nothing to do any more.
fn is_over(kind: &StmtKind, handed: &Handed) -> bool {
    match kind {
        StmtKind::Keep { tape, .. } | StmtKind::Restore { tape, .. } => *tape == handed.tape,
        StmtKind::Forget(id) => *id == handed.vector,
        _ => false,
    }
}

fn rename(block: &mut Block, from: VarId, to: VarId) {
    map_places(block, &mut |place| {
        if place.root == from {
            place.root = to;
        }
    });
}

/// Whether a block writes a vector, or lends it to be written.
fn writes(func: &Func, block: &Block, vector: VarId) -> bool {
    let mut written = false;
    walk(block, &mut |stmt| {
        let lent = match &stmt.kind {
            StmtKind::View { var, place } | StmtKind::Split { lo: var, place, .. } => {
                let mutable = func.var(*var).reference == Some(Mutability::Mutable);
                mutable && place.root == vector
            }
            _ => false,
        };
        let writes = &stmt.kind.access().writes;
        written |= lent || writes.iter().any(|place| place.root == vector);
    });
    written
}

/// Loops that go through the elements get a slice: where the vector is would have to be
/// read anew after each store.
fn cut_for_loops(func: &mut Func, body: &mut Block, vector: VarId) {
    for stmt in std::mem::take(&mut body.stmts) {
        let span = stmt.span;
        let mut inner = Block { stmts: vec![stmt] };
        if let StmtKind::Loop(each) = &inner.stmts[0].kind
            && elements_only(&each.body, vector)
        {
            let name = format!("{}_row", func.var(vector).name);
            let ty = func.var(vector).ty.clone();
            let row = func.fresh(&name, span, ty, Role::Temp);
            func.var_mut(row).reference = Some(if writes(func, &inner, vector) {
                Mutability::Mutable
            } else {
                Mutability::Shared
            });
            let place = Place::of(vector).then(Proj::everything());
            body.push(span, StmtKind::View { var: row, place });
            rename(&mut inner, vector, row);
        }
        body.stmts.append(&mut inner.stmts);
    }
}

/// Whether a block uses elements of a vector, and nothing else of it.
fn elements_only(block: &Block, vector: VarId) -> bool {
    let (mut used, mut only) = (false, true);
    walk(block, &mut |stmt| {
        let access = stmt.kind.access();
        let mut places = access.reads.iter().chain(&access.writes);
        used |= places.clone().any(|place| place.root == vector);
        only &= places.all(|place| {
            place.root != vector || matches!(place.path.first(), Some(Proj::Index(_)))
        });
    });
    used && only
}

/// `to = from` unless the facts hold.
fn carry(func: &mut Func, out: &mut Block, handed: &Handed, to: Place, from: Place) {
    let span = func.var(handed.vector).span;
    let ty = func.var(handed.vector).ty.clone();
    let content = func.fresh("content", span, ty, Role::Temp);
    let mut inner = Block::default();
    inner.push(span, StmtKind::Let(content, Value::Own(from)));
    inner.push(span, StmtKind::assign(to, Atom::Var(content)));
    out.push(span, StmtKind::Unless(handed.facts.clone(), inner));
}
