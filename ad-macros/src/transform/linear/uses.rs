//! How the adjoints of a block are used.

use super::Whose;
use crate::ir::visit::walk;
use crate::ir::*;
use std::collections::{HashMap, HashSet};

/// How the adjoints of a block are used.
pub(super) struct Uses {
    pub count: HashMap<VarId, usize>,
    /// Additions to a local of the block that are still to come.
    pub updates: HashMap<VarId, usize>,
    /// Used once, as what is added to something.
    pub added: HashSet<VarId>,
    /// Written by the block.
    pub written: HashSet<VarId>,
}

/// Uses in the block; `updates` has the locals that nothing but additions of the block
/// itself write.
pub(super) fn uses(func: &Func, whose: Whose, body: &Block) -> Uses {
    let mut uses = Uses {
        count: HashMap::new(),
        updates: HashMap::new(),
        added: HashSet::new(),
        written: HashSet::new(),
    };
    let own = body.stmts.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Cell(id, Some(_)) if whose.adjoint(func, *id) => Some((*id, 0)),
        _ => None,
    });
    uses.updates.extend(own);
    let mut written: HashMap<VarId, usize> = HashMap::new();
    walk(body, &mut |stmt| {
        let access = stmt.kind.access();
        for place in &access.writes {
            *written.entry(place.root).or_default() += 1;
        }
        for id in access.variables().collect::<HashSet<_>>() {
            *uses.count.entry(id).or_default() += 1;
        }
        if let StmtKind::Update { value, .. } = &stmt.kind {
            uses.added.extend(value.var());
        }
    });
    for stmt in &body.stmts {
        if let StmtKind::Update { place, .. } = &stmt.kind
            && place.path.is_empty()
            && let Some(count) = uses.updates.get_mut(&place.root)
        {
            *count += 1;
        }
    }
    let updates = std::mem::take(&mut uses.updates);
    let all = |(id, count): &(VarId, usize)| written.get(id).copied().unwrap_or(0) == *count;
    uses.updates = updates.into_iter().filter(all).collect();
    let reads = |id: &VarId| uses.count[id] - uses.updates.get(id).unwrap_or(&0);
    uses.added.retain(|id| reads(id) == 1);
    uses.written.extend(written.into_keys());
    uses
}

/// `x -= y` for `x += y`, where `y` was computed with the other sign.
pub(super) fn flip(body: &mut Block, flipped: &HashSet<VarId>) {
    for stmt in &mut body.stmts {
        if let StmtKind::Update { op, value, .. } = &mut stmt.kind
            && value.var().is_some_and(|id| flipped.contains(&id))
        {
            *op = op.flipped();
        }
        for inner in stmt.kind.blocks_mut() {
            flip(inner, flipped);
        }
    }
}
