//! Linear maps out of loops.
//!
//! The reverse of `out = Q v` adds `Q^T d_out` to the adjoint of `v`. Where a loop does so
//! in each trip, with a `Q` that it does not change, and passes the adjoint of `v` on to
//! sums only, the sum over the trips may come first: `Q^T` is applied once, behind the
//! loop, to the sum of all `d_out`.
//!
//! ```text
//! for p {                                     for p {
//!     pullback(q, v, d_v, out, d_out)             sum += d_out
//!     d_mean -= d_v; d_v = 0                      pullback(q, v, _, out, d_out)
//! }                                           }
//!                                             reverse(q, v, d_v, out, sum)
//!                                             d_mean -= d_v; d_v = 0
//! ```
//!
//! That the coefficients are made of `q` alone is a fact that only the callee knows: both
//! forms are emitted, and one of them is compiled. The call may stand in an inner loop
//! over a range; then there is a sum for each of its trips.
//!
//! [`search`] finds such calls, with [`known`], what can be computed again behind the loop,
//! and [`consumer`], what passes the adjoint on; [`emit`] rewrites the loop.

mod consumer;
mod emit;
mod known;
mod search;

use super::reverse::Sweeps;
use crate::ir::*;
use emit::emit;
use search::found;

pub(super) fn postpone(sweeps: &mut Sweeps) {
    let mut at = 0;
    while at < sweeps.reverse.stmts.len() {
        at += match found(sweeps, at) {
            Some(found) => emit(sweeps, at, found),
            None => 1,
        };
    }
}

/// A call whose linear part can wait, in the loop at some position of the reverse sweep.
struct Found {
    /// The position in the loop's body of the inner loop around the call.
    inner: Option<usize>,
    /// The position of the call in its block.
    at: usize,
    /// The argument whose adjoint waits, and the result with its adjoint.
    argument: usize,
    result: usize,
    /// Positions of what passes the adjoint on.
    consumers: Vec<usize>,
    /// Positions of what has to be computed again behind the loop.
    again: Vec<usize>,
    /// The arguments by value and `&mut`, as the forward sweep passes them.
    args: Vec<Arg>,
    fact: Fact,
}
