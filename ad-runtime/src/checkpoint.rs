//! When to save and when to run again, for loops with `#[checkpoint]`.

/// The length of a piece of `from..to`: the square root of its length, rounded up.
#[must_use]
pub fn piece(from: usize, to: usize) -> usize {
    let length = to.saturating_sub(from);
    let root = length.isqrt();
    let root = if root * root < length { root + 1 } else { root };
    root.max(1)
}

/// Where a piece that begins at `start` ends.
#[must_use]
pub fn piece_end(start: usize, length: usize, to: usize) -> usize {
    to.min(start.saturating_add(length))
}

/// What the reverse of a loop does next. The state is what goes from one iteration to
/// the next; saved states form a stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Save the state.
    Keep,
    /// Take the state that was saved last.
    Restore,
    /// Run the iterations.
    Advance,
    /// Run the one iteration again and reverse it.
    Reverse,
}

impl Step {
    /// Whether the state is saved.
    #[must_use]
    pub fn keeps(self) -> bool {
        self == Step::Keep
    }

    /// Whether the state is restored.
    #[must_use]
    pub fn restores(self) -> bool {
        self == Step::Restore
    }

    /// Whether iterations are run.
    #[must_use]
    pub fn advances(self) -> bool {
        self == Step::Advance
    }

    /// Whether an iteration is reversed.
    #[must_use]
    pub fn reverses(self) -> bool {
        self == Step::Reverse
    }
}

enum Task {
    /// Reverse the iterations, whose first state is the one saved last, with so many
    /// more to save.
    Piece(usize, usize, usize),
    /// Reverse the iterations from the first on one by one, the state saved last being
    /// that of the first; `usize` of them are left.
    Singly(usize, usize),
    Do(Step, usize, usize),
}

/// The steps that reverse a loop with a given number of saved states, with the least
/// number of iterations run: the binomial schedule.
///
/// A. Griewank and A. Walther, "Algorithm 799: revolve", ACM Transactions on
/// Mathematical Software 26 (2000).
pub struct Schedule {
    /// Next tasks, the first of them last.
    tasks: Vec<Task>,
}

/// The steps that reverse the iterations of `range` with at most `budget` saved
/// states, the first of which is saved already; with a budget of zero there is one.
///
/// Each item is a step and the iterations it is about.
#[must_use]
pub fn schedule(range: core::ops::Range<usize>, budget: usize) -> Schedule {
    let task = if range.is_empty() {
        Task::Do(Step::Restore, range.start, range.start)
    } else {
        Task::Piece(range.start, range.end, budget.saturating_sub(1))
    };
    Schedule { tasks: vec![task] }
}

impl Schedule {
    fn plan(&mut self, steps: impl DoubleEndedIterator<Item = Task>) {
        self.tasks.extend(steps.rev());
    }

    fn piece(&mut self, from: usize, to: usize, spare: usize) {
        if to - from == 1 || spare == 0 {
            self.tasks.push(Task::Singly(from, to - from));
            return;
        }
        let middle = from + left(to - from, spare + 1);
        let tasks = [
            Task::Do(Step::Restore, from, from),
            Task::Do(Step::Keep, from, from),
            Task::Do(Step::Advance, from, middle),
            Task::Do(Step::Keep, middle, middle),
            Task::Piece(middle, to, spare - 1),
            Task::Piece(from, middle, spare),
        ];
        self.plan(tasks.into_iter());
    }

    fn singly(&mut self, from: usize, count: usize) {
        let last = from + count - 1;
        if count == 1 {
            let tasks = [
                Task::Do(Step::Restore, from, from),
                Task::Do(Step::Reverse, from, from + 1),
            ];
            self.plan(tasks.into_iter());
            return;
        }
        let tasks = [
            Task::Do(Step::Restore, from, from),
            Task::Do(Step::Keep, from, from),
            Task::Do(Step::Advance, from, last),
            Task::Do(Step::Reverse, last, last + 1),
            Task::Singly(from, count - 1),
        ];
        self.plan(tasks.into_iter());
    }
}

/// How many of `length` iterations to run before the next state is saved, with
/// `states` at most at a time, that of the first iteration included.
fn left(length: usize, states: usize) -> usize {
    // The least number of repetitions that suffices: reach(states, repeats) >= length.
    let mut repeats = 1;
    while reach(states, repeats) < length {
        repeats += 1;
    }
    // Both parts get what their states reach in as few repetitions as possible.
    let right = reach(states - 1, repeats - 1).min(length - 1);
    reach(states, repeats - 1).min(length - right).max(1)
}

/// `states + repeats` over `states`: how many iterations so many saved states reverse,
/// each iteration being run at most `repeats` times more.
fn reach(states: usize, repeats: usize) -> usize {
    let mut product: u128 = 1;
    let small = states.min(repeats) as u128;
    let sum = (states + repeats) as u128;
    for k in 1..=small {
        product = product * (sum - small + k) / k;
        if product > usize::MAX as u128 {
            return usize::MAX;
        }
    }
    usize::try_from(product).unwrap_or(usize::MAX)
}

impl Iterator for Schedule {
    type Item = (Step, usize, usize);

    fn next(&mut self) -> Option<(Step, usize, usize)> {
        loop {
            match self.tasks.pop()? {
                Task::Do(step, from, to) => return Some((step, from, to)),
                Task::Piece(from, to, spare) => self.piece(from, to, spare),
                Task::Singly(from, count) => self.singly(from, count),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Step, piece, reach, schedule};

    /// Plays a schedule; the most states saved and the iterations advanced.
    fn play(length: usize, budget: usize) -> (usize, usize) {
        let mut saved = vec![3];
        let (mut state, mut most, mut advanced) = (usize::MAX, 1, 0);
        let mut expected = 3 + length;
        for (step, from, to) in schedule(3..3 + length, budget) {
            match step {
                Step::Keep => saved.push(state),
                Step::Restore => state = saved.pop().expect("a state is saved"),
                Step::Advance => {
                    assert_eq!(state, from);
                    advanced += to - from;
                    state = to;
                }
                Step::Reverse => {
                    assert_eq!((state, to), (from, from + 1));
                    assert_eq!(to, expected);
                    expected -= 1;
                    state = to;
                }
            }
            most = most.max(saved.len());
        }
        assert_eq!(
            expected, 3,
            "every iteration is reversed, the last one first"
        );
        assert!(saved.is_empty());
        (most, advanced)
    }

    #[test]
    fn every_iteration_is_reversed_within_the_budget() {
        for length in 0..60 {
            for budget in 0..12 {
                let (most, _) = play(length, budget);
                assert!(most <= budget.max(1), "{length} {budget}: {most}");
            }
        }
    }

    /// Without room each iteration begins from the start.
    #[test]
    fn one_state_costs_the_square() {
        assert_eq!(play(10, 1), (1, 45));
    }

    /// Griewank and Walther: `r l - reach(c + 1, r - 1)` iterations with `c` states.
    #[test]
    fn the_schedule_is_the_cheapest() {
        for length in 1..200 {
            for budget in 1..8 {
                let repeats = (0..).find(|r| reach(budget, *r) >= length);
                let repeats = repeats.expect("some number suffices");
                let cheapest = if repeats == 0 {
                    0
                } else {
                    repeats * length - reach(budget + 1, repeats - 1)
                };
                assert_eq!(play(length, budget).1, cheapest, "{length} {budget}");
            }
        }
    }

    #[test]
    fn pieces_are_square_roots() {
        assert_eq!([piece(0, 0), piece(5, 3), piece(0, 1)], [1, 1, 1]);
        assert_eq!([piece(2, 102), piece(0, 101)], [10, 11]);
    }
}
