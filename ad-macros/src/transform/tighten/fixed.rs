//! Index arithmetic that is the same in every trip stands in front of the loop: the
//! passes behind see that `d_pos[3 * i]` does not change with `j`.

use super::{Body, Tight};
use crate::ir::*;

pub(super) fn hoist(func: &Func, tight: &mut Tight) {
    let mut hoisted = Block::default();
    loop {
        let body = Body::of(&tight.each);
        let stmts = &tight.each.body.stmts;
        let found = stmts.iter().position(|stmt| is_fixed(func, &body, stmt));
        let Some(at) = found else { break };
        hoisted.stmts.push(tight.each.body.stmts.remove(at));
    }
    tight.guarded |= !hoisted.is_empty();
    tight.before.stmts.extend(hoisted.stmts);
}

/// An integer computed from what does not change.
fn is_fixed(func: &Func, body: &Body, stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Let(id, Value::Rule(_, atoms, _)) => {
            matches!(func.var(*id).ty, Ty::Discrete(_)) && atoms.iter().all(|atom| body.fixed(atom))
        }
        _ => false,
    }
}
