//! The loop without the linear part, and the linear part behind it.

use super::super::reverse::Sweeps;
use super::Found;
use crate::ir::*;
use proc_macro2::Span;

/// Rewrites the loop at `at`. Where to go on: at the loop, which may have more of them.
pub(super) fn emit(sweeps: &mut Sweeps, at: usize, found: Found) -> usize {
    let span = sweeps.reverse.stmts[at].span;
    let StmtKind::Loop(mut each) = sweeps.reverse.stmts[at].kind.clone() else {
        return 1;
    };
    let block = match found.inner {
        Some(inner) => each.body.stmts[inner].kind.blocks()[0].clone(),
        None => each.body.clone(),
    };
    let StmtKind::Derivative(call) = &block.stmts[found.at].kind else {
        return 1;
    };
    let range = found
        .inner
        .and_then(|inner| match &each.body.stmts[inner].kind {
            StmtKind::Loop(inner) => match &inner.head {
                Head::Range(range) => Some(range.clone()),
                _ => None,
            },
            _ => None,
        });
    let Some(d_result) = call.shadows[found.result]
        .place
        .as_ref()
        .map(|place| place.root)
    else {
        return 1;
    };
    let func = &mut sweeps.func;
    let mut before = Block::default();
    let sums = sums(func, d_result, range.as_ref(), &mut before, span);
    let behind = behind(func, &found, call, &block, &sums, range, span);
    let gate = call.shadows[found.argument]
        .active
        .clone()
        .unwrap_or_default();
    let rewritten = rewritten(&found, &block, &sums, &gate);
    let target = match found.inner {
        Some(inner) => each.body.stmts[inner].kind.blocks_mut().swap_remove(0),
        None => &mut each.body,
    };
    *target = rewritten;
    mark(&mut sweeps.func.body, call.second, &found);
    mark(&mut each.body, call.second, &found);
    let test = super::super::tighten::trips(&each.head);
    sweeps.reverse.stmts[at].kind = StmtKind::Loop(each);
    let mut after = Block::default();
    let mut given = Block::default();
    given.push(
        span,
        StmtKind::Given(vec![found.fact.clone()], gated(behind, &gate, span)),
    );
    match test.flatten() {
        Some(test) => {
            let id = sweeps
                .func
                .fresh("t", span, Ty::discrete("bool"), Role::Temp);
            after.push(span, StmtKind::Let(id, test));
            after.push(span, StmtKind::If(Atom::Var(id), given, Block::default()));
        }
        None => after = given,
    }
    let put = before.stmts.len();
    let stmts = &mut sweeps.reverse.stmts;
    stmts.splice(at + 1..at + 1, after.stmts);
    stmts.splice(at..at, before.stmts);
    put
}

/// Declares the sum of the adjoints, or one for each trip of the inner loop.
fn sums(
    func: &mut Func,
    d_result: VarId,
    range: Option<&Range>,
    before: &mut Block,
    span: Span,
) -> Place {
    let var = func.var(d_result).clone();
    let name = format!("{}_sum", var.name);
    let sum = func.fresh(&name, span, var.ty.clone(), Role::Shadow);
    func.var_mut(sum).cell = true;
    let zero = Value::ZeroLike(Place::of(d_result));
    let Some(range) = range else {
        before.push(span, StmtKind::Cell(sum, Some(zero)));
        return Place::of(sum);
    };
    let one = func.fresh("zero", span, var.ty.clone(), Role::Temp);
    before.push(span, StmtKind::Let(one, zero));
    func.var_mut(sum).ty = Ty::Seq(Box::new(var.ty), SeqForm::Vec);
    let rows = Value::Repeat(SeqForm::Vec, Atom::Var(one), range.to.clone());
    before.push(span, StmtKind::Cell(sum, Some(rows)));
    Place::of(sum).then(Proj::Index(Atom::Var(range.var)))
}

/// The block around the call: the sum is formed, and nothing is passed on.
fn rewritten(found: &Found, block: &Block, sums: &Place, gate: &Params) -> Block {
    let mut out = Block::default();
    let fact = || vec![found.fact.clone()];
    for (position, stmt) in block.stmts.iter().enumerate() {
        let span = stmt.span;
        if position == summed_at(found, block)
            && let StmtKind::Derivative(call) = &block.stmts[found.at].kind
            && let Some(from) = call.shadows[found.result].place.clone()
        {
            let mut sum = Block::default();
            let into = sums.clone();
            sum.push(span, StmtKind::Accumulate { into, from });
            out.push(span, StmtKind::Given(fact(), gated(sum, gate, span)));
        }
        if !found.consumers.contains(&position) {
            out.stmts.push(stmt.clone());
        }
        // All together, where they have all that they use.
        if found.consumers.last() == Some(&position) {
            let copy = |at: &usize| block.stmts[*at].clone();
            let stmts = found.consumers.iter().map(copy).collect();
            out.push(span, StmtKind::Unless(fact(), Block { stmts }));
        }
    }
    out
}

/// Where the sum is formed: in front of the call, and of the value that stands for the
/// adjoint of no result.
fn summed_at(found: &Found, block: &Block) -> usize {
    let before = found.at.checked_sub(1);
    let hollow = |at: &usize| {
        let kind = &block.stmts[*at].kind;
        matches!(kind, StmtKind::Let(_, Value::Helper("hollow", _)))
    };
    before.filter(hollow).unwrap_or(found.at)
}

/// The linear part, applied to the sums.
fn behind(
    func: &mut Func,
    found: &Found,
    call: &Derivative,
    block: &Block,
    sums: &Place,
    range: Option<Range>,
    span: Span,
) -> Block {
    let mut body = Block::default();
    let copy = |at: &usize| block.stmts[*at].clone();
    body.stmts.extend(found.again.iter().map(copy));
    let shadows = call.shadows.iter().enumerate();
    let shadows = shadows.map(|(position, shadow)| match position {
        position if position == found.argument => shadow.clone(),
        position if position == found.result => ShadowArg {
            active: shadow.active.clone(),
            place: Some(sums.clone()),
            later: None,
        },
        _ => ShadowArg::none(),
    });
    // There is no result whose adjoint could be passed.
    let nothing = func.fresh("t", span, Ty::Unknown, Role::Temp);
    let hollow = Value::Helper("hollow", Vec::new());
    body.push(span, StmtKind::Let(nothing, hollow));
    let linear = Derivative {
        kind: DerivativeKind::Joint,
        call: Call {
            out: None,
            callee: call.call.callee.clone(),
            args: found.args.clone(),
            repeated: false,
        },
        shadows: shadows.collect(),
        seed: Some(Atom::Var(nothing)),
        second: None,
    };
    body.push(span, StmtKind::Derivative(linear));
    body.stmts.extend(found.consumers.iter().map(copy));
    let Some(range) = range else {
        return body;
    };
    let each = Loop {
        id: func.fresh_loop(),
        head: Head::Range(Range {
            adapters: Vec::new(),
            ..range
        }),
        body,
    };
    let mut out = Block::default();
    out.push(span, StmtKind::Loop(each));
    out
}

/// Notes at the call of the forward sweep that the argument's adjoint comes later.
fn mark(block: &mut Block, pullback: Option<VarId>, found: &Found) {
    for stmt in &mut block.stmts {
        if let StmtKind::Derivative(call) = &mut stmt.kind
            && call.kind == DerivativeKind::Augmented
            && call.second == pullback
        {
            call.shadows[found.argument].later = Some(found.fact.clone());
        }
        for inner in stmt.kind.blocks_mut() {
            mark(inner, pullback, found);
        }
    }
}

fn gated(block: Block, gate: &Params, span: Span) -> Block {
    if gate.is_empty() {
        return block;
    }
    let mut out = Block::default();
    out.push(span, StmtKind::Gate(gate.clone(), block));
    out
}
