//! Kernels as data: which source, with which types and expressions in it, on which buffers. Nothing here needs a
//! device.

use super::source;
use smallvec::SmallVec;

/// The numbers of a kernel, see `wgsl/prelude.wgsl`; the last two are NaN and infinity.
pub const WORDS: usize = 64;

/// Words of a step's row in the table of a captured run: where its rows and its draws begin, two that are free,
/// then the numbers of the optimizer.
pub const STEP: usize = 24;

/// Threads of a group.
pub const GROUP: usize = 64;

/// The sources. What is put into each is told in [`Key::source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum File {
    /// Functions of each element: types of a, b, c and the result, statements, expression, [`PLAIN`] or
    /// [`IN_PLACE`]
    Map,
    /// The same for operands that lie row-major, four elements at a time
    MapFour,
    /// Reductions, one thread each: type, expression, start, finish
    ReduceThread,
    /// The same, one group of threads each
    ReduceGroup,
    /// Softmax, one thread for each line: expression
    SoftmaxThread,
    /// The same, one group of threads for each line
    SoftmaxGroup,
    /// Products: operands, tiling, orders of a and b, bias
    Product,
    /// The same in blocks of each thread: operands, orders of a and b, bias, whether k ends within four
    ProductBlock,
    /// A row times a matrix: types of what is read of the row and of the matrix, bias
    ProductRow,
    /// `x[index]`: type
    Gather,
    /// Its adjoint: type
    ScatterAdd,
    /// The negative log likelihood of each row
    NllRows,
    /// The mean of them
    NllMean,
    /// How many rows are in that mean
    NllCount,
    /// The adjoint: the gradient of a row's loss
    NllGrad,
    /// Index of the largest element: type, what is better
    Argmax,
    /// Running sums: type, place of the next
    Cumsum,
    /// The largest of windows: type, NaN, result type, value
    MaxPool,
    /// Its adjoint: type, NaN
    MaxPoolGrad,
    /// The same where windows do not overlap: type, NaN
    MaxPoolCells,
    /// The mean of windows
    MeanPool,
    /// Its adjoint
    MeanPoolGrad,
    /// Windows as columns
    Unfold,
    /// Its adjoint
    Fold,
    /// Rows of a batch out of all rows: type
    SelectRows,
    /// What was drawn for a step, out of what was drawn for many
    TakeDrawn,
    /// The loss of a step, and the step's end
    Record,
    /// An optimizer's step: rule, type of what a thread takes
    Update,
}

/// A source with what is put into it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The source
    pub file: File,
    /// What is put in
    pub with: SmallVec<[&'static str; 7]>,
}

/// The result is another buffer.
pub const PLAIN: &str = "plain";
/// The result is read before it is written.
pub const IN_PLACE: &str = "in place";

impl Key {
    /// Of a file with this in it.
    pub fn new(file: File, with: &[&'static str]) -> Key {
        Key { file, with: SmallVec::from_slice(with) }
    }

    /// The WGSL.
    pub fn source(&self) -> String {
        source::of(self)
    }
}

/// A dispatch.
#[derive(Debug, Clone)]
pub struct Kernel<B> {
    /// What runs
    pub key: Key,
    /// Buffers that are read, in the order of their bindings
    pub reads: SmallVec<[B; 4]>,
    /// Those that are written, after them
    pub writes: SmallVec<[B; 4]>,
    /// Whether it can complain: the last binding then
    pub complains: bool,
    /// Its numbers
    pub words: [u32; WORDS],
    /// Groups of threads
    pub groups: [u32; 3],
    /// How many threads have something to do
    pub threads: usize,
}

impl<B: Clone> Kernel<B> {
    /// For so many groups of threads, in a line.
    pub fn new(key: Key, reads: &[B], writes: &[B], extent: impl Into<Extent>) -> Kernel<B> {
        let Extent { groups, threads } = extent.into();
        let mut words = [0; WORDS];
        (words[WORDS - 2], words[WORDS - 1]) = (f32::NAN.to_bits(), f32::INFINITY.to_bits());
        Kernel {
            key,
            reads: reads.iter().cloned().collect(),
            writes: writes.iter().cloned().collect(),
            complains: false,
            words,
            groups: in_two_dimensions(groups),
            threads,
        }
    }

    /// Sets numbers from place `at` on.
    pub fn with(mut self, at: usize, values: &[usize]) -> Self {
        for (word, &value) in self.words[at..].iter_mut().zip(values) {
            *word = value as u32;
        }
        self
    }

    /// Sets strides, which can be negative.
    pub fn with_signed(mut self, at: usize, values: &[isize]) -> Self {
        for (word, &value) in self.words[at..].iter_mut().zip(values) {
            *word = value as i32 as u32;
        }
        self
    }

    /// Sets an f32.
    pub fn with_number(mut self, at: usize, value: f32) -> Self {
        self.words[at] = value.to_bits();
        self
    }

    /// It may find indices that do not exist.
    pub fn complaining(mut self) -> Self {
        self.complains = true;
        self
    }
}

/// A dimension has at most 65,535 groups.
fn in_two_dimensions(groups: usize) -> [u32; 3] {
    const ROW: usize = 32_768;
    if groups <= ROW { [groups as u32, 1, 1] } else { [ROW as u32, groups.div_ceil(ROW) as u32, 1] }
}

/// How many threads there are.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    groups: usize,
    threads: usize,
}

impl From<usize> for Extent {
    /// Whole groups.
    fn from(groups: usize) -> Extent {
        Extent { groups, threads: groups * GROUP }
    }
}

/// Groups for so many threads.
pub fn groups_of(threads: usize) -> Extent {
    Extent { groups: threads.div_ceil(GROUP), threads }
}
