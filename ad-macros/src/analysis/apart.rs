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

/// What variables are names for.
pub(crate) trait Names {
    fn value(&self, id: VarId) -> Option<&Value>;

    /// The loop and the range that a variable runs through.
    fn range(&self, id: VarId) -> Option<(LoopId, &Range)>;

    /// How many blocks there are around a variable.
    fn depth(&self, id: VarId) -> usize;

    /// The loops around a variable.
    fn loops(&self, id: VarId) -> &[LoopId];
}

impl Names for Layout<'_> {
    fn value(&self, id: VarId) -> Option<&Value> {
        match &self.definition(id)?.stmt.kind {
            StmtKind::Let(_, value) => Some(value),
            _ => None,
        }
    }

    fn range(&self, id: VarId) -> Option<(LoopId, &Range)> {
        match &self.definition(id)?.stmt.kind {
            StmtKind::Loop(each) => match &each.head {
                Head::Range(range) if range.var == id => Some((each.id, range)),
                _ => None,
            },
            _ => None,
        }
    }

    fn depth(&self, id: VarId) -> usize {
        Layout::depth(self, id)
    }

    fn loops(&self, id: VarId) -> &[LoopId] {
        &self.blocks[self.home(id).0].loops
    }
}

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

/// A sum of what variables are at a time.
type Timed<'a> = (&'a Affine, Time);

/// The course of things between a read and a write.
pub(crate) struct Course<'a> {
    pub names: &'a dyn Names,
    /// The loops around both, outermost first.
    pub loops: &'a [LoopId],
    /// Which of them has moved on, by position; those outside of it have not, and those in it
    /// are anywhere.
    pub moved: Option<usize>,
}

impl Course<'_> {
    /// Whether the indices surely differ.
    pub fn differ(&self, read: &Affine, write: &Affine) -> bool {
        let (read, write) = ((read, Time::Read), (write, Time::Write));
        self.behind(write, read)
            || self.behind(read, write)
            || self.any_split(
                read,
                write,
                |[row, column], [other_row, other_column], width| {
                    self.is_column(&column, read.1, width)
                        && self.is_column(&other_column, write.1, width)
                        && (self.differ(&row, &other_row)
                            || self.exceeds((&column, read.1), (&other_column, write.1))
                            || self.exceeds((&other_column, write.1), (&column, read.1)))
                },
            )
    }

    /// Whether one index is surely higher than another one of the same time.
    pub fn above(&self, high: &Affine, low: &Affine) -> bool {
        self.behind((high, Time::Both), (low, Time::Both))
    }

    fn behind(&self, high: Timed, low: Timed) -> bool {
        self.exceeds(high, low)
            || self.any_split(high, low, |[row, column], [low_row, low_column], width| {
                self.not_below((&column, high.1), (&Affine::constant(0), low.1))
                    && self.exceeds((width, low.1), (&low_column, low.1))
                    && self.behind((&row, high.1), (&low_row, low.1))
            })
    }

    /// Whether something holds of rows and columns, with some width of a row.
    fn any_split(
        &self,
        a: Timed,
        b: Timed,
        holds: impl Fn([Affine; 2], [Affine; 2], &Affine) -> bool,
    ) -> bool {
        let mut widths = [a, b].into_iter().flat_map(|(sum, _)| self.widths(sum));
        widths.any(|width| {
            let ways = |sum| [true, false].map(|rows| self.split(sum, &width, rows));
            let (of_a, of_b) = (ways(a.0), ways(b.0));
            let mut pairs = of_a.iter().flatten().flat_map(|a| {
                let of_b = of_b.iter().flatten();
                of_b.map(move |b| (a.clone(), b.clone()))
            });
            pairs.any(|(a, b)| holds(a, b, &width))
        })
    }

    /// What rows may have as their width: factors of what is summed up.
    fn widths(&self, sum: &Affine) -> Vec<Affine> {
        let factors = sum.terms.keys().filter_map(|id| self.factors(*id));
        let factors = factors.flatten();
        let same = |id: &VarId| self.time(*id, Time::Read) == Time::Both;
        factors
            .filter(|factor| factor.terms.keys().all(same))
            .collect()
    }

    fn factors(&self, id: VarId) -> Option<[Affine; 2]> {
        match self.names.value(id)? {
            Value::Rule(rule, atoms, _) if rule.name == "mul" => {
                Some([self.sum(&atoms[0])?, self.sum(&atoms[1])?])
            }
            _ => None,
        }
    }

    /// An index as row and column of a matrix of that width. `rows`: the width itself counts as
    /// a row, as in `i * n + j - n`, and not to the column, as in `i * n + n - 1`.
    fn split(&self, index: &Affine, width: &Affine, rows: bool) -> Option<[Affine; 2]> {
        let (mut row, mut column) = (Affine::constant(0), Affine::constant(index.constant));
        let alone = rows && width.constant == 0 && width.terms.len() == 1;
        let width_alone = |id: VarId| alone && width.terms.get(&id) == Some(&1);
        for (id, times) in &index.terms {
            match self.factors(*id) {
                _ if width_alone(*id) => row.constant = row.constant.checked_add(*times)?,
                Some([rest, by]) | Some([by, rest]) if by == *width => {
                    row = row.plus(&rest, *times)?;
                }
                _ => column.term(*id, *times)?,
            }
        }
        Some([row, column])
    }

    /// Whether a number is within `0..width`.
    fn is_column(&self, column: &Affine, then: Time, width: &Affine) -> bool {
        self.not_below((column, then), (&Affine::constant(0), then))
            && self.exceeds((width, then), (column, then))
    }

    fn not_below(&self, a: Timed, b: Timed) -> bool {
        let difference = self.difference(a, b);
        difference.is_some_and(|difference| self.not_negative(&difference))
    }

    fn exceeds(&self, a: Timed, b: Timed) -> bool {
        let difference = self.difference(a, b);
        difference.is_some_and(|difference| self.positive(difference))
    }

    fn difference(&self, a: Timed, b: Timed) -> Option<Sum> {
        let [a, b] = [a, b].map(|(sum, then)| sum.map(|id| (self.time(id, then), id)));
        a?.plus(&b?, -1)
    }

    fn positive(&self, mut sum: Sum) -> bool {
        sum.constant = sum.constant.saturating_sub(1);
        self.not_negative(&sum)
    }

    /// Whether a sum is surely not negative: variables are replaced by their bounds, those
    /// first whose bounds are made of others.
    fn not_negative(&self, sum: &Sum) -> bool {
        let last = |(time, id): &(Time, VarId)| (*time, self.names.depth(*id), *id);
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
        let Some((each, range)) = self.names.range(id) else {
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

    /// When a variable has the value that an expression evaluated `then` sees.
    fn time(&self, id: VarId, then: Time) -> Time {
        let mut around = self.names.loops(id).iter();
        let at = |each: &LoopId| self.loops.iter().position(|other| other == each);
        let moves = |each: &LoopId| at(each).is_some_and(|at| self.moved.is_some_and(|m| at >= m));
        match around.any(moves) {
            true => then,
            false => Time::Both,
        }
    }

    fn sum(&self, atom: &Atom) -> Option<Affine> {
        sum(self.names, atom)
    }
}

/// An integer as a sum.
pub(crate) fn sum(names: &dyn Names, atom: &Atom) -> Option<Affine> {
    Affine::of(atom, &|id| names.value(id))
}
