//! `at -= 1` in each trip of a loop that runs down, and `x[at]`: the step is taken at
//! once in front of the loop, and `at` becomes `at + j`.

use super::integers::integer;
use super::{Body, Tight};
use crate::ir::visit::walk;
use crate::ir::*;

pub(super) fn linear(func: &mut Func, tight: &mut Tight) {
    let Some(range) = tight.range().cloned() else {
        return;
    };
    let down = matches!(range.adapters.as_slice(), [Adapter::Rev]);
    let index = func.var(range.var).ty.is_usize();
    if !down || !index {
        return;
    }
    for (position, at) in steps(func, tight, &range) {
        tight.guarded = true;
        replace(func, tight, &range, position, at);
    }
}

/// Statements `at -= 1` with all reads of `at` behind them, last ones first.
fn steps(func: &Func, tight: &Tight, range: &Range) -> Vec<(usize, VarId)> {
    let body = Body::of(&tight.each);
    if !body.fixed(&range.from) || !body.fixed(&range.to) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let stmts = &tight.each.body.stmts;
    for (position, stmt) in stmts.iter().enumerate().rev() {
        let StmtKind::Update {
            place,
            op: Sign::Minus,
            value: Atom::Lit(syn::Lit::Int(one)),
        } = &stmt.kind
        else {
            continue;
        };
        let at = place.root;
        let usual = func.var(at).ty.is_usize();
        let plain = usual && place.path.is_empty() && one.base10_digits() == "1";
        if plain && only_read(&tight.each.body, position, at) {
            found.push((position, at));
        }
    }
    found
}

/// Whether nothing but loads behind the step touches `at`.
fn only_read(body: &Block, position: usize, at: VarId) -> bool {
    let mut fine = true;
    for (index, stmt) in body.stmts.iter().enumerate() {
        let touches = |stmt: &Stmt| stmt.kind.access().variables().any(|id| id == at);
        let load = matches!(&stmt.kind, StmtKind::Let(_, Value::Load(place)) if place.root == at);
        if index != position && touches(stmt) {
            fine &= load && index > position;
        }
        for inner in stmt.kind.blocks() {
            walk(inner, &mut |stmt| fine &= !touches(stmt));
        }
    }
    fine
}

fn replace(func: &mut Func, tight: &mut Tight, range: &Range, position: usize, at: VarId) {
    let span = tight.span;
    let trips = integer(
        func,
        "sub",
        [&range.to, &range.from],
        span,
        &mut tight.before,
    );
    let step = StmtKind::Update {
        place: Place::of(at),
        op: Sign::Minus,
        value: trips,
    };
    tight.before.push(span, step);
    tight.each.body.stmts.remove(position);
    let stmts = std::mem::take(&mut tight.each.body.stmts);
    let mut body = Block::default();
    for stmt in stmts {
        match stmt.kind {
            StmtKind::Let(id, Value::Load(place)) if place.root == at => {
                let j = Atom::Var(range.var);
                let along = integer(func, "sub", [&j, &range.from], span, &mut body);
                let value = Value::operation("add", vec![Atom::Var(at), along]);
                body.push(stmt.span, StmtKind::Let(id, value));
            }
            kind => body.push(stmt.span, kind),
        }
    }
    tight.each.body = body;
}
