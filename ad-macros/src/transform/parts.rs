//! Parts of results that are no numbers are copies.
//!
//! `let (a, b) = g(x)` moves a vector out of the result, which derivatives want as a whole: its
//! shape is that of its adjoint. What is a number by its uses is copied anyway.

use crate::analysis::layout::Layout;
use crate::ir::visit::walk;
use crate::ir::*;
use std::collections::HashSet;

pub(crate) fn own_parts(func: &mut Func) {
    let layout = Layout::of(func);
    let result = |id: VarId| {
        let made = layout.definition(id).map(|made| &made.stmt.kind);
        matches!(made, Some(StmtKind::Call(_)))
    };
    let mut parts = HashSet::new();
    walk(&func.body, &mut |stmt| {
        if let StmtKind::Let(id, Value::Load(place)) | StmtKind::Cell(id, Some(Value::Load(place))) =
            &stmt.kind
            && matches!(place.path.last(), Some(Proj::Field(_)))
            && result(place.root)
            && !func.var(*id).ty.is_scalar()
        {
            parts.insert(*id);
        }
    });
    if !parts.is_empty() {
        copy(&mut func.body, &parts);
    }
}

fn copy(block: &mut Block, parts: &HashSet<VarId>) {
    for stmt in &mut block.stmts {
        if let StmtKind::Let(id, value) | StmtKind::Cell(id, Some(value)) = &mut stmt.kind
            && parts.contains(id)
            && let Value::Load(place) = value
        {
            *value = Value::Copied(place.clone(), CopyForm::Clone);
        }
        for inner in stmt.kind.blocks_mut() {
            copy(inner, parts);
        }
    }
}
