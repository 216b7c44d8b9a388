//! `#[checkpoint]`: a loop of `n` trips becomes one of `√n` trips around one of `√n`.
//!
//! The outer loop is run again piece by piece ([`crate::analysis::rerun`]), so that
//! only one piece at a time has tapes. (Griewank, 1992, with two levels.)

use crate::ir::*;
use quote::quote;

/// Tiles all loops that ask for it; the outer loops ask to be run again.
pub(crate) fn tile(func: &mut Func) {
    let mut body = std::mem::take(&mut func.body);
    block(func, &mut body);
    func.body = body;
}

fn block(func: &mut Func, body: &mut Block) {
    let stmts = std::mem::take(&mut body.stmts);
    for mut stmt in stmts {
        for inner in stmt.kind.blocks_mut() {
            block(func, inner);
        }
        match stmt.kind {
            StmtKind::Loop(each) if asks(func, each.id) && !super::breaks(&each.body) => {
                let outer = pieces(func, each, stmt.span, body);
                body.push(stmt.span, outer);
            }
            kind => body.push(stmt.span, kind),
        }
    }
}

fn asks(func: &Func, id: LoopId) -> bool {
    let checkpoint = func.checkpoints.get(&id);
    checkpoint.is_some_and(|checkpoint| checkpoint.budget.is_none())
}

fn pieces(func: &mut Func, mut each: Loop, span: proc_macro2::Span, out: &mut Block) -> StmtKind {
    let Head::Range(range) = &mut each.head else {
        return StmtKind::Loop(each);
    };
    let mut index = |name: &str| func.fresh(name, span, Ty::discrete("usize"), Role::Temp);
    let (length, start, end) = (index("piece"), index("start"), index("end"));
    let (from, to) = (range.from.clone(), range.to.clone());
    let ask =
        |function: proc_macro2::TokenStream, atoms| Value::Inert(Inert::Function(function), atoms);
    let whole = ask(quote!(ad_rt::piece), vec![from.clone(), to.clone()]);
    out.push(span, StmtKind::Let(length, whole));
    range.from = Atom::Var(start);
    range.to = Atom::Var(end);
    let until = vec![Atom::Var(start), Atom::Var(length), to.clone()];
    let mut body = Block::default();
    body.push(
        span,
        StmtKind::Let(end, ask(quote!(ad_rt::piece_end), until)),
    );
    let id = func.fresh_loop();
    if let Some(checkpoint) = func.checkpoints.remove(&each.id) {
        func.checkpoints.insert(id, checkpoint);
    }
    body.push(span, StmtKind::Loop(each));
    let head = Head::Range(Range {
        var: start,
        from,
        to,
        inclusive: false,
        adapters: vec![Adapter::StepBy(Atom::Var(length))],
    });
    StmtKind::Loop(Loop { id, head, body })
}
