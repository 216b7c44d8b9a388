//! Two nested loops change places where that makes memory be walked in its order.
//!
//! The reverse of `sum += a[i * k + l] * b[l * n + j]` in a loop over `l` adds to
//! `d_b[l * n + j]`, with a stride of `n`. All it does is to add, so the loops over `j` and
//! `l` may come in either order. What the outer loop reads in front of the inner one is
//! read inside then, and what it clears is cleared behind both:
//!
//! ```text
//! for j { t = d_c[j]; d_c[j] = 0         for l { for j { t = d_c[j]; d_b[l * n + j] += t * .. } }
//!     for l { d_b[l * n + j] += t * .. } for j { d_c[j] = 0 }
//! }
//! ```

use super::Body;
use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::Span;
use std::collections::{HashMap, HashSet};

/// The statements that take the place of a loop, if it is better done the other way.
pub(super) fn interchange(func: &mut Func, each: &Loop, span: Span) -> Option<Block> {
    let parts = Parts::of(func, each)?;
    if !parts.gains(each) {
        return None;
    }
    let mut inner = each.clone();
    inner.body.stmts.clone_from(&parts.reads);
    let mut outer = parts.inner.clone();
    inner.body.stmts.append(&mut outer.body.stmts);
    let clears = Loop {
        id: func.fresh_loop(),
        head: each.head.clone(),
        body: Block {
            stmts: parts.clears.clone(),
        },
    };
    outer.body.push(span, StmtKind::Loop(inner));
    let mut out = Block {
        stmts: parts.ahead.clone(),
    };
    let guarded = !out.is_empty();
    out.push(span, StmtKind::Loop(outer));
    if parts.cleared {
        out.push(span, StmtKind::Loop(clears));
    }
    match super::trips(&each.head)? {
        // Bounds are computed only if the body would have done so.
        Some(test) if guarded => {
            let id = func.fresh("t", span, Ty::discrete("bool"), Role::Temp);
            let mut tested = Block::default();
            tested.push(span, StmtKind::Let(id, test));
            let no = Block::default();
            tested.push(span, StmtKind::If(Atom::Var(id), out, no));
            Some(tested)
        }
        _ => Some(out),
    }
}

/// The body of an outer loop, taken apart.
struct Parts {
    /// The bounds of the inner loop, where the body computes them.
    ahead: Vec<Stmt>,
    /// What is read in front of the inner loop.
    reads: Vec<Stmt>,
    /// What is cleared, with the indices it takes.
    clears: Vec<Stmt>,
    cleared: bool,
    inner: Loop,
}

impl Parts {
    fn of(func: &Func, each: &Loop) -> Option<Parts> {
        let var = plain(func, each)?;
        let body = Body::of(each);
        let mut inner = None;
        let (mut reads, mut clears) = (Vec::new(), Vec::new());
        let mut cleared: HashMap<VarId, Place> = HashMap::new();
        let mut read_at = Vec::new();
        for stmt in &each.body.stmts {
            match &stmt.kind {
                StmtKind::Loop(found) if inner.is_none() => inner = Some(found.clone()),
                // Behind the inner loop there may be nothing.
                _ if inner.is_some() => return None,
                kind if read(func, kind) => {
                    // What has been cleared reads as zero.
                    let places = kind.access().reads;
                    if places.iter().any(|place| cleared.contains_key(&place.root)) {
                        return None;
                    }
                    read_at.extend(places.into_iter().cloned());
                    reads.push(stmt.clone());
                    if matches!(&kind, StmtKind::Let(id, _) if index(func, *id)) {
                        clears.push(stmt.clone());
                    }
                }
                kind => {
                    let place = clear(kind, &body, var)?;
                    if cleared.insert(place.root, place.clone()).is_some() {
                        return None;
                    }
                    clears.push(stmt.clone());
                }
            }
        }
        let inner = inner?;
        let other = plain(func, &inner)?;
        let Head::Range(range) = &inner.head else {
            return None;
        };
        let written = written(each);
        let mut bounds = HashSet::new();
        let mut steady = |atom: &Atom| steady(&body, &written, atom, &mut bounds);
        // In front of the inner loop only what neither writes is read, and what is cleared.
        let left_alone = |place: &Place| {
            !written.contains(&place.root) || cleared.get(&place.root) == Some(place)
        };
        let fine = other != var
            && steady(&range.from)
            && steady(&range.to)
            && read_at.iter().all(left_alone)
            && reads.iter().all(|stmt| made_of(stmt, &written));
        let is_bound =
            |stmt: &Stmt| matches!(&stmt.kind, StmtKind::Let(id, _) if bounds.contains(id));
        let (ahead, reads) = reads.into_iter().partition(is_bound);
        clears.retain(|stmt| !is_bound(stmt));
        let cleared_roots = cleared.keys().copied().collect();
        (fine && adds(func, &inner.body, &written, &cleared_roots)).then_some(Parts {
            ahead,
            reads,
            clears,
            cleared: !cleared.is_empty(),
            inner,
        })
    }

    /// Whether fewer accesses have a stride the other way round.
    fn gains(&self, each: &Loop) -> bool {
        let (Head::Range(outer), Head::Range(inner)) = (&each.head, &self.inner.head) else {
            return false;
        };
        let strides = |along: VarId, other: VarId| {
            let mut body = Body::of(each);
            body.changing.remove(&other);
            let mut places: Vec<&Place> = Vec::new();
            walk(&self.inner.body, &mut |stmt| {
                let access = stmt.kind.access();
                for place in access.reads.into_iter().chain(access.writes) {
                    if !places.contains(&place) {
                        places.push(place);
                    }
                }
            });
            let strided = |place: &&&Place| match place.path.as_slice() {
                [Proj::Index(index)] => body.slope(index, along).is_none(),
                _ => false,
            };
            places.iter().filter(strided).count()
        };
        strides(inner.var, outer.var) > strides(outer.var, inner.var)
    }
}

/// Whether a bound is the same in all trips; `found`: what computes it in the body.
fn steady(body: &Body, written: &HashSet<VarId>, atom: &Atom, found: &mut HashSet<VarId>) -> bool {
    let Some(id) = atom.var().filter(|_| !body.fixed(atom)) else {
        return true;
    };
    let steady = match body.values.get(&id) {
        Some(Value::Len(place)) => {
            !written.contains(&place.root) && place.atoms().all(|atom| body.fixed(atom))
        }
        Some(Value::Rule(_, atoms, _)) => {
            atoms.iter().all(|atom| steady(body, written, atom, found))
        }
        _ => false,
    };
    found.insert(id);
    steady
}

/// The variable of a loop through all of a range of `usize`.
fn plain(func: &Func, each: &Loop) -> Option<VarId> {
    let Head::Range(range) = &each.head else {
        return None;
    };
    let usual = func.var(range.var).ty.is_usize();
    (usual && range.is_whole()).then_some(range.var)
}

fn index(func: &Func, id: VarId) -> bool {
    matches!(func.var(id).ty, Ty::Discrete(_))
}

/// Whether a statement names a number and does nothing else.
fn read(func: &Func, kind: &StmtKind) -> bool {
    match kind {
        StmtKind::Let(id, value) | StmtKind::Cell(id, Some(value)) => {
            let pure = matches!(
                value,
                Value::Atom(_)
                    | Value::Rule(..)
                    | Value::Load(_)
                    | Value::Len(_)
                    | Value::Gated(..)
                    | Value::Negate(_)
                    | Value::Cast(..)
            );
            pure && func.var(*id).ty.is_scalar()
        }
        _ => false,
    }
}

/// Whether a statement uses no variable that the loops write.
fn made_of(stmt: &Stmt, written: &HashSet<VarId>) -> bool {
    let access = stmt.kind.access();
    let mut atoms = access.atoms.iter().filter_map(|atom| atom.var());
    atoms.all(|id| !written.contains(&id))
}

/// The element of the trip that a statement clears.
fn clear(kind: &StmtKind, body: &Body, var: VarId) -> Option<Place> {
    match kind {
        StmtKind::Gate(_, inner) => match inner.stmts.as_slice() {
            [one] => clear(&one.kind, body, var),
            _ => None,
        },
        StmtKind::Store { place, value, .. } if value.is_zero_float() => {
            match place.path.as_slice() {
                [Proj::Index(index)] if body.slope(index, var) == Some(1) => Some(place.clone()),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Variables from outside that a loop writes.
fn written(each: &Loop) -> HashSet<VarId> {
    let (mut written, mut own) = (HashSet::new(), HashSet::new());
    walk(&each.body, &mut |stmt| {
        let access = stmt.kind.access();
        written.extend(access.writes.iter().map(|place| place.root));
        own.extend(access.defines);
    });
    &written - &own
}

/// Whether a body only adds to elements, made of what the loops do not write.
fn adds(func: &Func, body: &Block, written: &HashSet<VarId>, cleared: &HashSet<VarId>) -> bool {
    let mut fine = true;
    walk(body, &mut |stmt| {
        let access = stmt.kind.access();
        fine &= made_of(stmt, written);
        fine &= match &stmt.kind {
            StmtKind::Update { place, .. } => {
                let shadow = matches!(func.var(place.root).role, Role::Shadow);
                let element = matches!(place.path.as_slice(), [Proj::Index(_)]);
                shadow && element && !cleared.contains(&place.root)
            }
            StmtKind::Gate(..) => true,
            kind => {
                let reads = access.reads.iter();
                read(func, kind)
                    && reads
                        .map(|place| place.root)
                        .all(|id| !written.contains(&id))
            }
        };
    });
    fine
}
