//! Whether an index that was read and one that is written later are different, by what the
//! ranges of loops say.
//!
//! In `for j in 0..n { for i in j + 1..n { for k in 0..j { a[i * n + j] -= a[i * n + k] * .. } } }`
//! the index `i * n + k` is never written behind the read: it is an element of row `i` and
//! column `k`, since `k` is below `n`, and the columns that are written from then on are not
//! below `j`, while `k` is.

use super::affine::Affine;
use super::layout::Layout;
use crate::ir::*;

/// When a variable has the value that is meant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Time {
    /// It is the same at the read and at the write.
    Both,
    Read,
    Write,
}

/// A sum of values at different times.
type Sum = Affine<(Time, VarId)>;

/// The course of things between a read and a write.
pub(crate) struct Course<'a> {
    pub layout: &'a Layout<'a>,
    /// The loops around both, outermost first.
    pub loops: &'a [LoopId],
    /// Which of them has moved on, by position; those outside of it have not, and those in it
    /// are anywhere.
    pub moved: Option<usize>,
}

impl Course<'_> {
    /// Whether the indices surely differ.
    pub fn differ(&self, read: &Affine, write: &Affine) -> bool {
        if self.unequal(read, write) {
            return true;
        }
        let mut widths = [read, write].into_iter().flat_map(|sum| self.widths(sum));
        widths.any(|width| {
            let (Some((row, column)), Some((other_row, other_column))) =
                (self.split(read, &width), self.split(write, &width))
            else {
                return false;
            };
            self.is_column(&column, Time::Read, &width)
                && self.is_column(&other_column, Time::Write, &width)
                && (self.unequal(&column, &other_column) || self.differ(&row, &other_row))
        })
    }

    /// What rows may have as their width: factors of what is summed up.
    fn widths(&self, sum: &Affine) -> Vec<Affine> {
        let factors = sum.terms.keys().filter_map(|id| self.factors(*id));
        let factors = factors.flat_map(|[a, b]| [a, b]);
        let same = |id: &VarId| self.time(*id, Time::Read) == Time::Both;
        factors
            .filter(|factor| factor.terms.keys().all(same))
            .collect()
    }

    fn factors(&self, id: VarId) -> Option<[Affine; 2]> {
        match self.named(id)? {
            Value::Rule(rule, atoms, _) if rule.name == "mul" => {
                Some([self.sum(&atoms[0])?, self.sum(&atoms[1])?])
            }
            _ => None,
        }
    }

    /// An index as row and column of a matrix of that width.
    fn split(&self, index: &Affine, width: &Affine) -> Option<(Affine, Affine)> {
        let (mut row, mut column) = (Affine::constant(0), Affine::constant(index.constant));
        let width_alone = |id: VarId| {
            width.constant == 0 && width.terms.len() == 1 && width.terms.get(&id) == Some(&1)
        };
        for (id, times) in &index.terms {
            match self.factors(*id) {
                _ if width_alone(*id) => row.constant = row.constant.checked_add(*times)?,
                Some([rest, by]) | Some([by, rest]) if by == *width => {
                    row = row.plus(&rest, *times)?;
                }
                _ => column.term(*id, *times)?,
            }
        }
        Some((row, column))
    }

    /// Whether a number is within `0..width`.
    fn is_column(&self, column: &Affine, then: Time, width: &Affine) -> bool {
        let at = |sum: &Affine| sum.map(|id| (self.time(id, then), id));
        let (Some(column), Some(width)) = (at(column), at(width)) else {
            return false;
        };
        let below = width.plus(&column, -1);
        self.not_negative(&column) && below.is_some_and(|below| self.positive(below))
    }

    /// Whether one of the numbers is surely the larger one.
    fn unequal(&self, read: &Affine, write: &Affine) -> bool {
        let read = read.map(|id| (self.time(id, Time::Read), id));
        let write = write.map(|id| (self.time(id, Time::Write), id));
        let (Some(read), Some(write)) = (read, write) else {
            return false;
        };
        let above = |a: &Sum, b: &Sum| a.plus(b, -1).is_some_and(|sum| self.positive(sum));
        above(&write, &read) || above(&read, &write)
    }

    fn positive(&self, mut sum: Sum) -> bool {
        sum.constant = sum.constant.saturating_sub(1);
        self.not_negative(&sum)
    }

    /// Whether a sum is surely not negative: variables are replaced by their bounds, those
    /// first whose bounds are made of others.
    fn not_negative(&self, sum: &Sum) -> bool {
        let last = |(time, id): &(Time, VarId)| (*time, self.layout.depth(*id), *id);
        let Some((symbol, times)) = sum.terms.iter().max_by_key(|(symbol, _)| last(symbol)) else {
            return sum.constant >= 0;
        };
        let mut least = self.bounds(*symbol, *times > 0).into_iter();
        least.any(|bound| {
            let mut rest = sum.clone();
            rest.terms.remove(symbol);
            let rest = rest.plus(&bound, *times);
            rest.is_some_and(|rest| self.not_negative(&rest))
        })
    }

    /// Numbers that a variable is not below, or not above.
    fn bounds(&self, (time, id): (Time, VarId), lower: bool) -> Vec<Sum> {
        let Some((each, range)) = self.counted(id) else {
            // An index, and what it is made of, has no sign.
            return lower.then(|| Sum::constant(0)).into_iter().collect();
        };
        let (end, beyond) = match lower {
            true => (&range.from, 0),
            false => (&range.to, i64::from(!range.inclusive)),
        };
        let of_range = self.sum(end).and_then(|sum| {
            let mut sum = sum.map(|id| (self.time(id, time), id))?;
            sum.constant = sum.constant.checked_sub(beyond)?;
            Some(sum)
        });
        let mut bounds: Vec<Sum> = of_range.into_iter().collect();
        let moved = self.moved.and_then(|at| self.loops.get(at));
        if time == Time::Write && moved == Some(&each) && range.runs_up() == lower {
            let mut before = Sum::constant(if lower { 1 } else { -1 });
            if before.term((Time::Read, id), 1).is_some() {
                bounds.push(before);
            }
        }
        bounds
    }

    /// The loop and the range that a variable runs through.
    fn counted(&self, id: VarId) -> Option<(LoopId, &Range)> {
        match &self.layout.definition(id)?.stmt.kind {
            StmtKind::Loop(each) => match &each.head {
                Head::Range(range) if range.var == id => Some((each.id, range)),
                _ => None,
            },
            _ => None,
        }
    }

    /// When a variable has the value that an expression evaluated `then` sees.
    fn time(&self, id: VarId, then: Time) -> Time {
        let around = &self.layout.blocks[self.layout.home(id).0].loops;
        let at = |each: &LoopId| self.loops.iter().position(|other| other == each);
        let moves = |each: &LoopId| at(each).is_some_and(|at| self.moved.is_some_and(|m| at >= m));
        match around.iter().any(moves) {
            true => then,
            false => Time::Both,
        }
    }

    /// An integer as a sum.
    pub fn sum(&self, atom: &Atom) -> Option<Affine> {
        Affine::of(atom, &|id| self.named(id))
    }

    fn named(&self, id: VarId) -> Option<&Value> {
        match &self.layout.definition(id)?.stmt.kind {
            StmtKind::Let(_, value) => Some(value),
            _ => None,
        }
    }
}
