//! Matrix products, in one order of summation.
//!
//! **Every element of a product is `start + Σ_k a[i][k]·b[k][j]`, summed over k from first to last, with
//! one rounding for each multiplication and one for each addition** (never fused, no relaxed SIMD),
//! beginning at the bias, at what `out` holds, or at 0. So each kernel gives the same bits as the plain
//! loop ([`Kernel::Scalar`]), however it cuts rows and columns into blocks, in whatever order the operands
//! lie, natively and in every browser; a block of k goes on from what the one before it left in `out`.
//! Only which of its many bit patterns a NaN has is left to the processor. `tests/matmul.rs` compares all
//! kernels bit for bit.
//!
//! A kernel works on vectors of four along one side of the result, so there are these kinds:
//!
//! * [`Kernel::Small`] reads the operands where they lie: nothing to prepare, for up to some thousand
//!   multiplications;
//! * [`Kernel::Vector`] multiplies one row or one column, reading the matrix once, at memory's speed;
//! * [`Kernel::Packed`] first copies blocks that fit the caches into the order in which they are read.
//!
//! `out = a·b` and `outᵀ = bᵀ·aᵀ` are the same numbers: a kernel is given whichever suits it better.

mod ops;
mod packed;
mod scalar;
mod small;
mod turn;
mod vector;

use super::storage::Number;
pub(super) use ops::{linear, matmul};

/// Where element (i, j) of a matrix lies in its slice: at `i · row + j · column`. The transposed matrix
/// has the two exchanged; a stride of 0 repeats a row or a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strides {
    /// Elements from one row to the next
    pub row: usize,
    /// Elements from one column to the next
    pub column: usize,
}

impl Strides {
    /// Row-major, without gaps, for so many columns.
    pub fn row_major(columns: usize) -> Strides {
        Strides { row: columns, column: 1 }
    }

    /// The transposed matrix's.
    pub fn transposed(self) -> Strides {
        Strides { row: self.column, column: self.row }
    }

    /// The elements that a slice must have to hold a matrix of this size.
    fn extent(self, rows: usize, columns: usize) -> usize {
        if rows == 0 || columns == 0 {
            return 0;
        }
        let (down, right) = ((rows - 1).saturating_mul(self.row), (columns - 1).saturating_mul(self.column));
        down.saturating_add(right).saturating_add(1)
    }
}

/// What the sums begin with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Start<'a, T> {
    /// 0
    Zero,
    /// A number for each column
    Bias(&'a [T]),
    /// What `out` holds: the product is added to it
    Out,
}

/// What is done to each sum before it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Epilogue {
    /// Nothing
    None,
    /// `x < 0 ? 0 : x`
    Relu,
}

/// The ways to compute a product of f32. All give the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// One element after the other: what the others are tested against
    Scalar,
    /// Operands read where they lie, for small ones
    Small,
    /// One row, or one column
    Vector,
    /// Copied into blocks first, for large ones
    Packed,
}

/// `[m, k]·[k, n]` with operands that lie in given ways. What can be decided before the numbers are known
/// is decided here, once for any number of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// As the kernel is given it
    shape: Shape,
    kernel: Kernel,
    /// Whether the kernel is given outᵀ = bᵀ·aᵀ
    swapped: bool,
    lengths: Lengths,
}

impl Product {
    /// The product of an `[m, k]` and a `[k, n]` matrix, with the kernel that suits their sizes.
    pub fn new((m, k, n): (usize, usize, usize), a: Strides, b: Strides) -> Product {
        // Sizes beyond all counting are those of no slice.
        let lengths = Lengths { a: a.extent(m, k), b: b.extent(k, n), bias: n, out: m.saturating_mul(n) };
        // The stride of a dimension with one element says nothing: let it be the one kernels like.
        let unit = |size: usize, stride: usize| if size == 1 { 1 } else { stride };
        let a = Strides { row: unit(m, a.row), column: unit(k, a.column) };
        let b = Strides { row: unit(k, b.row), column: unit(n, b.column) };
        let shape = Shape { m, k, n, a, b };
        let scalar = Product { shape, kernel: Kernel::Scalar, swapped: false, lengths };
        [Kernel::Vector, Kernel::Small, Kernel::Packed]
            .into_iter()
            .find_map(|kernel| scalar.with_kernel(kernel).filter(Product::suits))
            .unwrap_or(scalar)
    }

    /// The same with another kernel, if that one can do it.
    pub fn with_kernel(self, kernel: Kernel) -> Option<Product> {
        let plain = if self.swapped { self.shape.swapped() } else { self.shape };
        let turned = plain.swapped();
        let swapped = match kernel {
            Kernel::Scalar => false,
            Kernel::Small => small::cost(&turned) < small::cost(&plain),
            Kernel::Vector => plain.m != 1,
            Kernel::Packed => packed::cost(&turned) < packed::cost(&plain),
        };
        let shape = if swapped { turned } else { plain };
        // An empty sum has nothing to read, an empty result nothing to write.
        let empty = shape.m == 0 || shape.k == 0 || shape.n == 0;
        let can = match kernel {
            Kernel::Scalar => true,
            Kernel::Small => !empty && small::can(&shape),
            Kernel::Vector => !empty && vector::can(&shape),
            Kernel::Packed => !empty,
        };
        can.then_some(Product { shape, kernel, swapped, ..self })
    }

    /// Whether the kernel is the one to take where all before it in `new` are not.
    fn suits(&self) -> bool {
        match self.kernel {
            Kernel::Small => small::suits(&self.shape),
            Kernel::Vector => vector::suits(&self.shape),
            // A single sum is one addition after the other.
            Kernel::Packed => self.lengths.out > 1,
            Kernel::Scalar => true,
        }
    }

    /// The kernel that will be used.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// `out[i][j] = epilogue(start + Σ_k a[i][k] b[k][j])`, `out` row-major `[m, n]`. Nothing is
    /// allocated, but for blocks that are kept for the next time.
    ///
    /// # Panics
    /// When a slice is shorter than the sizes and strides say, or `out` or the bias of another length.
    pub fn run(&self, a: &[f32], b: &[f32], start: Start<'_, f32>, epilogue: Epilogue, out: &mut [f32]) {
        if self.kernel == Kernel::Scalar {
            return self.run_scalar(a, b, start, epilogue, out);
        }
        self.lengths.check(a, b, &start, out);
        static ZERO: f32 = 0.0;
        let by_row = Strides { row: self.lengths.bias, column: 1 };
        let target = out.as_mut_ptr();
        let (start, start_strides) = match start {
            Start::Zero => (&raw const ZERO, Strides { row: 0, column: 0 }),
            Start::Bias(bias) => (bias.as_ptr(), Strides { row: 0, column: 1 }),
            Start::Out => (target.cast_const(), by_row),
        };
        let turned = |strides: Strides| if self.swapped { strides.transposed() } else { strides };
        let (a, b) = if self.swapped { (b, a) } else { (a, b) };
        let job = Job {
            shape: &self.shape,
            a: a.as_ptr(),
            b: b.as_ptr(),
            start,
            start_strides: turned(start_strides),
            out: target,
            out_strides: turned(by_row),
            relu: epilogue == Epilogue::Relu,
        };
        // SAFETY: the slices hold matrices of these sizes and strides, as has just been checked.
        unsafe {
            match self.kernel {
                Kernel::Scalar => unreachable!("done above"),
                Kernel::Small => small::run(&job),
                Kernel::Vector => vector::run(&job),
                Kernel::Packed => packed::run(&job),
            }
        }
    }

    /// The same for any type of numbers, one element after the other.
    ///
    /// # Panics
    /// As [`Product::run`].
    pub fn run_scalar<T: Number>(
        &self,
        a: &[T],
        b: &[T],
        start: Start<'_, T>,
        epilogue: Epilogue,
        out: &mut [T],
    ) {
        self.lengths.check(a, b, &start, out);
        let plain = if self.swapped { self.shape.swapped() } else { self.shape };
        scalar::run(&plain, a, b, start, out);
        let zero = T::default();
        if epilogue == Epilogue::Relu {
            out.iter_mut().filter(|v| **v < zero).for_each(|v| *v = zero);
        }
    }
}

/// The least lengths of the operands, and those of the bias and the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lengths {
    a: usize,
    b: usize,
    bias: usize,
    out: usize,
}

impl Lengths {
    #[inline]
    fn check<T>(&self, a: &[T], b: &[T], start: &Start<'_, T>, out: &[T]) {
        let bias = match start {
            Start::Bias(bias) => bias.len(),
            Start::Zero | Start::Out => self.bias,
        };
        let fits = a.len() >= self.a && b.len() >= self.b && bias == self.bias && out.len() == self.out;
        assert!(fits, "matrices of sizes and strides that their slices do not have");
    }
}

/// Sizes and strides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    m: usize,
    k: usize,
    n: usize,
    a: Strides,
    b: Strides,
}

impl Shape {
    /// Those of bᵀ·aᵀ.
    fn swapped(self) -> Shape {
        let Shape { m, k, n, a, b } = self;
        Shape { m: n, k, n: m, a: b.transposed(), b: a.transposed() }
    }
}

/// All that a kernel needs. The pointers are to slices in which matrices of these sizes and strides lie;
/// `start` has the result's sizes, and may be the result.
#[derive(Clone, Copy)]
struct Job<'a> {
    shape: &'a Shape,
    a: *const f32,
    b: *const f32,
    start: *const f32,
    start_strides: Strides,
    out: *mut f32,
    out_strides: Strides,
    relu: bool,
}
