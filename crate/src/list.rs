//! A short list without a heap allocation: sizes, strides, lists of dimensions.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// The most dimensions that a tensor can have.
pub const MAX_DIMS: usize = 8;

const TOO_MANY: &str = "a tensor has at most 8 dimensions";

/// At most [`MAX_DIMS`] small values. It is `Copy`, so that shapes cost nothing to pass around and to
/// drop: every eager operation makes several.
#[derive(Clone, Copy)]
pub struct List<T> {
    len: u8,
    values: [T; MAX_DIMS],
}

impl<T: Copy + Default> List<T> {
    /// No values.
    #[inline]
    pub fn new() -> Self {
        List { len: 0, values: [T::default(); MAX_DIMS] }
    }

    /// The same value `len` times.
    ///
    /// # Panics
    /// For more than [`MAX_DIMS`]; so for all that make a list longer.
    #[inline]
    pub fn repeat(value: T, len: usize) -> Self {
        assert!(len <= MAX_DIMS, "{TOO_MANY}");
        List { len: len as u8, values: [value; MAX_DIMS] }
    }

    /// Adds a value at the end.
    #[inline]
    pub fn push(&mut self, value: T) {
        let place = self.values.get_mut(usize::from(self.len)).expect(TOO_MANY);
        *place = value;
        self.len += 1;
    }

    /// Puts a value before place `at`.
    pub fn insert(&mut self, at: usize, value: T) {
        self.push(value);
        self[at..].rotate_right(1);
    }

    /// Takes the value at place `at` out.
    pub fn remove(&mut self, at: usize) {
        self[at..].rotate_left(1);
        self.len -= 1;
    }
}

impl<T: Copy + Default> Default for List<T> {
    fn default() -> Self {
        List::new()
    }
}

impl<T> Deref for List<T> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        // There are never more, and what cannot panic is a few instructions.
        self.values.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl<T> DerefMut for List<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        self.values.get_mut(..usize::from(self.len)).unwrap_or_default()
    }
}

impl<T: Copy + Default> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut list = List::new();
        values.into_iter().for_each(|v| list.push(v));
        list
    }
}

impl<T: Copy + Default> From<&[T]> for List<T> {
    fn from(values: &[T]) -> Self {
        assert!(values.len() <= MAX_DIMS, "{TOO_MANY}");
        let mut list = List { len: values.len() as u8, ..List::new() };
        // One by one: there are two or three.
        list.values.iter_mut().zip(values).for_each(|(to, from)| *to = *from);
        list
    }
}

impl<T: PartialEq> PartialEq for List<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for List<T> {}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
