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

/// Buffers of one type of records.
struct Shelf {
    of: TypeId,
    /// A `Vec<Vec<T>>`.
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
    /// The shelf that was used last: what has been taken is given back soon.
    last: usize,
}

impl Pool {
    #[inline]
    fn shelf<T: 'static>(&mut self) -> Option<(&mut Vec<Vec<T>>, &mut usize)> {
        let of = TypeId::of::<T>();
        if self
            .shelves
            .get(self.last)
            .is_none_or(|shelf| shelf.of != of)
        {
            self.last = self.shelves.iter().position(|shelf| shelf.of == of)?;
        }
        let shelf = &mut self.shelves[self.last];
        shelf.used = self.time;
        Some((shelf.buffers.downcast_mut()?, &mut shelf.bytes))
    }

    /// Takes the buffer at the position that `choose` finds.
    #[inline]
    fn take<T: 'static>(&mut self, choose: impl Fn(&[Vec<T>]) -> Option<usize>) -> Option<Vec<T>> {
        let (buffers, bytes) = self.shelf::<T>()?;
        let buffer = buffers.swap_remove(choose(buffers)?);
        *bytes -= size(&buffer);
        self.bytes -= size(&buffer);
        Some(buffer)
    }

    #[inline]
    fn give<T: 'static>(&mut self, buffer: Vec<T>) {
        let size = size(&buffer);
        self.bytes += size;
        match self.shelf() {
            Some((buffers, bytes)) => {
                buffers.push(buffer);
                *bytes += size;
            }
            None => self.found(buffer, size),
        }
    }

    /// The first buffer of its type.
    #[cold]
    fn found<T: 'static>(&mut self, buffer: Vec<T>, bytes: usize) {
        self.shelves.push(Shelf {
            of: TypeId::of::<T>(),
            buffers: Box::new(vec![buffer]),
            bytes,
            used: self.time,
        });
    }

    /// Takes out what is more than a thread keeps: what is too large by itself, then what was
    /// not used for the longest time, and of that the largest pieces.
    #[cold]
    fn excess(&mut self) -> Vec<Shelf> {
        let mut out = Vec::new();
        let age = |shelf: &Shelf| {
            let fits = shelf.bytes <= RETAINED;
            (fits, shelf.used, usize::MAX - shelf.bytes)
        };
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

/// How many buffers are looked at: those given last.
const LAST: usize = 4;

/// The position of the smallest buffer with so much room, else of the largest.
#[inline]
fn fitting<T>(buffers: &[Vec<T>], room: usize) -> Option<usize> {
    let last = buffers.last()?;
    if (room..=room.saturating_mul(2)).contains(&last.capacity()) {
        return Some(buffers.len() - 1);
    }
    let positions = buffers.len().saturating_sub(LAST)..buffers.len();
    let enough = positions
        .clone()
        .filter(|at| buffers[*at].capacity() >= room);
    let enough = enough.min_by_key(|at| buffers[*at].capacity());
    enough.or_else(|| positions.max_by_key(|at| buffers[*at].capacity()))
}

/// The position of the largest buffer, if it has so much room. For what is large all
/// buffers are looked at.
fn largest<T>(buffers: &[Vec<T>], room: usize) -> Option<usize> {
    /// In bytes.
    const LARGE: usize = 4096;
    let all = room * size_of::<T>() >= LARGE;
    let last = if all { buffers.len() } else { LAST };
    let largest = (buffers.len().saturating_sub(last)..buffers.len())
        .max_by_key(|at| buffers[*at].capacity());
    largest.filter(|at| buffers[*at].capacity() >= room)
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
            last: 0,
        })
    };
}

/// An empty buffer, one used before if there is one, for so many items at first.
#[inline]
pub(crate) fn take<T: 'static>(room: usize) -> Vec<T> {
    let choose = |buffers: &[Vec<T>]| fitting(buffers, room);
    let used = POOL.try_with(|pool| pool.try_borrow_mut().ok()?.take(choose));
    used.ok().flatten().unwrap_or_default()
}

/// Makes room for so many more items: what has grown may well grow more, and moves into
/// the largest buffer there is.
#[cold]
#[inline(never)]
pub(crate) fn grow<T: 'static>(buffer: &mut Vec<T>, more: usize) {
    let room = buffer.len() + more;
    let choose = |buffers: &[Vec<T>]| largest(buffers, room);
    let used = POOL.try_with(|pool| pool.try_borrow_mut().ok()?.take(choose));
    if let Ok(Some(mut used)) = used {
        used.append(buffer);
        give(core::mem::replace(buffer, used));
    }
    buffer.reserve(more);
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
        size(&take::<T>(0))
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
    fn what_grows_finds_the_large_one() {
        let _scope = Scope::enter();
        give::<i64>(Vec::with_capacity(10_000));
        (0..100).for_each(|_| give::<i64>(Vec::with_capacity(8)));
        let mut tape = take::<i64>(1);
        assert_eq!(tape.capacity(), 8);
        for item in 0..10_000 {
            if tape.len() == tape.capacity() {
                grow(&mut tape, 1);
            }
            tape.push(item);
        }
        assert_eq!(tape.capacity(), 10_000);
        assert!(tape.iter().copied().eq(0..10_000));
    }

    #[test]
    fn no_more_stays_than_a_thread_keeps() {
        derivative::<u16>(RETAINED + 2);
        assert_eq!(left::<u16>(), 0);
    }
}
