//! Gates, as they are printed: those always open are dissolved, neighbours with
//! the same condition become one, and values used behind one gate only move there.

use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::Ident;

pub(super) fn dissolve(block: &Block, gates: &[Option<Ident>]) -> Block {
    let mut out = Block::default();
    for stmt in &block.stmts {
        let mut stmt = stmt.clone();
        for inner in stmt.kind.blocks_mut() {
            *inner = dissolve(inner, gates);
        }
        match stmt.kind {
            StmtKind::Gate(params, inner) => {
                let open = params
                    .iter()
                    .any(|position| gates.get(*position).is_none_or(Option::is_none));
                if open {
                    out.stmts.extend(inner.stmts);
                } else {
                    behind(stmt.span, params, inner, &mut out);
                }
            }
            kind => out.push(stmt.span, kind),
        }
    }
    sink(&mut out);
    out
}

/// Appends a gate, to the one before if the condition is the same.
fn behind(span: proc_macro2::Span, params: Params, inner: Block, out: &mut Block) {
    if let Some(Stmt {
        kind: StmtKind::Gate(known, body),
        ..
    }) = out.stmts.last_mut()
        && *known == params
    {
        body.stmts.extend(inner.stmts);
        return;
    }
    out.push(span, StmtKind::Gate(params, inner));
}

/// Moves values that only one gate uses behind it.
fn sink(block: &mut Block) {
    let mut index = 0;
    while index < block.stmts.len() {
        if matches!(block.stmts[index].kind, StmtKind::Gate(..)) {
            index = sink_into(block, index);
        }
        index += 1;
    }
}

/// Returns the new index of the gate.
fn sink_into(block: &mut Block, gate: usize) -> usize {
    let mut at = gate;
    let mut before = gate;
    while before > 0 {
        before -= 1;
        let StmtKind::Let(id, value) = &block.stmts[before].kind else {
            break;
        };
        let pure = !matches!(value, Value::Opaque(_)) && value.place().is_none();
        let elsewhere = block
            .stmts
            .iter()
            .enumerate()
            .any(|(index, stmt)| index != at && mentions(stmt, *id));
        if pure && !elsewhere {
            let stmt = block.stmts.remove(before);
            at -= 1;
            if let StmtKind::Gate(_, body) = &mut block.stmts[at].kind {
                body.stmts.insert(0, stmt);
            }
        }
    }
    at
}

fn mentions(stmt: &Stmt, id: VarId) -> bool {
    let mut found = stmt.kind.access().variables().any(|other| other == id);
    for inner in stmt.kind.blocks() {
        walk(inner, &mut |stmt| {
            found |= stmt.kind.access().variables().any(|other| other == id);
        });
    }
    found
}
