//! A function that is called for its value and then differentiated runs once.
//!
//! The reverse sweep computes `t = f(x)` again where something wants `t`, and the reverse
//! of the call runs `f` once more. With the pullback it need not:
//!
//! ```text
//! let t = f(x);                            let (t, pullback) = f::__augmented(x);
//! ..                                       ..
//! f::__reverse(x, &mut d_x, d_t);          pullback(&mut d_x, d_t);
//! ```
//!
//! It takes a function of numbers. With arrays by reference, small functions became slower:
//! where both calls are inlined, the values are computed once anyway.

use super::calls::of_numbers;
use super::reverse::Sweeps;
use crate::analysis::views::Views;
use crate::ir::visit::walk;
use crate::ir::*;
use quote::ToTokens;
use std::collections::HashMap;

/// Joins calls with their derivatives. `split`: the sweeps are separate calls.
pub(super) fn join(sweeps: &mut Sweeps, views: &Views, split: bool) {
    let mut reverse = std::mem::take(&mut sweeps.reverse.stmts);
    let forward = &mut sweeps.func.body.stmts;
    let first = forward.len();
    // The two sweeps are one block then.
    if !split {
        forward.append(&mut reverse);
    }
    let mut stmts = if split {
        reverse
    } else {
        std::mem::take(forward)
    };
    block(&mut sweeps.func, views, &mut stmts);
    if split {
        sweeps.reverse.stmts = stmts;
    } else {
        sweeps.reverse.stmts = stmts.split_off(first);
        sweeps.func.body.stmts = stmts;
    }
}

fn block(func: &mut Func, views: &Views, stmts: &mut [Stmt]) {
    for stmt in &mut *stmts {
        for inner in stmt.kind.blocks_mut() {
            block(func, views, &mut inner.stmts);
        }
    }
    for (call, derivative) in pairs(func, views, stmts) {
        let (before, [other, ..]) = stmts.split_at_mut(derivative) else {
            continue;
        };
        let stmt = &mut before[call];
        if let (StmtKind::Call(call), StmtKind::Derivative(derivative)) =
            (&stmt.kind, &mut other.kind)
        {
            let pullback = func.fresh("pullback", stmt.span, Ty::Unknown, Role::Tape);
            let shadows = derivative.shadows.iter().map(|shadow| ShadowArg {
                place: None,
                ..shadow.clone()
            });
            stmt.kind = StmtKind::Derivative(Derivative {
                kind: DerivativeKind::Augmented,
                call: call.clone(),
                shadows: shadows.collect(),
                seed: None,
                second: Some(pullback),
            });
            derivative.kind = DerivativeKind::Pullback;
            derivative.second = Some(pullback);
        }
    }
}

/// Positions of calls, and of derivatives of the same that see what the calls saw.
fn pairs(func: &Func, views: &Views, stmts: &[Stmt]) -> Vec<(usize, usize)> {
    let mut calls: HashMap<(String, String), Vec<usize>> = HashMap::new();
    let mut written: HashMap<VarId, usize> = HashMap::new();
    let mut found = Vec::new();
    for (at, stmt) in stmts.iter().enumerate() {
        match &stmt.kind {
            StmtKind::Call(call) if of_numbers(func, call) => {
                calls.entry(key(call, views)).or_default().push(at);
            }
            StmtKind::Derivative(derivative) if derivative.kind == DerivativeKind::Joint => {
                let call = &derivative.call;
                let last = calls.get_mut(&key(call, views)).and_then(Vec::pop);
                let known = |at: &usize| {
                    let mut used = uses(call, views);
                    used.all(|id| written.get(&id).is_none_or(|written| written < at))
                };
                found.extend(last.filter(known).map(|call| (call, at)));
            }
            _ => {}
        }
        let mut note = |stmt: &Stmt| {
            for place in stmt.kind.access().writes {
                written.insert(views.root(place.root), at);
            }
            if let StmtKind::Forget(id) = stmt.kind {
                written.insert(id, at);
            }
        };
        note(stmt);
        for inner in stmt.kind.blocks() {
            walk(inner, &mut note);
        }
    }
    found
}

/// The variables that a call reads.
fn uses(call: &Call, views: &Views) -> impl Iterator<Item = VarId> {
    let mut used = Vec::new();
    for arg in &call.args {
        match arg {
            Arg::Value(atom) => used.extend(atom.var()),
            Arg::Ref { place, .. } => {
                let place = views.expand(place);
                used.extend(place.atoms().filter_map(Atom::var));
                used.push(place.root);
            }
        }
    }
    used.into_iter()
}

/// What tells calls apart: the callee and the arguments, with views written out.
fn key(call: &Call, views: &Views) -> (String, String) {
    let mut args = call.args.clone();
    super::slice::expand_args(&mut args, views);
    (
        call.callee.to_token_stream().to_string(),
        format!("{args:?}"),
    )
}
