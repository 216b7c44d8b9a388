//! Elements that stay while a loop writes others.
//!
//! [`super::timing`] does not tell elements apart. Here are the cases where that is plain from
//! the indices: `x[i - 1]` is read, and `x[i]` is written, in a loop that runs upwards. No
//! trip writes an element that one before has read, so that the reverse sweep finds it there.

use super::affine::Affine;
use super::layout::{BlockId, Layout};
use super::timing::Timing;
use super::views::Views;
use crate::ir::*;

pub(crate) struct Elements<'a> {
    pub layout: &'a Layout<'a>,
    pub timing: &'a Timing,
    pub views: &'a Views,
}

impl Elements<'_> {
    /// Whether the place that is read at `at`, a statement of `home`, gives the same when the
    /// reverse of that block begins. The place is written out.
    pub fn stays(&self, place: &Place, at: usize, home: BlockId) -> bool {
        let clear = |write: usize| self.is_clear(place, (at, home), write);
        self.timing
            .settled_for(self.layout, place.root, (at, home), home, &clear)
    }

    /// Whether a statement writes other elements from the read on.
    fn is_clear(&self, read: &Place, (at, home): (usize, BlockId), write: usize) -> bool {
        let (stmt, block) = self.layout.order[write];
        let access = stmt.kind.access();
        let places = access.writes.iter().map(|place| self.views.expand(place));
        let places: Vec<Place> = places.filter(|place| place.root == read.root).collect();
        let loops = self
            .timing
            .shared(self.layout, read.root, home, block, home);
        // Code that is passed through does not say what it writes.
        let differ = |place| self.differ(read, place, &loops, write < at);
        !places.is_empty() && places.iter().all(differ)
    }

    /// Whether two places are different elements, in the trips of `loops` from the one of
    /// `read` on. `before`: in its own trip the write has happened.
    fn differ(&self, read: &Place, write: &Place, loops: &[LoopId], before: bool) -> bool {
        let pairs = read.path.iter().zip(&write.path);
        let mut pairs = pairs.take_while(|(a, b)| self.same_part(a, b, loops));
        match loops {
            [] => before || pairs.any(|(a, b)| self.apart(a, b)),
            [only] => pairs.any(|(a, b)| self.left_behind(a, b, *only, before)),
            // Each loop moves along an axis of its own.
            _ => {
                let pairs: Vec<_> = pairs.collect();
                let moves = |id: &LoopId| {
                    let mut own = pairs.iter().filter(|(a, b)| a == b);
                    own.any(|(a, _)| self.moving(a, *id).is_some())
                };
                before && loops.iter().all(moves)
            }
        }
    }

    /// Whether what follows on two projections is about the same part.
    fn same_part(&self, read: &Proj, write: &Proj, loops: &[LoopId]) -> bool {
        match (read, write) {
            (Proj::Index(_), Proj::Index(_)) => true,
            (Proj::Range { from, to, .. }, _) => {
                let bounds = from.iter().chain(to).filter_map(Atom::var);
                let mut inner = bounds.flat_map(|id| loops.iter().map(move |each| (id, *each)));
                read == write && !inner.any(|(id, each)| self.is_inside(id, each))
            }
            _ => read == write,
        }
    }

    fn is_inside(&self, id: VarId, each: LoopId) -> bool {
        let body = self
            .layout
            .each(each)
            .map(|each| self.layout.id(&each.body));
        body.is_none_or(|body| self.layout.within(self.layout.home(id), body))
    }

    /// Whether two indices of one trip differ.
    fn apart(&self, read: &Proj, write: &Proj) -> bool {
        let form = |proj: &Proj| match proj {
            Proj::Index(atom) => Affine::of(atom, &|id| self.named(id)),
            _ => None,
        };
        match (form(read), form(write)) {
            (Some(read), Some(write)) => {
                read.terms == write.terms && read.constant != write.constant
            }
            _ => false,
        }
    }

    /// Whether the loop moves away from what has been read.
    fn left_behind(&self, read: &Proj, write: &Proj, id: LoopId, before: bool) -> bool {
        let (Some((read, up)), Some((write, _))) = (self.moving(read, id), self.moving(write, id))
        else {
            return false;
        };
        // The trip that writes the element is so many further on.
        let ahead = match up {
            true => read.constant - write.constant,
            false => write.constant - read.constant,
        };
        read.terms == write.terms && (ahead < 0 || ahead == 0 && before)
    }

    /// An index that is the loop's variable and what does not change in the loop; and whether
    /// the loop runs upwards.
    fn moving(&self, proj: &Proj, id: LoopId) -> Option<(Affine, bool)> {
        let Proj::Index(atom) = proj else { return None };
        let each = self.layout.each(id)?;
        let Head::Range(range) = &each.head else {
            return None;
        };
        let inside = |var: VarId| self.is_inside(var, id);
        let form = Affine::of(atom, &|id| self.named(id).filter(|_| inside(id)))?;
        let along = form.terms.get(&range.var) == Some(&1);
        let mut others = form.terms.keys().filter(|id| **id != range.var);
        let fixed = others.all(|id| !inside(*id));
        (along && fixed).then_some((form, range.runs_up()))
    }

    fn named(&self, id: VarId) -> Option<&Value> {
        match &self.layout.definition(id)?.stmt.kind {
            StmtKind::Let(_, value) => Some(value),
            _ => None,
        }
    }
}
