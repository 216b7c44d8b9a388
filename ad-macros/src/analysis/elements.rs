//! Elements that stay while a loop writes others.
//!
//! [`super::timing`] does not tell elements apart. Here are the cases where the indices do, and
//! the ranges of the loops around ([`super::apart`]): `x[i - 1]` is read, and `x[i]` is written, in
//! a loop that runs upwards. No trip writes an element that one before has read, so that the
//! reverse sweep finds it there.

use super::affine::Affine;
use super::apart::{Course, sum};
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
    /// reverse of that block begins, as long as the function runs. The place is written out.
    pub fn stay(&self, place: &Place, at: usize, home: BlockId) -> bool {
        let clear = |write: usize| self.is_clear(place, (at, home), write);
        self.timing
            .rests(self.layout, place.root, (at, home), home, &clear)
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

    /// Whether two places are different elements, whenever the write comes behind the read.
    /// `before`: in one trip of all `loops` the write is the first.
    fn differ(&self, read: &Place, write: &Place, loops: &[LoopId], before: bool) -> bool {
        let (read, write) = (self.levels(read), self.levels(write));
        let later = (0..loops.len()).map(Some);
        let mut ways = later.chain((!before).then_some(None));
        ways.all(|moved| {
            let course = Course {
                names: self.layout,
                loops,
                moved,
            };
            for (read, write) in read.iter().zip(&write) {
                match (read, write) {
                    (Level::Index(read), Level::Index(write)) if course.differ(read, write) => {
                        return true;
                    }
                    (Level::Index(_), Level::Index(_)) => {}
                    (Level::Field(read), Level::Field(write)) if read == write => {}
                    _ => return false,
                }
            }
            false
        })
    }

    /// What a place chooses, from the outside in, as far as that can be said. The index of
    /// an element of a part is the one in the whole.
    fn levels(&self, place: &Place) -> Vec<Level> {
        let mut levels = Vec::new();
        let mut start = Affine::constant(0);
        for proj in &place.path {
            let sum = |atom: &Atom| sum(self.layout, atom);
            match proj {
                Proj::Deref => {}
                Proj::Field(field) => levels.push(Level::Field(*field)),
                Proj::Range { from: None, .. } => {}
                Proj::Range {
                    from: Some(from), ..
                } => match sum(from).and_then(|from| start.plus(&from, 1)) {
                    Some(sum) => start = sum,
                    None => return levels,
                },
                Proj::Index(index) => {
                    match sum(index).and_then(|index| start.plus(&index, 1)) {
                        Some(sum) => levels.push(Level::Index(sum)),
                        None => return levels,
                    }
                    start = Affine::constant(0);
                }
            }
        }
        levels
    }
}

/// One step into a place.
enum Level {
    Index(Affine),
    Field(usize),
}
