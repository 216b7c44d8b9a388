//! A local that is read for the last time it changes is its own value.
//!
//! `let t = load s` goes away where nothing writes `s` afterwards: `t` becomes
//! `s`. What is left of loads are those whose time matters.

use crate::analysis::layout::{BlockId, Layout};
use crate::analysis::timing::Timing;
use crate::analysis::views::Views;
use crate::ir::visit::map_atoms;
use crate::ir::*;
use std::collections::HashMap;

pub(crate) fn settle(func: &mut Func) {
    let settled = find(func);
    if settled.is_empty() {
        return;
    }
    let resolve = |id: VarId| {
        let mut id = id;
        while let Some(root) = settled.get(&id) {
            id = *root;
        }
        id
    };
    let mut body = std::mem::take(&mut func.body);
    map_atoms(&mut body, &mut |atom| {
        if let Atom::Var(id) = atom {
            *id = resolve(*id);
        }
    });
    drop_loads(&mut body, &settled);
    func.body = body;
    if let Some(Atom::Var(id)) = &mut func.ret {
        *id = resolve(*id);
    }
}

fn find(func: &Func) -> HashMap<VarId, VarId> {
    let layout = Layout::of(func);
    let views = Views::of(func);
    let timing = Timing::of(func, &layout, &views, true);
    let mut settled = HashMap::new();
    for (at, (stmt, block)) in layout.order.iter().enumerate() {
        let StmtKind::Let(id, Value::Load(place)) = &stmt.kind else {
            continue;
        };
        let root = func.var(place.root);
        let local = root.reference.is_none() && !matches!(root.role, Role::Global(_));
        let temp = matches!(func.var(*id).role, Role::Temp);
        // Outside the body the final value is saved behind the last write: not
        // if a loop may be left before that.
        let simple = layout.home(place.root) == BlockId(0) || !left_early(&layout, place.root);
        if place.path.is_empty()
            && local
            && temp
            && simple
            && func.var(*id).ty.is_scalar()
            && timing.settled(&layout, place.root, at, *block)
        {
            settled.insert(*id, place.root);
        }
    }
    settled
}

/// Whether a loop may be left inside a statement of the variable's block.
fn left_early(layout: &Layout, id: VarId) -> bool {
    let home = layout.home(id);
    layout.order.iter().any(|(stmt, block)| {
        *block == home
            && matches!(&stmt.kind, StmtKind::If(_, yes, no)
                if super::replay::breaks(yes) || super::replay::breaks(no))
    })
}

fn drop_loads(block: &mut Block, settled: &HashMap<VarId, VarId>) {
    block
        .stmts
        .retain(|stmt| !matches!(&stmt.kind, StmtKind::Let(id, _) if settled.contains_key(id)));
    for stmt in &mut block.stmts {
        for inner in stmt.kind.blocks_mut() {
            drop_loads(inner, settled);
        }
    }
}
