//! The forward sweep with what the reverse sweep wants saved: tapes are pushed,
//! trips counted, calls augmented, what is overwritten copied.

use super::adjoint::{Adjoint, Again, Kept};
use super::calls::Strategy;
use super::replay::breaks;
use super::slice::diverges;
use crate::analysis::layout::BlockId;
use crate::analysis::rerun::Rerun;
use crate::ir::*;
use proc_macro2::Span;
use std::collections::BTreeSet;

/// Rewrites a forward block and the blocks in it.
pub(super) fn augment(adjoint: &mut Adjoint, block: &Block, at: &mut usize) -> Block {
    let id = adjoint.layout.id(block);
    let start = *at;
    let mut out = Block::default();
    let mut ends = Vec::new();
    for stmt in &block.stmts {
        if adjoint
            .again
            .as_ref()
            .is_some_and(|again| again.end == Some(*at))
        {
            break;
        }
        statement(adjoint, stmt, at, &mut out);
        ends.push((*at, out.stmts.len()));
    }
    push_saved(adjoint, id, start, &ends, &mut out);
    hand_over(adjoint, id, start..*at, &mut out);
    out
}

/// Keeps by exchange what the block's own calls want again, when it is done.
fn hand_over(adjoint: &Adjoint, id: BlockId, span: std::ops::Range<usize>, out: &mut Block) {
    for (at, kept) in adjoint.keeps.range(span) {
        let own = adjoint.layout.order[*at].1 == id;
        let handed = kept.iter().filter(|kept| own && kept.exchange.is_some());
        for kept in handed {
            out.push(adjoint.layout.order[*at].0.span, keep(kept));
        }
    }
}

/// An iteration as it is run again: without the sums, which nobody reads, and without
/// effects, but for panics.
pub(super) fn again(adjoint: &mut Adjoint, block: &Block, rerun: &Rerun, first: usize) -> Block {
    adjoint.again = Some(begin(adjoint, block, rerun));
    let out = augment(adjoint, block, &mut { first });
    adjoint.again = None;
    out
}

/// An iteration on the way to a checkpoint: nothing is saved.
pub(super) fn advance(adjoint: &mut Adjoint, block: &Block, rerun: &Rerun, first: usize) -> Block {
    adjoint.again = Some(begin(adjoint, block, rerun));
    let out = plain(adjoint, block, &mut { first });
    adjoint.again = None;
    out
}

fn begin(adjoint: &Adjoint, block: &Block, rerun: &Rerun) -> Again {
    let (layout, body) = (adjoint.layout, adjoint.layout.id(block));
    let outside = |id| !layout.within(layout.home(id), body);
    Again {
        sums: rerun.sums.clone(),
        end: rerun.end,
        views: adjoint.facts.views.only(outside),
    }
}

/// The statements as they are: what is run again saves nothing the first time.
fn plain(adjoint: &Adjoint, block: &Block, at: &mut usize) -> Block {
    let mut out = Block::default();
    for stmt in &block.stmts {
        let here = *at;
        *at += 1;
        if left_out(adjoint, &stmt.kind, here) {
            continue;
        }
        let mut kind = emitted(adjoint, &stmt.kind);
        if let StmtKind::Call(call) = &mut kind {
            call.repeated = adjoint.reversed.contains(&here);
        }
        let inner: Vec<Block> = stmt
            .kind
            .blocks()
            .into_iter()
            .map(|inner| plain(adjoint, inner, at))
            .collect();
        for (slot, inner) in kind.blocks_mut().into_iter().zip(inner) {
            *slot = inner;
        }
        out.push(stmt.span, kind);
    }
    out
}

/// Whether the reverse sweep does a statement instead, or an iteration that is run again
/// does without it: a sum, or an effect that has happened already.
fn left_out(adjoint: &Adjoint, kind: &StmtKind, at: usize) -> bool {
    if adjoint.fused.as_ref().is_some_and(|fused| fused.moves(at)) {
        return true;
    }
    let Some(again) = &adjoint.again else {
        return false;
    };
    match kind {
        StmtKind::Effect(opaque) => !diverges(opaque),
        _ => again.sums.contains(&at),
    }
}

/// A statement as it is emitted. In the reverse sweep views from outside are written
/// out: no borrow reaches into it from the forward sweep.
fn emitted(adjoint: &Adjoint, kind: &StmtKind) -> StmtKind {
    let mut kind = kind.clone();
    if let Some(again) = &adjoint.again {
        super::slice::expand(&mut kind, &again.views);
    }
    kind
}

pub(super) fn keep(kept: &Kept) -> StmtKind {
    StmtKind::Keep {
        tape: kept.tape,
        place: kept.place.clone(),
        unless: kept.unless.clone(),
        exchange: kept.exchange.clone(),
    }
}

fn statement(adjoint: &mut Adjoint, stmt: &Stmt, at: &mut usize, out: &mut Block) {
    let here = *at;
    *at += 1;
    let span = stmt.span;
    match &stmt.kind {
        StmtKind::If(cond, yes, no) => {
            let yes = augment(adjoint, yes, at);
            let no = augment(adjoint, no, at);
            out.push(span, StmtKind::If(cond.clone(), yes, no));
        }
        StmtKind::Loop(each) => {
            let each = loop_stmt(adjoint, each, at, span, out);
            out.push(span, StmtKind::Loop(each));
        }
        StmtKind::Call(_) => {
            if let StmtKind::Call(call) = &emitted(adjoint, &stmt.kind) {
                call_stmt(adjoint, call, here, span, out);
            }
        }
        kind => {
            if let (StmtKind::Store { place, .. }, Some(shape)) = (kind, adjoint.shapes.get(&here))
            {
                let zero = Value::ZeroLike(place.clone());
                out.push(span, StmtKind::Let(*shape, zero));
            }
            for kept in adjoint.keeps.get(&here).into_iter().flatten() {
                out.push(span, keep(kept));
            }
            if !left_out(adjoint, kind, here) {
                out.push(span, emitted(adjoint, kind));
            }
        }
    }
}

fn loop_stmt(
    adjoint: &mut Adjoint,
    each: &Loop,
    at: &mut usize,
    span: Span,
    out: &mut Block,
) -> Loop {
    if let Some(kept) = adjoint.keeps.get(&(*at - 1)).cloned() {
        let mut body = Block::default();
        let checkpoint = adjoint.facts.func.checkpoints.get(&each.id);
        let once = checkpoint.is_some_and(|checkpoint| checkpoint.budget.is_some());
        let place = if once { &mut *out } else { &mut body };
        for kept in &kept {
            place.push(span, keep(kept));
        }
        body.stmts.extend(plain(adjoint, &each.body, at).stmts);
        return Loop {
            id: each.id,
            head: each.head.clone(),
            body,
        };
    }
    let head = match &each.head {
        Head::While(test, cond) => Head::While(augment(adjoint, test, at), cond.clone()),
        head => head.clone(),
    };
    let mut body = augment(adjoint, &each.body, at);
    if let Some(saved) = adjoint.saves.get(&adjoint.layout.id(&each.body))
        && let Some((from, to)) = trips_known(adjoint, each)
    {
        out.push(span, StmtKind::Reserve(saved.tape, from, to));
    }
    if let Some(trips) = adjoint.trips.get(&each.id) {
        let zero = Value::Atom(Atom::Lit(syn::parse_quote!(0_usize)));
        out.push(span, StmtKind::Cell(*trips, Some(zero)));
        let count = StmtKind::Update {
            place: Place::of(*trips),
            op: Sign::Plus,
            value: Atom::int(1),
        };
        body.stmts.insert(0, Stmt { span, kind: count });
    }
    Loop {
        id: each.id,
        head,
        body,
    }
}

/// The bounds of a loop over `usize` that runs through all of its range.
fn trips_known(adjoint: &Adjoint, each: &Loop) -> Option<(Atom, Atom)> {
    let Head::Range(range) = &each.head else {
        return None;
    };
    let index = adjoint.func.var(range.var).ty.is_usize();
    let all = range.is_whole() && !breaks(&each.body);
    (index && all).then(|| (range.from.clone(), range.to.clone()))
}

fn call_stmt(adjoint: &mut Adjoint, call: &Call, here: usize, span: Span, out: &mut Block) {
    let augmented = adjoint.strategies.get(&here) == Some(&Strategy::Augmented);
    let Some(pullback) = adjoint.pullbacks.get(&here).copied().filter(|_| augmented) else {
        // A joint derivative in the reverse sweep runs the callee again.
        let joint = adjoint.strategies.get(&here) == Some(&Strategy::Joint);
        let repeated = joint && adjoint.reversed.contains(&here);
        out.push(
            span,
            StmtKind::Call(Call {
                repeated,
                ..call.clone()
            }),
        );
        return;
    };
    let copied = adjoint.keeps.get(&here).into_iter().flatten();
    for kept in copied.filter(|kept| kept.exchange.is_none()) {
        let mut keep = keep(kept);
        if let (StmtKind::Keep { place, .. }, Some(again)) = (&mut keep, &adjoint.again) {
            *place = again.views.expand(place);
        }
        out.push(span, keep);
    }
    let copies = adjoint.copies.get(&here).cloned().unwrap_or_default();
    for (arg, copy) in call.args.iter().zip(copies) {
        if let (Arg::Ref { place, .. }, Some(copy)) = (arg, copy) {
            out.push(span, StmtKind::Let(copy, Value::Own(place.clone())));
        }
    }
    let shadows = call
        .args
        .iter()
        .map(|arg| ShadowArg {
            active: active(adjoint, arg),
            place: None,
            later: None,
        })
        .collect();
    out.push(
        span,
        StmtKind::Derivative(Derivative {
            kind: DerivativeKind::Augmented,
            call: call.clone(),
            shadows,
            seed: None,
            second: Some(pullback),
        }),
    );
}

fn active(adjoint: &Adjoint, arg: &Arg) -> Option<Params> {
    let root = match arg {
        Arg::Value(atom) => atom.var()?,
        Arg::Ref { place, .. } => adjoint.facts.views.root(place.root),
    };
    adjoint
        .facts
        .active(root)
        .then(|| adjoint.facts.params(root))
}

/// Pushes the record of a block behind the last statement that makes part of it.
fn push_saved(
    adjoint: &Adjoint,
    id: BlockId,
    start: usize,
    ends: &[(usize, usize)],
    out: &mut Block,
) {
    let Some(saved) = adjoint.saves.get(&id) else {
        return;
    };
    let made = saved.vars.iter().map(|var| last_made(adjoint, *var));
    let lent = saved.vars.iter().map(|var| last_lent(adjoint, id, *var));
    let last = made.chain(lent).max().flatten().unwrap_or(start);
    let index = ends
        .iter()
        .find(|(end, _)| *end > last)
        .map_or(out.stmts.len(), |(_, index)| *index);
    // A range variable is there from the start.
    let index = if last < start { 0 } else { index };
    let push = Stmt {
        span: Span::call_site(),
        kind: StmtKind::Push(saved.tape, saved.vars.clone()),
    };
    match index.checked_sub(1).map(|last| &mut out.stmts[last].kind) {
        // The loop may be left inside the statement: push on every way out of it.
        Some(StmtKind::If(_, yes, no)) if breaks(yes) || breaks(no) => {
            push_at_end(yes, &push);
            push_at_end(no, &push);
        }
        _ => out.stmts.insert(index, push),
    }
}

/// Pushes at the end of a block, in front of a break.
fn push_at_end(block: &mut Block, push: &Stmt) {
    match block.stmts.last_mut().map(|stmt| &mut stmt.kind) {
        Some(StmtKind::Exit(_)) => {
            let last = block.stmts.len() - 1;
            block.stmts.insert(last, push.clone());
        }
        Some(StmtKind::If(_, yes, no)) if breaks(yes) || breaks(no) => {
            push_at_end(yes, push);
            push_at_end(no, push);
        }
        _ => block.stmts.push(push.clone()),
    }
}

/// The position of the last statement of a block that uses memory by a mutable view: it is
/// borrowed until then.
fn last_lent(adjoint: &Adjoint, id: BlockId, var: VarId) -> Option<usize> {
    let func = adjoint.facts.func;
    if adjoint.func.var(var).ty.is_scalar() {
        return None;
    }
    let view = |other: VarId| {
        let held = func.var(other).reference == Some(Mutability::Mutable);
        other != var && held && adjoint.facts.views.root(other) == var
    };
    let span = adjoint.layout.blocks[id.0].span.clone();
    span.rev().find(|at| {
        let access = adjoint.layout.order[*at].0.kind.access();
        access.variables().any(view)
    })
}

/// The position of the last statement that defines or writes a variable.
fn last_made(adjoint: &Adjoint, var: VarId) -> Option<usize> {
    let position = |map: &std::collections::BTreeMap<usize, VarId>| {
        map.iter().find(|(_, id)| **id == var).map(|(at, _)| *at)
    };
    if let Some(at) = position(&adjoint.pullbacks).or_else(|| position(&adjoint.shapes)) {
        return Some(at);
    }
    let again = adjoint
        .copies
        .iter()
        .find(|(_, ids)| ids.contains(&Some(var)));
    if let Some((at, _)) = again {
        return Some(*at);
    }
    if let Some((id, _)) = adjoint.trips.iter().find(|(_, trips)| **trips == var) {
        return adjoint
            .layout
            .order
            .iter()
            .position(|(stmt, _)| matches!(&stmt.kind, StmtKind::Loop(each) if each.id == *id));
    }
    let written: BTreeSet<usize> = adjoint
        .timing
        .writes(var)
        .iter()
        .map(|(at, _)| *at)
        .collect();
    let defined = adjoint
        .layout
        .definition(var)
        .map(|definition| definition.at);
    written.into_iter().chain(defined).max()
}
