//! Where the forward sweep puts what the reverse sweep wants.

use crate::pool;

/// Records of a loop body: one per iteration, taken back in reverse order.
///
/// Plain memory: a record is one push, and nothing is allocated per value.
#[derive(Debug)]
pub struct Tape<T> {
    records: Vec<T>,
}

impl<T> Tape<T> {
    /// An empty tape.
    #[inline]
    #[must_use]
    pub const fn new() -> Tape<T> {
        Tape {
            records: Vec::new(),
        }
    }

    /// Makes room for so many more records.
    #[inline]
    pub fn reserve(&mut self, records: usize) {
        self.records.reserve(records);
    }

    /// Saves a record.
    #[inline]
    pub fn push(&mut self, record: T) {
        self.records.push(record);
    }

    /// Takes the last record back.
    ///
    /// # Panics
    ///
    /// If there is none: the sweeps of one derivative do not match.
    #[inline]
    #[must_use]
    pub fn pop(&mut self) -> T {
        self.records
            .pop()
            .expect("the reverse sweep takes back what the forward sweep saved")
    }
}

impl<T> Default for Tape<T> {
    fn default() -> Tape<T> {
        Tape::new()
    }
}

/// A [`Tape`] whose memory comes from the pool, and goes back there.
#[derive(Debug)]
pub struct PooledTape<T: 'static> {
    tape: Tape<T>,
}

impl<T: 'static> PooledTape<T> {
    /// An empty tape, which takes no memory before it needs some.
    #[inline]
    #[must_use]
    pub const fn new() -> PooledTape<T> {
        PooledTape { tape: Tape::new() }
    }

    /// Makes room for so many more records.
    #[inline]
    pub fn reserve(&mut self, records: usize) {
        if self.tape.records.capacity() == 0 && records > 0 {
            self.tape.records = pool::take(records);
        }
        if self.tape.records.capacity() - self.tape.records.len() < records {
            pool::grow(&mut self.tape.records, records);
        }
    }

    /// Saves a record.
    #[inline]
    pub fn push(&mut self, record: T) {
        if self.tape.records.len() == self.tape.records.capacity() {
            self.grow();
        }
        self.tape.push(record);
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        if self.tape.records.capacity() == 0 {
            // How many there will be is not known.
            self.tape.records = pool::take(usize::MAX);
        }
        if self.tape.records.len() == self.tape.records.capacity() {
            pool::grow(&mut self.tape.records, 1);
        }
    }

    /// Takes the last record back.
    ///
    /// # Panics
    ///
    /// If there is none: the sweeps of one derivative do not match.
    #[inline]
    #[must_use]
    pub fn pop(&mut self) -> T {
        self.tape.pop()
    }
}

impl<T: 'static> Default for PooledTape<T> {
    fn default() -> PooledTape<T> {
        PooledTape::new()
    }
}

impl<T: 'static> Drop for PooledTape<T> {
    #[inline]
    fn drop(&mut self) {
        pool::give(core::mem::take(&mut self.tape.records));
    }
}

/// The record of a branch outside loops: there is one at most.
#[derive(Debug)]
pub struct Slot<T> {
    record: Option<T>,
}

impl<T> Slot<T> {
    /// An empty slot.
    #[inline]
    #[must_use]
    pub const fn new() -> Slot<T> {
        Slot { record: None }
    }

    /// Saves the record.
    #[inline]
    pub fn push(&mut self, record: T) {
        self.record = Some(record);
    }

    /// Takes the record back.
    ///
    /// # Panics
    ///
    /// If there is none: the sweeps of one derivative do not match.
    #[inline]
    #[must_use]
    pub fn pop(&mut self) -> T {
        self.record
            .take()
            .expect("the reverse sweep takes back what the forward sweep saved")
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Slot<T> {
        Slot::new()
    }
}
