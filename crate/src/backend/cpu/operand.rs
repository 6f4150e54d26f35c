//! How kernels read operands: as dense slices, without a copy of the whole wherever they lie.

use super::View;
use super::storage::Element;
use crate::error::Result;
use crate::list::List;
use crate::shape::{Dims, Layout, same_dims};

/// Elements that a strided operand brings together at a time.
const BLOCK: usize = 128;
/// Runs of neighbours shorter than this are brought together rather than handed out one by one.
const SHORT: usize = 16;

/// The elements, where they lie in row-major order without gaps.
#[inline]
pub(super) fn whole<'a, T: Element>(x: View<'a>) -> Option<&'a [T]> {
    let values = T::of(x.storage);
    x.layout.is_contiguous().then(|| match x.layout.numel() {
        0 => &values[..0],
        n => &values[x.layout.offset()..][..n],
    })
}

/// Calls `f` with all elements in row-major order; those of a strided view are copied to a buffer that
/// is used again.
pub(super) fn dense<T: Element, R>(x: View<'_>, f: impl FnOnce(&[T]) -> R) -> R {
    // `f` is called in one place: it may be large.
    let mut scratch = None;
    let values = match whole(x) {
        Some(values) => values,
        None => {
            let n = x.layout.numel();
            let buffer = scratch.insert(T::take_scratch(n));
            copy(x, &mut buffer[..n]);
            &buffer[..n]
        }
    };
    let result = f(values);
    if let Some(buffer) = scratch {
        T::keep_scratch(buffer);
    }
    result
}

/// The elements in row-major order, written to `out`.
pub(super) fn copy<T: Element>(x: View<'_>, out: &mut [T]) {
    match whole(x) {
        Some(values) => out.copy_from_slice(values),
        None => Cursor::new(x.layout).copy(T::of(x.storage), out),
    }
}

/// What is done to a run of elements. Not a type parameter: one copy of the reading serves all.
type Kernel<'f, A, U> = &'f mut dyn FnMut(&[A], &mut [U]);
/// The same for two operands.
type Kernel2<'f, A, B, U> = &'f mut dyn FnMut(&[A], &[B], &mut [U]);

/// Calls `f` with the next elements of the operand, broadcast to `dims`, and the place for their
/// results, until all of `out` is written.
pub(super) fn each<A: Element, U>(
    a: View<'_>,
    dims: &[usize],
    out: &mut [U],
    f: Kernel<'_, A, U>,
) -> Result<()> {
    if same_dims(a.layout.dims(), dims)
        && let Some(a) = whole(a)
    {
        f(a, out);
        return Ok(());
    }
    let mut a = Source::<A>::broadcast(a, dims)?;
    let mut rest = out;
    while !rest.is_empty() {
        let n = a.ahead().min(rest.len());
        let (now, after) = rest.split_at_mut(n);
        f(a.take(n), now);
        rest = after;
    }
    Ok(())
}

/// As [`each`], for two operands.
pub(super) fn each2<A: Element, B: Element, U>(
    (a, b): (View<'_>, View<'_>),
    dims: &[usize],
    out: &mut [U],
    f: Kernel2<'_, A, B, U>,
) -> Result<()> {
    if same_dims(a.layout.dims(), dims)
        && same_dims(b.layout.dims(), dims)
        && let (Some(a), Some(b)) = (whole(a), whole(b))
    {
        f(a, b, out);
        return Ok(());
    }
    let (mut a, mut b) = (Source::<A>::broadcast(a, dims)?, Source::<B>::broadcast(b, dims)?);
    let mut rest = out;
    while !rest.is_empty() {
        let n = a.ahead().min(b.ahead()).min(rest.len());
        let (now, after) = rest.split_at_mut(n);
        f(a.take(n), b.take(n), now);
        rest = after;
    }
    Ok(())
}

/// A place in a strided operand that moves on in row-major order.
pub(super) struct Cursor {
    /// Without dimensions of size 1, and neighbours joined where they lie like one dimension
    dims: Dims,
    strides: List<isize>,
    /// Which run is read, one coordinate for each dimension but the last
    index: Dims,
    /// Where it starts
    run: isize,
    /// How much of it has been read
    read: usize,
}

impl Cursor {
    pub(super) fn new(layout: &Layout) -> Cursor {
        Cursor::over(joined(layout, |_| true), layout.offset() as isize)
    }

    /// Over some dimensions only, from the place `at`.
    pub(super) fn over((dims, strides): (Dims, List<isize>), at: isize) -> Cursor {
        let index = Dims::repeat(0, dims.len() - 1);
        Cursor { dims, strides, index, run: at, read: 0 }
    }

    /// The size and stride of a run.
    #[inline(always)]
    fn row(&self) -> (usize, isize) {
        (self.dims[self.dims.len() - 1], self.strides[self.dims.len() - 1])
    }

    /// The place of the next element, how many more the run has, and how far apart.
    #[inline(always)]
    pub(super) fn place(&self) -> (isize, usize, isize) {
        let (n, stride) = self.row();
        (self.run + self.read as isize * stride, n - self.read, stride)
    }

    /// Past `n` more elements of the run, and on to the next when it ends.
    pub(super) fn advance(&mut self, n: usize) {
        self.read += n;
        if self.read < self.row().0 {
            return;
        }
        self.read = 0;
        for d in (0..self.index.len()).rev() {
            self.index[d] += 1;
            self.run += self.strides[d];
            if self.index[d] < self.dims[d] {
                return;
            }
            self.run -= self.strides[d] * self.dims[d] as isize;
            self.index[d] = 0;
        }
    }

    /// The next elements, as many as there is room for.
    pub(super) fn copy<T: Element>(&mut self, values: &[T], mut out: &mut [T]) {
        while !out.is_empty() {
            let (at, left, stride) = self.place();
            let n = left.min(out.len());
            let (now, after) = out.split_at_mut(n);
            match stride {
                1 => now.copy_from_slice(&values[at as usize..][..n]),
                0 => now.fill(values[at as usize]),
                _ => {
                    for (i, o) in now.iter_mut().enumerate() {
                        *o = values[(at + i as isize * stride) as usize];
                    }
                }
            }
            out = after;
            self.advance(n);
        }
    }
}

/// An operand, read from the first element to the last in row-major order.
pub(super) struct Source<'a, T> {
    values: &'a [T],
    way: Way,
    buffer: [T; BLOCK],
}

/// How a [`Source`] goes on.
#[allow(
    clippy::large_enum_variant,
    reason = "there are two at a time, on the stack; smaller where addresses are"
)]
enum Way {
    /// From this place; all elements are neighbours
    On(usize),
    /// Around and around: the buffer holds `held` elements, a few times the same `period`
    Around { at: usize, period: usize, held: usize },
    /// By strides
    Strided {
        cursor: Cursor,
        /// The place of the repeated element that fills the buffer, and how far
        filled: (isize, usize),
    },
}

impl<'a, T: Element> Source<'a, T> {
    pub(super) fn broadcast(x: View<'a>, dims: &[usize]) -> Result<Source<'a, T>> {
        let mut source = Source { values: T::of(x.storage), way: Way::On(0), buffer: [T::default(); BLOCK] };
        let own = x.layout.dims();
        if let Some(values) = whole(x) {
            source.values = values;
            // A number, or a row for every row
            let ones = own.iter().take_while(|&&size| size == 1).count();
            let period = values.len();
            if own == dims {
                return Ok(source);
            }
            if dims.ends_with(&own[ones..]) && period <= BLOCK / 2 {
                let wanted = BLOCK.min(crate::shape::numel(dims));
                let mut held = 0;
                while held < wanted && held + period <= BLOCK && period > 0 {
                    if let [value] = values {
                        held = wanted;
                        source.buffer[..wanted].fill(*value);
                    } else {
                        source.buffer[held..held + period].copy_from_slice(values);
                        held += period;
                    }
                }
                source.way = Way::Around { at: 0, period, held };
                return Ok(source);
            }
        }
        let layout = if own == dims { *x.layout } else { x.layout.expand(dims)? };
        source.values = T::of(x.storage);
        source.way = Way::Strided { cursor: Cursor::new(&layout), filled: (-1, 0) };
        Ok(source)
    }

    /// How many elements it is best asked for next.
    pub(super) fn ahead(&self) -> usize {
        match &self.way {
            Way::On(at) => self.values.len() - at,
            Way::Around { at, held, .. } => held - at,
            Way::Strided { cursor, .. } => {
                let (_, left, stride) = cursor.place();
                match stride {
                    _ if cursor.row().0 < SHORT && cursor.dims.len() > 1 => BLOCK,
                    1 => left,
                    0 => left.min(BLOCK),
                    _ => BLOCK,
                }
            }
        }
    }

    /// The next `n` elements, where [`Source::ahead`] is not less.
    pub(super) fn take(&mut self, n: usize) -> &[T] {
        let (cursor, filled) = match &mut self.way {
            Way::On(at) => {
                *at += n;
                return &self.values[*at - n..*at];
            }
            Way::Around { at, period, .. } => {
                let from = *at;
                *at = (from + n) % *period;
                return &self.buffer[from..from + n];
            }
            Way::Strided { cursor, filled } => (cursor, filled),
        };
        let (at, left, stride) = cursor.place();
        match stride {
            1 if n <= left => {
                cursor.advance(n);
                return &self.values[at as usize..][..n];
            }
            0 if n <= left => {
                if filled.0 != at || filled.1 < n {
                    self.buffer[..n].fill(self.values[at as usize]);
                    *filled = (at, n);
                }
                cursor.advance(n);
            }
            _ => {
                filled.0 = -1;
                cursor.copy(self.values, &mut self.buffer[..n]);
            }
        }
        &self.buffer[..n]
    }
}

/// Sizes and strides of the dimensions that are wanted, as few as say the same; at least one.
pub(super) fn joined(layout: &Layout, wanted: impl Fn(usize) -> bool) -> (Dims, List<isize>) {
    let (mut dims, mut strides) = (Dims::new(), List::<isize>::new());
    for (d, (&size, &stride)) in layout.dims().iter().zip(layout.strides()).enumerate() {
        if size == 1 || !wanted(d) {
            continue;
        }
        let last = dims.len().wrapping_sub(1);
        if !dims.is_empty() && strides[last] == stride * size as isize {
            dims[last] *= size;
            strides[last] = stride;
        } else {
            dims.push(size);
            strides.push(stride);
        }
    }
    if dims.is_empty() {
        dims.push(1);
        strides.push(1);
    }
    (dims, strides)
}

#[cfg(test)]
mod tests {
    use super::super::CpuStorage;
    use super::*;
    use proptest::prelude::*;

    /// A view of a storage of 4096 different numbers: sliced, reordered, broadcast.
    fn views() -> impl Strategy<Value = Layout> {
        (prop::collection::vec((1usize..40, 1usize..3, any::<bool>()), 1..4), any::<bool>()).prop_filter_map(
            "it is too large",
            |(sizes, turn)| {
                let all: Vec<usize> = sizes.iter().map(|&(n, step, _)| n * step).collect();
                let mut layout = Layout::contiguous(&all);
                for (d, &(n, step, stretch)) in sizes.iter().enumerate() {
                    layout = layout.slice(d, 0, if stretch { 1 } else { n * step }, step).ok()?;
                }
                let dims: Vec<usize> = sizes.iter().map(|s| s.0).collect();
                layout = layout.expand(&dims).ok()?;
                let order: Vec<usize> = (0..dims.len()).rev().collect();
                let layout = if turn { layout.permute(&order).ok()? } else { layout };
                (crate::shape::numel(&all) <= 4096).then_some(layout)
            },
        )
    }

    /// The elements one by one.
    fn slow(values: &[i64], layout: &Layout) -> Vec<i64> {
        let (n, stride) = layout.row();
        let mut out = Vec::new();
        layout.for_each_row(|at| {
            out.extend((0..n as isize).map(|i| values[at.wrapping_add_signed(i * stride)]));
        });
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn kernels_see_the_elements_of_any_view_in_order(layout in views(), other in views()) {
            let values: Vec<i64> = (0..4096).collect();
            let storage = CpuStorage::I64(values.clone());
            let expected = slow(&values, &layout);
            let view = View { storage: &storage, layout: &layout };
            prop_assert_eq!(&dense::<i64, _>(view, <[i64]>::to_vec), &expected);
            let mut out = vec![0i64; expected.len()];
            each::<i64, i64>(view, layout.dims(), &mut out, &mut |x, out| out.copy_from_slice(x)).unwrap();
            prop_assert_eq!(&out, &expected);
            if let Ok(dims) = crate::shape::broadcast(layout.dims(), other.dims()) {
                let (a, b) = (layout.expand(&dims).unwrap(), other.expand(&dims).unwrap());
                let mut out = vec![(0i64, 0i64); crate::shape::numel(&dims)];
                let views = (view, View { storage: &storage, layout: &other });
                each2::<i64, i64, _>(views, &dims, &mut out, &mut |a, b, out| {
                    for (o, (&a, &b)) in out.iter_mut().zip(a.iter().zip(b)) {
                        *o = (a, b);
                    }
                })
                .unwrap();
                let both: Vec<_> = slow(&values, &a).into_iter().zip(slow(&values, &b)).collect();
                prop_assert_eq!(out, both);
            }
        }
    }
}
