//! A call whose value nobody wants is differentiated in one call.
//!
//! A pullback keeps what the reverse needs from the call to the reverse. Where it is called in
//! the same block, and the arguments are still what they were, the joint derivative does the
//! same, and need not keep anything:
//!
//! ```text
//! let (_, pullback) = f::__augmented(x);
//! ..                                       ..
//! pullback(x, d_x, seed);                  f::__reverse(x, d_x, seed);
//! ```

use super::join::{Written, uses};
use super::reverse::Sweeps;
use super::slice::expand_args;
use crate::analysis::views::Views;
use crate::ir::visit::walk;
use crate::ir::*;
use std::collections::{HashMap, HashSet};

/// Puts joint derivatives in place of pairs. `split`: the sweeps are separate calls.
pub(super) fn joint(sweeps: &mut Sweeps, views: &Views, split: bool) {
    let mut counts: HashMap<VarId, usize> = HashMap::new();
    for block in [&sweeps.func.body, &sweeps.reverse] {
        walk(block, &mut |stmt| {
            for id in stmt.kind.access().variables() {
                *counts.entry(id).or_default() += 1;
            }
        });
    }
    if let Some(id) = sweeps.func.ret.as_ref().and_then(Atom::var) {
        *counts.entry(id).or_default() += 1;
    }
    let mut merged = HashSet::new();
    sweeps.as_one(split, |_, stmts| {
        block(views, &counts, stmts, &mut merged);
    });
    for body in [&mut sweeps.func.body, &mut sweeps.reverse] {
        drop_augmented(body, &merged);
    }
}

fn block(
    views: &Views,
    counts: &HashMap<VarId, usize>,
    stmts: &mut [Stmt],
    merged: &mut HashSet<VarId>,
) {
    for stmt in &mut *stmts {
        for inner in stmt.kind.blocks_mut() {
            block(views, counts, &mut inner.stmts, merged);
        }
    }
    let mut open: HashMap<VarId, (usize, Call)> = HashMap::new();
    let mut written = Written::default();
    for (at, stmt) in stmts.iter_mut().enumerate() {
        match &mut stmt.kind {
            StmtKind::Derivative(derivative) if derivative.kind == DerivativeKind::Augmented => {
                let call = &derivative.call;
                let wanted = call.out.is_some_and(|out| counts.contains_key(&out));
                if let Some(pullback) = derivative.second
                    && !wanted
                    && reads_only(call)
                    && counts.get(&pullback) == Some(&1)
                {
                    let mut call = call.clone();
                    expand_args(&mut call.args, views);
                    open.insert(pullback, (at, call));
                }
            }
            StmtKind::Derivative(derivative) if derivative.kind == DerivativeKind::Pullback => {
                if let Some(pullback) = derivative.second
                    && let Some((since, call)) = open.remove(&pullback)
                    && same_places(&call, &derivative.call)
                    && !uses(&call, views).any(|id| written.after(id, since))
                {
                    derivative.kind = DerivativeKind::Joint;
                    derivative.second = None;
                    derivative.call = Call { out: None, ..call };
                    merged.insert(pullback);
                }
            }
            _ => {}
        }
        written.note(stmt, at, views);
    }
}

/// Whether a call changes none of its arguments.
fn reads_only(call: &Call) -> bool {
    call.args.iter().all(|arg| match arg {
        Arg::Value(_) => true,
        Arg::Ref { mutability, .. } => *mutability == Mutability::Shared,
    })
}

/// Whether a pullback gets references to what the call had.
fn same_places(call: &Call, again: &Call) -> bool {
    let mut pairs = call.args.iter().zip(&again.args);
    pairs.all(|(arg, again)| match (arg, again) {
        (Arg::Ref { place, .. }, Arg::Ref { place: other, .. }) => place == other,
        (Arg::Value(_), Arg::Value(_)) => true,
        _ => false,
    })
}

fn drop_augmented(body: &mut Block, merged: &HashSet<VarId>) {
    body.stmts.retain(|stmt| match &stmt.kind {
        StmtKind::Derivative(derivative) if derivative.kind == DerivativeKind::Augmented => {
            !derivative.second.is_some_and(|id| merged.contains(&id))
        }
        _ => true,
    });
    for stmt in &mut body.stmts {
        for inner in stmt.kind.blocks_mut() {
            drop_augmented(inner, merged);
        }
    }
}
