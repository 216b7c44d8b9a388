//! Tapes for the contents of arrays.

use crate::pool;

/// Contents of arrays, one behind the other, taken back in reverse order.
#[derive(Debug)]
pub struct Flat<T: 'static> {
    items: Vec<T>,
    lengths: Lengths,
}

/// The lengths of what lies on a flat tape. Most often they are all the same.
#[derive(Debug)]
struct Lengths {
    each: usize,
    count: usize,
    /// All lengths, once two of them differ.
    list: Vec<usize>,
}

impl Lengths {
    #[inline]
    fn push(&mut self, length: usize) {
        if self.count == 0 {
            self.each = length;
            self.list.clear();
        } else if !self.list.is_empty() || length != self.each {
            self.list_from(length);
        }
        self.count += 1;
    }

    #[cold]
    fn list_from(&mut self, length: usize) {
        if self.list.is_empty() {
            self.list.resize(self.count, self.each);
        }
        self.list.push(length);
    }

    #[inline]
    fn pop(&mut self) -> Option<usize> {
        self.count = self.count.checked_sub(1)?;
        Some(self.list.pop().unwrap_or(self.each))
    }
}

impl<T: Copy + 'static> Flat<T> {
    /// An empty tape, which takes no memory before it needs some.
    #[inline]
    #[must_use]
    pub const fn new() -> Flat<T> {
        Flat {
            items: Vec::new(),
            lengths: Lengths {
                each: 0,
                count: 0,
                list: Vec::new(),
            },
        }
    }

    /// Saves what `from` holds.
    // Always inlined: a vector whose place in memory is passed on has to be looked up there
    // again and again by the loops around.
    #[inline(always)]
    pub fn keep<C: Contents<Item = T> + ?Sized>(&mut self, from: &C) {
        self.push(from.items(), C::LENGTH.is_none());
    }

    #[inline]
    fn push(&mut self, items: &[T], any_length: bool) {
        room(&mut self.items, items);
        extend(&mut self.items, items);
        if any_length {
            self.lengths.push(items.len());
        }
    }

    /// Puts what was saved last into `to`.
    ///
    /// # Panics
    ///
    /// If there is nothing: the sweeps of one derivative do not match.
    #[inline(always)]
    pub fn restore<C: Contents<Item = T> + ?Sized>(&mut self, to: &mut C) {
        let start = self.last(C::LENGTH);
        to.replace(&self.items[start..]);
        self.items.truncate(start);
    }

    /// Where what was saved last begins.
    #[inline]
    fn last(&mut self, length: Option<usize>) -> usize {
        let length = length.or_else(|| self.lengths.pop());
        let start = length.and_then(|length| self.items.len().checked_sub(length));
        start.expect("the reverse sweep takes back what the forward sweep saved")
    }
}

impl<T: Copy + 'static> Default for Flat<T> {
    fn default() -> Flat<T> {
        Flat::new()
    }
}

impl<T: 'static> Drop for Flat<T> {
    #[inline]
    fn drop(&mut self) {
        pool::give(core::mem::take(&mut self.items));
    }
}

/// Makes room for more items, with memory from the pool.
#[inline]
fn room<T: 'static>(to: &mut Vec<T>, items: &[T]) {
    if to.capacity() == 0 {
        *to = pool::take(items.len());
    }
    if to.capacity() - to.len() < items.len() {
        pool::grow(to, items.len());
    }
}

/// Appends a slice. The copies of a few items have sizes known to the compiler: a call
/// of `memcpy` would take longer than the copy.
#[inline]
fn extend<T: Copy>(items: &mut Vec<T>, from: &[T]) {
    if from.len() > 16 {
        items.extend_from_slice(from);
        return;
    }
    let (fours, rest) = from.as_chunks::<4>();
    for four in fours {
        items.extend_from_slice(four);
    }
    let (twos, rest) = rest.as_chunks::<2>();
    for two in twos {
        items.extend_from_slice(two);
    }
    items.extend(rest.first());
}

/// Copies a slice onto one of the same length, as [`extend`] does: few items as their
/// first and last ones, which may overlap.
///
/// # Panics
///
/// If the lengths differ.
#[inline]
fn copy<T: Copy>(to: &mut [T], from: &[T]) {
    assert_eq!(to.len(), from.len(), "what is restored has another length");
    match from.len() {
        0 => {}
        1 => to[0] = from[0],
        2..=4 => ends::<T, 2>(to, from),
        5..=8 => ends::<T, 4>(to, from),
        9..=16 => ends::<T, 8>(to, from),
        _ => to.copy_from_slice(from),
    }
}

#[inline]
fn ends<T: Copy, const N: usize>(to: &mut [T], from: &[T]) {
    if let (Some(to), Some(from)) = (to.first_chunk_mut::<N>(), from.first_chunk::<N>()) {
        *to = *from;
    }
    if let (Some(to), Some(from)) = (to.last_chunk_mut::<N>(), from.last_chunk::<N>()) {
        *to = *from;
    }
}

/// Contents of a vector that is filled anew for each, taken back in reverse order.
///
/// Its memory is handed over: the tape takes the vector and leaves another one of the
/// same length.
#[derive(Debug)]
pub struct Rows<T> {
    /// What is kept, and behind it vectors to be given out.
    rows: Vec<Vec<T>>,
    kept: usize,
}

impl<T: Clone> Rows<T> {
    /// An empty tape.
    #[inline]
    #[must_use]
    pub const fn new() -> Rows<T> {
        Rows {
            rows: Vec::new(),
            kept: 0,
        }
    }

    /// Saves what `from` holds, and leaves another vector of its length.
    #[inline]
    pub fn exchange(&mut self, from: &mut Vec<T>) {
        match self.rows.get_mut(self.kept) {
            Some(spare) if spare.len() == from.len() => core::mem::swap(spare, from),
            _ => self.grow(from),
        }
        self.kept += 1;
    }

    /// Saves a copy of what `from` holds.
    #[inline]
    pub fn keep(&mut self, from: &Vec<T>) {
        match self.rows.get_mut(self.kept) {
            Some(spare) => spare.clone_from(from),
            None => self.rows.push(from.clone()),
        }
        self.kept += 1;
    }

    #[cold]
    fn grow(&mut self, from: &[T]) {
        self.rows.truncate(self.kept);
        self.rows.push(from.to_vec());
    }

    /// Puts what was saved last into `to`.
    ///
    /// # Panics
    ///
    /// If there is nothing: the sweeps of one derivative do not match.
    #[inline]
    pub fn restore(&mut self, to: &mut Vec<T>) {
        let last = self.kept.checked_sub(1);
        self.kept = last.expect("the reverse sweep takes back what the forward sweep saved");
        core::mem::swap(&mut self.rows[self.kept], to);
    }
}

impl<T: Clone> Default for Rows<T> {
    fn default() -> Rows<T> {
        Rows::new()
    }
}

/// What a part of somebody's memory is restored into, or a copy of it, with memory from the pool.
#[derive(Debug)]
pub struct Buffer<T: 'static> {
    items: Vec<T>,
}

impl<T: 'static> Buffer<T> {
    /// An empty buffer, which takes no memory before it needs some.
    #[inline]
    #[must_use]
    pub const fn new() -> Buffer<T> {
        Buffer { items: Vec::new() }
    }
}

impl<T: 'static> Default for Buffer<T> {
    fn default() -> Buffer<T> {
        Buffer::new()
    }
}

impl<T: 'static> core::ops::Deref for Buffer<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T: Copy + 'static> Contents for Buffer<T> {
    type Item = T;

    #[inline]
    fn items(&self) -> &[T] {
        &self.items
    }

    #[inline]
    fn replace(&mut self, items: &[T]) {
        room(&mut self.items, items);
        self.items.replace(items);
    }
}

impl<T: 'static> Drop for Buffer<T> {
    #[inline]
    fn drop(&mut self) {
        pool::give(core::mem::take(&mut self.items));
    }
}

/// A copy of what an array holds, with memory from the pool.
#[inline]
#[must_use]
pub fn pooled<C: Contents + ?Sized>(from: &C) -> Buffer<C::Item> {
    let mut buffer = Buffer::new();
    buffer.replace(from.items());
    buffer
}

/// What a [`Flat`] tape can hold: a number, or numbers in a row.
pub trait Contents {
    /// A number.
    type Item: Copy;
    /// How many there are, where the type says so.
    const LENGTH: Option<usize> = None;

    /// The numbers.
    fn items(&self) -> &[Self::Item];

    /// Takes these numbers instead; a `Vec` gets their count.
    fn replace(&mut self, items: &[Self::Item]);
}

impl<T: Copy> Contents for [T] {
    type Item = T;

    #[inline]
    fn items(&self) -> &[T] {
        self
    }

    #[inline]
    fn replace(&mut self, items: &[T]) {
        copy(self, items);
    }
}

impl<T: Copy, const N: usize> Contents for [T; N] {
    type Item = T;
    const LENGTH: Option<usize> = Some(N);

    #[inline]
    fn items(&self) -> &[T] {
        self
    }

    #[inline]
    fn replace(&mut self, items: &[T]) {
        self.as_mut_slice().replace(items);
    }
}

impl<T: Copy> Contents for Vec<T> {
    type Item = T;

    #[inline]
    fn items(&self) -> &[T] {
        self
    }

    #[inline]
    fn replace(&mut self, items: &[T]) {
        if self.len() == items.len() {
            copy(self, items);
        } else {
            // As a vector of its own, so that the place of this one is not passed on.
            let mut other = core::mem::take(self);
            other.clear();
            other.extend_from_slice(items);
            *self = other;
        }
    }
}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        impl Contents for $ty {
            type Item = $ty;
            const LENGTH: Option<usize> = Some(1);

            #[inline]
            fn items(&self) -> &[$ty] {
                core::slice::from_ref(self)
            }

            #[inline]
            fn replace(&mut self, items: &[$ty]) {
                *self = items[0];
            }
        }
    )*};
}

numbers! { f32 f64 usize isize u8 u16 u32 u64 u128 i8 i16 i32 i64 i128 bool char }

#[cfg(test)]
mod tests {
    use super::{Flat, Rows};

    #[test]
    fn contents_come_back_in_reverse_order() {
        let mut tape = Flat::new();
        let contents = [
            vec![1.0, 2.0],
            vec![3.0, 4.0],
            vec![5.0],
            vec![],
            vec![6.0, 7.0],
        ];
        for round in 0..2 {
            let kept = &contents[..contents.len() - 3 * round];
            for content in kept {
                tape.keep(content);
            }
            for content in kept.iter().rev() {
                let mut to = vec![0.0; 9];
                tape.restore(&mut to);
                assert_eq!(to, *content);
            }
        }
    }

    #[test]
    fn rows_are_handed_over_and_back() {
        let mut tape = Rows::new();
        for _ in 0..2 {
            let mut row = vec![0; 2];
            for i in 0..5 {
                row.copy_from_slice(&[i, 10 * i]);
                if i % 2 == 0 {
                    tape.exchange(&mut row);
                } else {
                    tape.keep(&row);
                }
                assert_eq!(row.len(), 2);
            }
            for i in (0..5).rev() {
                tape.restore(&mut row);
                assert_eq!(row, [i, 10 * i]);
            }
        }
    }

    #[test]
    fn contents_of_every_length() {
        for length in 0..40 {
            let content: Vec<f64> = (0..length).map(f64::from).collect();
            let mut tape = Flat::new();
            tape.keep(&[-1.0, -2.0, -3.0][..]);
            tape.keep(&content);
            let mut to = vec![9.0; content.len()];
            tape.restore(&mut to);
            assert_eq!(to, content);
            tape.restore(&mut to);
            assert_eq!(to, [-1.0, -2.0, -3.0]);
        }
    }

    #[test]
    fn numbers_and_arrays_need_no_lengths() {
        let mut tape = Flat::new();
        tape.keep(&1.5);
        tape.keep(&[2.5, 3.5]);
        let (mut number, mut array) = (0.0, [0.0; 2]);
        tape.restore(&mut array);
        tape.restore(&mut number);
        assert_eq!((number, array), (1.5, [2.5, 3.5]));
    }
}
