//! Elements in memory, and the traits that let one kernel serve several dtypes.

use super::matmul::{Epilogue, Product, Start};
use super::{elementary, elementwise, recycle, reduce, single};
use crate::dtype::DType;
use crate::op::{Binary, InPlace, Unary};
use std::cell::RefCell;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Rem, Sub};

/// Runs the body with `$T` as the floating-point type of `$dtype`, or fails as PyTorch does.
macro_rules! with_float {
    ($dtype:expr, $what:expr, $T:ident => $body:expr) => {
        match $dtype {
            crate::dtype::DType::F32 => {
                type $T = f32;
                $body
            }
            crate::dtype::DType::F64 => {
                type $T = f64;
                $body
            }
            other => Err(crate::backend::cpu::unsupported($what, other)),
        }
    };
}

/// Runs the body with `$T` as the number type of `$dtype`, or fails as PyTorch does for bool.
macro_rules! with_number {
    ($dtype:expr, $what:expr, $T:ident => $body:expr) => {
        match $dtype {
            crate::dtype::DType::F32 => {
                type $T = f32;
                $body
            }
            crate::dtype::DType::F64 => {
                type $T = f64;
                $body
            }
            crate::dtype::DType::I64 => {
                type $T = i64;
                $body
            }
            other => Err(crate::backend::cpu::unsupported($what, other)),
        }
    };
}

/// Runs the body with `$T` as the element type of `$dtype`.
macro_rules! with_element {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            crate::dtype::DType::F32 => {
                type $T = f32;
                $body
            }
            crate::dtype::DType::F64 => {
                type $T = f64;
                $body
            }
            crate::dtype::DType::I64 => {
                type $T = i64;
                $body
            }
            crate::dtype::DType::Bool => {
                type $T = bool;
                $body
            }
        }
    };
}

pub(super) use {with_element, with_float, with_number};

/// Elements in memory.
#[derive(Debug, Clone)]
pub enum CpuStorage {
    /// torch.float32
    F32(Vec<f32>),
    /// torch.float64
    F64(Vec<f64>),
    /// torch.int64
    I64(Vec<i64>),
    /// torch.bool
    Bool(Vec<bool>),
}

impl CpuStorage {
    /// The elements' type.
    #[inline]
    pub fn dtype(&self) -> DType {
        match self {
            CpuStorage::F32(_) => DType::F32,
            CpuStorage::F64(_) => DType::F64,
            CpuStorage::I64(_) => DType::I64,
            CpuStorage::Bool(_) => DType::Bool,
        }
    }

    /// So many elements, which are to be overwritten.
    pub fn for_result(dtype: DType, n: usize) -> CpuStorage {
        match dtype {
            DType::F32 => CpuStorage::F32(recycle::take(n)),
            _ => with_element!(dtype, T => T::store(vec![T::default(); n])),
        }
    }
}

/// A Rust type that a storage can hold.
pub trait Element: Copy + PartialEq + PartialOrd + Default + 'static {
    /// Its dtype.
    const DTYPE: DType;
    /// The elements.
    ///
    /// # Panics
    /// When the storage is of another dtype: the tensor layer has cast before.
    fn of(storage: &CpuStorage) -> &[Self];
    /// The elements, to be written; panics as [`Element::of`].
    fn of_mut(storage: &mut CpuStorage) -> &mut [Self];
    /// A storage of these elements.
    fn store(values: Vec<Self>) -> CpuStorage;
    /// A buffer of `n` elements at least; what is in it is left from before.
    fn take_scratch(n: usize) -> Vec<Self>;
    /// Keeps a buffer for the next time.
    fn keep_scratch(buffer: Vec<Self>);
    /// Calls `f` with a buffer of `n` elements that is kept for the next time; what is in it is left from
    /// before.
    #[inline]
    fn with_scratch<R>(n: usize, f: impl FnOnce(&mut [Self]) -> R) -> R {
        let mut buffer = Self::take_scratch(n);
        let result = f(&mut buffer[..n]);
        Self::keep_scratch(buffer);
        result
    }
    /// The nearest value (C's conversion: truncated for integers, non-zero is true).
    fn from_f64(value: f64) -> Self;
    /// As f64.
    fn to_f64(self) -> f64;
    /// As f32, rounded once.
    fn to_f32(self) -> f32;
    /// As i64, truncated.
    fn to_i64(self) -> i64;
}

/// Elements that can be added and multiplied: all but bool. Integers wrap around, as PyTorch's do.
pub trait Number: Element {
    /// 1
    const ONE: Self;
    /// Below all others
    const LOWEST: Self;
    /// a + b
    fn plus(self, other: Self) -> Self;
    /// a · b
    fn times(self, other: Self) -> Self;
    /// A matrix product with the kernels there are for the type.
    fn product(
        product: &Product,
        a: &[Self],
        b: &[Self],
        start: Start<'_, Self>,
        epilogue: Epilogue,
        out: &mut [Self],
    ) {
        product.run_scalar(a, b, start, epilogue, out);
    }
}

impl Number for i64 {
    const ONE: Self = 1;
    const LOWEST: Self = i64::MIN;
    #[inline]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    #[inline]
    fn times(self, other: Self) -> Self {
        self.wrapping_mul(other)
    }
}

/// Floating-point elements: arithmetic, and functions that give the same bits on every platform.
pub trait Float:
    Number
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + MulAssign
    + Div<Output = Self>
    + Rem<Output = Self>
    + Neg<Output = Self>
{
    /// −∞
    const NEG_INFINITY: Self;
    /// Not a number
    fn is_nan(self) -> bool;
    /// |x|
    fn abs(self) -> Self;
    /// √x, correctly rounded
    fn sqrt(self) -> Self;
    /// The largest whole number that is not above x
    fn floor(self) -> Self;
    /// The nearest whole number, halves to the even one
    fn round_ties_even(self) -> Self;
    /// eˣ
    fn exp(self) -> Self;
    /// eˣ − 1
    fn exp_m1(self) -> Self;
    /// ln x
    fn ln(self) -> Self;
    /// ln(1 + x)
    fn ln_1p(self) -> Self;
    /// sin x
    fn sin(self) -> Self;
    /// cos x
    fn cos(self) -> Self;
    /// tanh x
    fn tanh(self) -> Self;
    /// The Gauss error function
    fn erf(self) -> Self;
    /// xʸ
    fn pow(self, y: Self) -> Self;
    /// The elementwise functions over slices of one length
    fn unary(f: Unary, x: &[Self], out: &mut [Self]);
    /// The same for two operands
    fn binary(f: Binary, a: &[Self], b: &[Self], out: &mut [Self]);
    /// The same for an operand and a number
    fn scalar(f: Binary, x: &[Self], number: Self, out: &mut [Self]);
    /// The in-place operations of arithmetic; an operand that an operation does not have is empty
    fn in_place(op: InPlace, dst: &mut [Self], a: &[Self], b: &[Self]);
    /// eˣ / Σ eˣ over a slice, or its logarithm
    fn softmax(x: &[Self], out: &mut [Self], log: bool);
}

macro_rules! element {
    ($t:ty, $variant:ident, $free:ident, $from:expr, $f64:expr, $f32:expr, $i64:expr) => {
        thread_local! {
            // A stack: whoever has taken one may call what needs another.
            static $free: RefCell<Vec<Vec<$t>>> = const { RefCell::new(Vec::new()) };
        }

        impl Element for $t {
            const DTYPE: DType = DType::$variant;
            #[inline]
            fn of(storage: &CpuStorage) -> &[Self] {
                let CpuStorage::$variant(values) = storage else {
                    panic!("expected {}, got {}", Self::DTYPE, storage.dtype())
                };
                values
            }
            #[inline]
            fn of_mut(storage: &mut CpuStorage) -> &mut [Self] {
                match storage {
                    CpuStorage::$variant(values) => values,
                    other => panic!("expected {}, got {}", Self::DTYPE, other.dtype()),
                }
            }
            #[inline]
            fn store(values: Vec<Self>) -> CpuStorage {
                CpuStorage::$variant(values)
            }
            #[inline(never)]
            fn take_scratch(n: usize) -> Vec<Self> {
                let mut buffer = $free.with_borrow_mut(Vec::pop).unwrap_or_default();
                if buffer.len() < n {
                    buffer.resize(n, <$t>::default());
                }
                buffer
            }
            #[inline(never)]
            fn keep_scratch(buffer: Vec<Self>) {
                $free.with_borrow_mut(|free| free.push(buffer));
            }
            #[inline]
            fn from_f64(value: f64) -> Self {
                $from(value)
            }
            #[inline]
            fn to_f64(self) -> f64 {
                $f64(self)
            }
            #[inline]
            fn to_f32(self) -> f32 {
                $f32(self)
            }
            #[inline]
            fn to_i64(self) -> i64 {
                $i64(self)
            }
        }
    };
}

element!(f32, F32, FREE_F32, |v| v as f32, f64::from, |v| v, |v| v as i64);
element!(f64, F64, FREE_F64, |v| v, |v| v, |v| v as f32, |v| v as i64);
element!(i64, I64, FREE_I64, |v| v as i64, |v| v as f64, |v| v as f32, |v| v);
element!(
    bool,
    Bool,
    FREE_BOOL,
    |v| v != 0.0,
    |v| f64::from(u8::from(v)),
    |v| f32::from(u8::from(v)),
    i64::from
);

macro_rules! float {
    (
        $t:ident, $product:path, $kernels:ident::{$unary:ident, $binary:ident, $scalar:ident, $in_place:ident},
        $softmax:path, $pow:path, $functions:ident, $($name:ident = $f:ident),+
    ) => {
        impl Number for $t {
            const ONE: Self = 1.0;
            const LOWEST: Self = $t::NEG_INFINITY;
            #[inline]
            fn plus(self, other: Self) -> Self {
                self + other
            }
            #[inline]
            fn times(self, other: Self) -> Self {
                self * other
            }
            fn product(
                product: &Product,
                a: &[Self],
                b: &[Self],
                start: Start<'_, Self>,
                epilogue: Epilogue,
                out: &mut [Self],
            ) {
                $product(product, a, b, start, epilogue, out);
            }
        }

        impl Float for $t {
            const NEG_INFINITY: Self = $t::NEG_INFINITY;
            #[inline]
            fn is_nan(self) -> bool {
                self.is_nan()
            }
            #[inline]
            fn abs(self) -> Self {
                self.abs()
            }
            #[inline]
            fn sqrt(self) -> Self {
                self.sqrt()
            }
            #[inline]
            fn floor(self) -> Self {
                self.floor()
            }
            #[inline]
            fn round_ties_even(self) -> Self {
                self.round_ties_even()
            }
            #[inline(never)]
            fn pow(self, y: Self) -> Self {
                $pow(self, y)
            }
            fn unary(f: Unary, x: &[Self], out: &mut [Self]) {
                $kernels::$unary(f, x, out);
            }
            fn binary(f: Binary, a: &[Self], b: &[Self], out: &mut [Self]) {
                $kernels::$binary(f, a, b, out);
            }
            fn scalar(f: Binary, x: &[Self], number: Self, out: &mut [Self]) {
                $kernels::$scalar(f, x, number, out);
            }
            fn in_place(op: InPlace, dst: &mut [Self], a: &[Self], b: &[Self]) {
                $kernels::$in_place(op, dst, a, b);
            }
            fn softmax(x: &[Self], out: &mut [Self], log: bool) {
                $softmax(x, out, log);
            }
            // Large, and called from several loops each.
            $(#[inline(never)]
            fn $name(self) -> Self {
                $functions::$f(self)
            })+
        }
    };
}

/// What [`elementary`] has no vectors for, beside what it has.
mod functions {
    pub(super) use super::elementary::{erf, exp, expm1, log, log1p, tanh};
    pub(super) use libm::{cosf as cos, sinf as sin};
}

float!(
    f32,
    Product::run,
    single::{unary, binary, scalar, in_place},
    reduce::softmax_f32,
    libm::powf,
    functions,
    exp = exp,
    exp_m1 = expm1,
    ln = log,
    ln_1p = log1p,
    sin = sin,
    cos = cos,
    tanh = tanh,
    erf = erf
);
float!(
    f64,
    Product::run_scalar,
    elementwise::{unary_of, binary_of, scalar_of, in_place_of},
    reduce::softmax_of,
    libm::pow,
    libm,
    exp = exp,
    exp_m1 = expm1,
    ln = log,
    ln_1p = log1p,
    sin = sin,
    cos = cos,
    tanh = tanh,
    erf = erf
);
