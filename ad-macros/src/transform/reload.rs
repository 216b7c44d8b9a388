//! Values that are found where they were stored: `x[i] = t` needs no tape for `t`, if the
//! element is never written again.

use super::replay::Replay;
use crate::analysis::layout::BlockId;
use crate::ir::*;

impl Replay<'_> {
    /// The place that still holds a value of `block` when the reverse of the block begins:
    /// the first use of the value is to be stored there.
    pub(super) fn kept_in(&self, id: VarId, block: BlockId) -> Option<Place> {
        let definition = self.layout.definition(id)?;
        if !matches!(definition.stmt.kind, StmtKind::Let(..)) {
            return None;
        }
        let behind = definition.at + 1..self.layout.blocks[block.0].span.end;
        let uses = |at: &usize| {
            let access = self.layout.order[*at].0.kind.access();
            access.variables().any(|used| used == id)
        };
        let first = behind.into_iter().find(uses)?;
        match self.layout.order[first] {
            (Stmt { kind, .. }, home) if home == block => self.stored_in(kind, id, first, block),
            _ => None,
        }
    }

    fn stored_in(&self, kind: &StmtKind, id: VarId, at: usize, block: BlockId) -> Option<Place> {
        let StmtKind::Store { place, value, .. } = kind else {
            return None;
        };
        let place = self.views.expand(place);
        let outside = !self.layout.within(self.layout.home(place.root), block);
        let plain = value.var() == Some(id) && place.atoms().all(|atom| atom.var() != Some(id));
        (plain && outside && self.stays(&place, at + 1, block)).then_some(place)
    }
}
