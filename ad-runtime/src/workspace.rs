//! Memory that stays between calls of derivatives.

use crate::pool::{self, Pool};

/// Memory for tapes that stays between calls of derivatives.
///
/// The first gradient in a workspace allocates its tapes, the next ones of the same
/// sizes find them there. That saves allocations, and above all the page faults of
/// large fresh memory. What a function allocates by itself, say by `to_vec()`, is
/// allocated in each call as ever.
///
/// Without a workspace a thread keeps up to 32 MiB of tapes from one gradient to the
/// next, and frees what is more. So a workspace is for tapes larger than that, and for
/// memory that has to be free again at a time of your choice.
///
/// A workspace serves the thread that calls [`run`](Workspace::run); dropping it
/// frees the memory.
///
/// ```
/// use ad_runtime::Workspace;
/// use ad_runtime::prelude::*;
///
/// #[autodiff]
/// fn logistic(x0: f64, r: f64, steps: usize) -> f64 {
///     let mut x = x0;
///     for _ in 0..steps {
///         x = r * x * (1.0 - x);
///     }
///     x
/// }
///
/// let mut workspace = Workspace::new();
/// for trial in 0..10 {
///     let r = 3.0 + 0.05 * f64::from(trial);
///     let (d_x0, d_r) = workspace.run(|| logistic::reverse(0.4, r, 1000, 1.0));
///     assert!(d_x0.is_finite() && d_r.is_finite());
/// }
/// ```
#[derive(Debug)]
pub struct Workspace {
    pool: Pool,
}

impl Workspace {
    /// A workspace without memory.
    #[must_use]
    pub fn new() -> Workspace {
        Workspace {
            pool: Pool::lasting(),
        }
    }

    /// Runs `work`; the derivatives in it use the workspace's memory.
    pub fn run<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let _inside = Inside::of(&mut self.pool);
        work()
    }
}

impl Default for Workspace {
    fn default() -> Workspace {
        Workspace::new()
    }
}

/// The workspace's pool is the thread's as long as this lives, panics included.
struct Inside<'a> {
    pool: &'a mut Pool,
}

impl Inside<'_> {
    fn of(pool: &mut Pool) -> Inside<'_> {
        pool::exchange(pool);
        Inside { pool }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        pool::exchange(self.pool);
    }
}
