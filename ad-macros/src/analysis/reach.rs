//! How much of an array an iteration writes.
//!
//! To begin an iteration again, what it changes has to be kept: an array as a whole, also
//! where the iteration writes one row of it. Then the copies take longer than the work. That is
//! so where an index goes by variables of the loop itself, or of loops around it: `a[row * n + j]`
//! in a loop over `row`.

use super::layout::{BlockId, Layout};
use super::timing::Timing;
use super::views::Views;
use crate::ir::*;

/// A loop, and where its indices come from.
pub(super) struct Reach<'a> {
    pub layout: &'a Layout<'a>,
    pub timing: &'a Timing,
    pub views: &'a Views,
    pub each: &'a Loop,
    pub body: BlockId,
}

impl Reach<'_> {
    /// Whether an iteration may write all of an array, as far as its indices tell.
    pub fn is_whole(&self, id: VarId) -> bool {
        let span = self.layout.body_span(self.each.id);
        let writes = self.timing.writes(id).iter().map(|(at, _)| *at);
        let mut inside = writes.filter(|at| span.contains(at));
        inside.all(|at| {
            let access = self.layout.order[at].0.kind.access();
            let mut places = access.writes.iter().map(|place| self.views.expand(place));
            places.all(|place| place.root != id || !place.atoms().any(|atom| self.is_given(atom)))
        })
    }

    /// Whether an index depends on which iteration this is, or on a loop around it.
    fn is_given(&self, atom: &Atom) -> bool {
        let Some(id) = atom.var() else { return false };
        let home = self.layout.home(id);
        let inside = self.layout.within(home, self.body);
        match self.layout.definition(id).map(|made| &made.stmt.kind) {
            Some(StmtKind::Loop(each)) => !inside || each.id == self.each.id,
            Some(StmtKind::Let(_, value)) if value.place().is_none() => {
                let mut given = false;
                value.atoms(&mut |atom| given |= self.is_given(atom));
                given
            }
            Some(StmtKind::Cell(..)) => !inside && !self.timing.writes(id).is_empty(),
            _ => false,
        }
    }
}
