//! Which assignments give a variable its first value.
//!
//! `let mut w;` may be assigned many times. The first assignment on each path replaces nothing,
//! so that its reverse has nothing to put back: there is no value whose shape it could ask for.

use crate::ir::visit::walk;
use crate::ir::*;
use std::collections::BTreeSet;

pub(super) fn mark_first(func: &mut Func) {
    block(&mut func.body, &mut BTreeSet::new());
}

/// `empty`: variables that have no value yet, on no path to this block.
fn block(body: &mut Block, empty: &mut BTreeSet<VarId>) {
    for stmt in &mut body.stmts {
        match &mut stmt.kind {
            StmtKind::Cell(id, None) => {
                empty.insert(*id);
            }
            StmtKind::Store { place, first, .. } if place.path.is_empty() => {
                *first |= empty.remove(&place.root);
            }
            StmtKind::If(_, yes, no) => {
                let mut other = empty.clone();
                block(yes, empty);
                block(no, &mut other);
                empty.retain(|id| other.contains(id));
            }
            kind => {
                // Another trip may have been here before.
                for inner in kind.blocks_mut() {
                    block(inner, &mut BTreeSet::new());
                    walk(inner, &mut |stmt| {
                        for place in stmt.kind.access().writes {
                            empty.remove(&place.root);
                        }
                    });
                }
            }
        }
    }
}
