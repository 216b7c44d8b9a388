//! Two rows of one array that a loop changes, `d_a[j * n + k]` and `d_a[i * n + k]`, where one
//! surely lies behind the other: the array is split in front of it.

use super::origins::Here;
use crate::analysis::affine::Affine;
use crate::analysis::apart::{Course, sum};
use crate::ir::*;

/// Which of two indices is the higher one: all that a loop reaches by it lies behind all that
/// it reaches by the other.
pub(super) fn higher(names: &Here, range: &Range, [a, b]: [&Atom; 2]) -> Option<usize> {
    let course = Course {
        names,
        loops: &[],
        moved: None,
    };
    let (from, to) = (sum(names, &range.from)?, sum(names, &range.to)?);
    let mut last = to;
    last.constant = last.constant.checked_sub(1)?;
    let at = |index: &Atom, at: &Affine| {
        let index = sum(names, index)?;
        let j = Affine::variable(range.var);
        index.plus(&j, -1)?.plus(at, 1)
    };
    let behind = |a: &Atom, b: &Atom| Some(course.above(&at(a, &from)?, &at(b, &last)?));
    match (behind(a, b)?, behind(b, a)?) {
        (true, _) => Some(0),
        (_, true) => Some(1),
        _ => None,
    }
}
