//! Memory of tapes, used again.
//!
//! A derivative that is called in a loop makes and drops its tapes in each trip. While
//! a derivative runs on a thread, what its tapes leave behind is kept for the next
//! ones. When the outermost derivative returns, the thread keeps up to [`RETAINED`]
//! bytes for the next call; more is freed, unless a [`Workspace`](crate::Workspace)
//! keeps it.

use core::any::{Any, TypeId};
use std::cell::RefCell;

/// How many bytes a thread keeps between derivatives.
const RETAINED: usize = 32 << 20;

/// Buffers of one type of records: a boxed `Vec<Vec<T>>`.
struct Shelf {
    of: TypeId,
    buffers: Box<dyn Any>,
    /// What the buffers hold.
    bytes: usize,
    /// When a buffer was last given: [`Pool::time`].
    used: u64,
}

#[derive(Default)]
pub(crate) struct Pool {
    /// How many scopes are open.
    depth: usize,
    /// How many outermost scopes there have been.
    time: u64,
    /// What all buffers hold.
    bytes: usize,
    shelves: Vec<Shelf>,
}

impl Pool {
    fn shelf<T: 'static>(&mut self) -> Option<(&mut Vec<Vec<T>>, &mut usize)> {
        let of = TypeId::of::<T>();
        let shelf = self.shelves.iter_mut().find(|shelf| shelf.of == of)?;
        shelf.used = self.time;
        Some((shelf.buffers.downcast_mut()?, &mut shelf.bytes))
    }

    fn take<T: 'static>(&mut self, room: Option<usize>) -> Option<Vec<T>> {
        let (buffers, bytes) = self.shelf::<T>()?;
        let buffer = buffers.swap_remove(fitting(buffers, room)?);
        *bytes -= size(&buffer);
        self.bytes -= size(&buffer);
        Some(buffer)
    }

    fn give<T: 'static>(&mut self, buffer: Vec<T>) {
        let size = size(&buffer);
        self.bytes += size;
        if let Some((buffers, bytes)) = self.shelf() {
            buffers.push(buffer);
            *bytes += size;
            return;
        }
        self.shelves.push(Shelf {
            of: TypeId::of::<T>(),
            buffers: Box::new(vec![buffer]),
            bytes: size,
            used: self.time,
        });
    }

    /// Takes out what is more than a thread keeps: what was not used for the longest time,
    /// and of that the largest pieces.
    #[cold]
    fn excess(&mut self) -> Vec<Shelf> {
        let mut out = Vec::new();
        let age = |shelf: &Shelf| (shelf.used, usize::MAX - shelf.bytes);
        while self.bytes > RETAINED
            && let Some(first) = (0..self.shelves.len()).min_by_key(|at| age(&self.shelves[*at]))
        {
            let shelf = self.shelves.swap_remove(first);
            self.bytes -= shelf.bytes;
            out.push(shelf);
        }
        out
    }
}

/// The position of the smallest buffer with so much room, else of the largest, among
/// those given last.
#[inline]
fn fitting<T>(buffers: &[Vec<T>], room: Option<usize>) -> Option<usize> {
    const LAST: usize = 4;
    let positions = buffers.len().saturating_sub(LAST)..buffers.len();
    let enough = room.and_then(|room| {
        let fits = positions
            .clone()
            .filter(|at| buffers[*at].capacity() >= room);
        fits.min_by_key(|at| buffers[*at].capacity())
    });
    enough.or_else(|| positions.max_by_key(|at| buffers[*at].capacity()))
}

fn size<T>(buffer: &Vec<T>) -> usize {
    buffer.capacity() * size_of::<T>()
}

thread_local! {
    static POOL: RefCell<Pool> = const {
        RefCell::new(Pool {
            depth: 0,
            time: 0,
            bytes: 0,
            shelves: Vec::new(),
        })
    };
}

/// An empty buffer, one used before if there is one; `room` is how much it should have, if
/// that is known.
#[inline]
pub(crate) fn take<T: 'static>(room: Option<usize>) -> Vec<T> {
    let used = POOL.try_with(|pool| pool.try_borrow_mut().ok()?.take::<T>(room));
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

/// While it lives, tapes on this thread leave their memory to the next ones; at the end
/// of the last one the thread keeps up to 32 MiB of it.
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
            pool.time += u64::from(pool.depth == 0);
            let much = pool.depth == 0 && pool.bytes > RETAINED;
            much.then(|| pool.excess())
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
            ..Pool::default()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A derivative that leaves so many bytes to the next ones.
    fn derivative<T: 'static>(bytes: usize) {
        let _scope = Scope::enter();
        give::<T>(Vec::with_capacity(bytes / size_of::<T>()));
    }

    fn left<T: 'static>() -> usize {
        let _scope = Scope::enter();
        size(&take::<T>(None))
    }

    #[test]
    fn what_was_used_last_stays() {
        let most = RETAINED / 4 * 3;
        derivative::<u64>(most);
        derivative::<u32>(most);
        assert_eq!(left::<u64>(), 0);
        assert_eq!(left::<u32>(), most);
    }

    #[test]
    fn no_more_stays_than_a_thread_keeps() {
        derivative::<u16>(RETAINED + 2);
        assert_eq!(left::<u16>(), 0);
    }
}
