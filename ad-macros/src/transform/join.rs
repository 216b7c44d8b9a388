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
    sweeps.as_one(split, |func, stmts| block(func, views, stmts));
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
    let mut written = Written::default();
    let mut found = Vec::new();
    for (at, stmt) in stmts.iter().enumerate() {
        match &stmt.kind {
            StmtKind::Call(call) if of_numbers(func, call) => {
                calls.entry(key(call, views)).or_default().push(at);
            }
            StmtKind::Derivative(derivative) if derivative.kind == DerivativeKind::Joint => {
                let call = &derivative.call;
                let last = calls.get_mut(&key(call, views)).and_then(Vec::pop);
                let known = |at: &usize| !uses(call, views).any(|id| written.after(id, *at));
                found.extend(last.filter(known).map(|call| (call, at)));
            }
            _ => {}
        }
        written.note(stmt, at, views);
    }
    found
}

/// Where the variables of a block were written last.
#[derive(Default)]
pub(super) struct Written {
    last: HashMap<VarId, usize>,
}

impl Written {
    /// Whether a variable was written behind or by the statement at a position.
    pub fn after(&self, id: VarId, at: usize) -> bool {
        self.last.get(&id).is_some_and(|last| *last >= at)
    }

    /// Takes note of what a statement writes, nested ones included.
    pub fn note(&mut self, stmt: &Stmt, at: usize, views: &Views) {
        let mut note = |stmt: &Stmt| {
            for place in stmt.kind.access().writes {
                self.last.insert(views.root(place.root), at);
            }
            if let StmtKind::Forget(id) = stmt.kind {
                self.last.insert(id, at);
            }
        };
        note(stmt);
        for inner in stmt.kind.blocks() {
            walk(inner, &mut note);
        }
    }
}

/// The variables that a call reads.
pub(super) fn uses(call: &Call, views: &Views) -> impl Iterator<Item = VarId> {
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
