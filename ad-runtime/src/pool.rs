//! Memory of tapes, used again.
//!
//! A derivative that is called in a loop makes and drops its tapes in each trip. While
//! a derivative runs on a thread, what its tapes leave behind is kept for the next
//! ones; when the outermost derivative returns it is freed, unless a
//! [`Workspace`](crate::Workspace) keeps it.

use core::any::{Any, TypeId};
use std::cell::RefCell;

/// Buffers of one type of records: a boxed `Vec<Vec<T>>`.
struct Shelf {
    of: TypeId,
    buffers: Box<dyn Any>,
}

#[derive(Default)]
pub(crate) struct Pool {
    /// How many scopes are open.
    depth: usize,
    shelves: Vec<Shelf>,
}

impl Pool {
    fn shelf<T: 'static>(&mut self) -> Option<&mut Vec<Vec<T>>> {
        let of = TypeId::of::<T>();
        let shelf = self.shelves.iter_mut().find(|shelf| shelf.of == of)?;
        shelf.buffers.downcast_mut()
    }

    fn give<T: 'static>(&mut self, buffer: Vec<T>) {
        if let Some(buffers) = self.shelf() {
            buffers.push(buffer);
            return;
        }
        self.shelves.push(Shelf {
            of: TypeId::of::<T>(),
            buffers: Box::new(vec![buffer]),
        });
    }
}

thread_local! {
    static POOL: RefCell<Pool> = const {
        RefCell::new(Pool {
            depth: 0,
            shelves: Vec::new(),
        })
    };
}

/// An empty buffer, one used before if there is one.
#[inline]
pub(crate) fn take<T: 'static>() -> Vec<T> {
    let used = POOL.try_with(|pool| {
        let mut pool = pool.try_borrow_mut().ok()?;
        pool.shelf::<T>()?.pop()
    });
    used.ok().flatten().unwrap_or_default()
}

/// Keeps a buffer for later, while a derivative runs.
#[inline]
pub(crate) fn give<T: 'static>(mut buffer: Vec<T>) {
    if buffer.capacity() == 0 {
        return;
    }
    buffer.clear();
    // Outside of any scope, or while the thread ends, the buffer is just dropped.
    let _ = POOL.try_with(|pool| {
        if let Ok(mut pool) = pool.try_borrow_mut()
            && pool.depth > 0
        {
            pool.give(buffer);
        }
    });
}

/// While it lives, tapes on this thread leave their memory to the next ones.
#[derive(Debug)]
pub struct Scope(());

impl Scope {
    /// Opens a scope.
    #[inline]
    #[must_use]
    pub fn enter() -> Scope {
        let _ = POOL.try_with(|pool| pool.borrow_mut().depth += 1);
        Scope(())
    }
}

impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        let freed = POOL.try_with(|pool| {
            let mut pool = pool.borrow_mut();
            pool.depth -= 1;
            let last = pool.depth == 0 && !pool.shelves.is_empty();
            last.then(|| core::mem::take(&mut pool.shelves))
        });
        drop(freed);
    }
}

/// Puts the pool of a workspace in place of the thread's, or back.
pub(crate) fn exchange(pool: &mut Pool) {
    POOL.with(|current| core::mem::swap(&mut *current.borrow_mut(), pool));
}

impl Pool {
    /// A pool that outlives the derivatives that use it.
    pub(crate) fn lasting() -> Pool {
        Pool {
            depth: 1,
            shelves: Vec::new(),
        }
    }
}

impl core::fmt::Debug for Pool {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Pool")
            .field("types", &self.shelves.len())
            .finish_non_exhaustive()
    }
}
