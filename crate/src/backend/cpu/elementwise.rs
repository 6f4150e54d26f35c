//! Functions of each element on its own.

use super::storage::{CpuStorage, Element, Float, with_element, with_float};
use super::{View, unsupported};
use crate::dtype::DType;
use crate::error::Result;
use crate::op::{Binary, Compare, InPlace, Unary};
use crate::shape::Layout;

/// f of each element, row-major.
fn map<T: Element, U>(x: View<'_>, f: impl Fn(T) -> U) -> Vec<U> {
    let values = T::of(x.storage);
    let (n, stride) = x.layout.row();
    let mut out = Vec::with_capacity(x.layout.numel());
    if x.layout.is_contiguous() {
        let start = x.layout.offset();
        out.extend(values[start..start + x.layout.numel()].iter().map(|&v| f(v)));
    } else {
        x.layout.for_each_row(|at| {
            out.extend((0..n).map(|i| f(values[at.wrapping_add_signed(i as isize * stride)])));
        });
    }
    out
}

/// f of each pair, row-major; both views have the result's sizes.
fn zip<A: Element, B: Element, U>(a: (&[A], &Layout), b: (&[B], &Layout), f: impl Fn(A, B) -> U) -> Vec<U> {
    let mut out = Vec::with_capacity(a.1.numel());
    if a.1.is_contiguous() && b.1.is_contiguous() {
        let n = a.1.numel();
        let (a, b) = (&a.0[a.1.offset()..][..n], &b.0[b.1.offset()..][..n]);
        out.extend(a.iter().zip(b).map(|(&a, &b)| f(a, b)));
        return out;
    }
    let ((n, sa), (_, sb)) = (a.1.row(), b.1.row());
    let mut starts = Vec::new();
    b.1.for_each_row(|at| starts.push(at));
    let mut starts = starts.into_iter();
    a.1.for_each_row(|ia| {
        let ib = starts.next().expect("both have the same sizes");
        // The common strides are spelt out so that the loops vectorise.
        match (sa, sb) {
            (1, 1) => out.extend(a.0[ia..ia + n].iter().zip(&b.0[ib..ib + n]).map(|(&a, &b)| f(a, b))),
            (1, 0) => out.extend(a.0[ia..ia + n].iter().map(|&a| f(a, b.0[ib]))),
            (0, 1) => out.extend(b.0[ib..ib + n].iter().map(|&b| f(a.0[ia], b))),
            _ => out.extend(
                (0..n as isize)
                    .map(|i| f(a.0[ia.wrapping_add_signed(i * sa)], b.0[ib.wrapping_add_signed(i * sb)])),
            ),
        }
    });
    out
}

/// f of each element of `dst` and, where there are any, the elements of `inputs` at its place.
fn update<T: Float, const N: usize>(
    dst: &mut [T],
    layout: &Layout,
    inputs: [View<'_>; N],
    f: impl Fn(T, [T; N]) -> T,
) -> Result<()> {
    let expanded: [Layout; N] = {
        let mut layouts = inputs.map(|v| v.layout.clone());
        for l in &mut layouts {
            *l = l.expand(layout.dims())?;
        }
        layouts
    };
    let values: [&[T]; N] = inputs.map(|v| T::of(v.storage));
    if layout.is_contiguous() && expanded.iter().all(Layout::is_contiguous) {
        let n = layout.numel();
        let values: [&[T]; N] = std::array::from_fn(|k| &values[k][expanded[k].offset()..][..n]);
        for (i, d) in dst[layout.offset()..][..n].iter_mut().enumerate() {
            *d = f(*d, values.map(|v| v[i]));
        }
        return Ok(());
    }
    let (n, stride) = layout.row();
    let mut starts: [Vec<usize>; N] = std::array::from_fn(|_| Vec::new());
    for (starts, l) in starts.iter_mut().zip(&expanded) {
        l.for_each_row(|at| starts.push(at));
    }
    let mut row = 0;
    layout.for_each_row(|at| {
        for i in 0..n as isize {
            let d = &mut dst[at.wrapping_add_signed(i * stride)];
            let operands = std::array::from_fn(|k| {
                values[k][starts[k][row].wrapping_add_signed(i * expanded[k].row().1)]
            });
            *d = f(*d, operands);
        }
        row += 1;
    });
    Ok(())
}

fn unary_of<T: Float>(f: Unary, x: View<'_>) -> CpuStorage {
    let n = T::from_f64;
    let zero = T::default();
    let one = T::ONE;
    T::store(match f {
        Unary::Neg => map(x, |v: T| -v),
        Unary::Abs => map(x, T::abs),
        Unary::Sign => map(x, |v: T| {
            if v > zero {
                one
            } else if v < zero {
                -one
            } else {
                v
            }
        }),
        Unary::Square => map(x, |v: T| v * v),
        Unary::Sqrt => map(x, T::sqrt),
        Unary::Rsqrt => map(x, |v: T| one / v.sqrt()),
        Unary::Reciprocal => map(x, |v: T| one / v),
        Unary::Exp => map(x, T::exp),
        Unary::Expm1 => map(x, T::exp_m1),
        Unary::Log => map(x, T::ln),
        Unary::Log1p => map(x, T::ln_1p),
        Unary::Sin => map(x, T::sin),
        Unary::Cos => map(x, T::cos),
        Unary::Tanh => map(x, T::tanh),
        Unary::Erf => map(x, T::erf),
        Unary::Sigmoid => map(x, |v: T| one / (one + (-v).exp())),
        Unary::LogSigmoid => map(x, |v: T| (if v < zero { v } else { zero }) - (-v.abs()).exp().ln_1p()),
        Unary::Relu => map(x, |v: T| if v < zero { zero } else { v }),
        Unary::LeakyRelu(slope) => map(x, |v: T| if v > zero { v } else { v * n(slope) }),
        Unary::Elu(alpha) => map(x, |v: T| if v > zero { v } else { n(alpha) * v.exp_m1() }),
        Unary::Softplus => map(x, |v: T| if v > n(20.0) { v } else { v.exp().ln_1p() }),
    })
}

pub(super) fn unary(f: Unary, x: View<'_>) -> Result<CpuStorage> {
    match (x.storage.dtype(), f) {
        (DType::I64, Unary::Neg) => Ok(CpuStorage::I64(map(x, i64::wrapping_neg))),
        (DType::I64, Unary::Abs) => Ok(CpuStorage::I64(map(x, i64::wrapping_abs))),
        (DType::I64, Unary::Sign) => Ok(CpuStorage::I64(map(x, i64::signum))),
        (DType::I64, Unary::Square) => Ok(CpuStorage::I64(map(x, |v: i64| v.wrapping_mul(v)))),
        (dtype, _) => with_float!(dtype, "unary", T => Ok(unary_of::<T>(f, x))),
    }
}

fn binary_fn<T: Float>(f: Binary) -> fn(T, T) -> T {
    // A NaN wins, whichever side it is on.
    fn larger<T: Float>(a: T, b: T) -> T {
        if a > b || a.is_nan() { a } else { b }
    }
    fn smaller<T: Float>(a: T, b: T) -> T {
        if a < b || a.is_nan() { a } else { b }
    }
    match f {
        Binary::Add => |a, b| a + b,
        Binary::Sub => |a, b| a - b,
        Binary::Mul => |a, b| a * b,
        Binary::Div => |a, b| a / b,
        Binary::Pow => T::pow,
        Binary::Maximum => larger,
        Binary::Minimum => smaller,
    }
}

fn binary_of<T: Float>(f: Binary, a: (&[T], &Layout), b: (&[T], &Layout)) -> CpuStorage {
    // The four of arithmetic as closures of their own, so that each loop vectorises.
    T::store(match f {
        Binary::Add => zip(a, b, |a, b| a + b),
        Binary::Sub => zip(a, b, |a, b| a - b),
        Binary::Mul => zip(a, b, |a, b| a * b),
        Binary::Div => zip(a, b, |a, b| a / b),
        other => zip(a, b, binary_fn(other)),
    })
}

fn binary_i64(f: Binary) -> Result<fn(i64, i64) -> i64> {
    Ok(match f {
        Binary::Add => i64::wrapping_add,
        Binary::Sub => i64::wrapping_sub,
        Binary::Mul => i64::wrapping_mul,
        Binary::Maximum => i64::max,
        Binary::Minimum => i64::min,
        // True division casts first; integer powers belong to the float path until asked for.
        Binary::Div | Binary::Pow => return Err(unsupported("div, pow", DType::I64)),
    })
}

pub(super) fn binary(f: Binary, a: View<'_>, b: View<'_>, dims: &[usize]) -> Result<CpuStorage> {
    let (la, lb) = (a.layout.expand(dims)?, b.layout.expand(dims)?);
    match a.storage.dtype() {
        DType::I64 => {
            Ok(CpuStorage::I64(zip((i64::of(a.storage), &la), (i64::of(b.storage), &lb), binary_i64(f)?)))
        }
        dtype => with_float!(dtype, "binary", T => {
            Ok(binary_of::<T>(f, (T::of(a.storage), &la), (T::of(b.storage), &lb)))
        }),
    }
}

pub(super) fn scalar(f: Binary, x: View<'_>, number: f64) -> Result<CpuStorage> {
    match x.storage.dtype() {
        DType::I64 => {
            let (f, number) = (binary_i64(f)?, number as i64);
            Ok(CpuStorage::I64(map(x, |v| f(v, number))))
        }
        dtype => with_float!(dtype, "scalar", T => {
            let number = T::from_f64(number);
            Ok(T::store(match f {
                Binary::Add => map(x, |v: T| v + number),
                Binary::Sub => map(x, |v: T| v - number),
                Binary::Mul => map(x, |v: T| v * number),
                Binary::Div => map(x, |v: T| v / number),
                other => {
                    let f = binary_fn::<T>(other);
                    map(x, |v: T| f(v, number))
                }
            }))
        }),
    }
}

/// a < b
pub(super) fn less<T: PartialOrd>(a: T, b: T) -> bool {
    a < b
}

/// a > b
pub(super) fn greater<T: PartialOrd>(a: T, b: T) -> bool {
    a > b
}

pub(super) fn compare(f: Compare, a: View<'_>, b: View<'_>, dims: &[usize]) -> Result<CpuStorage> {
    let (la, lb) = (a.layout.expand(dims)?, b.layout.expand(dims)?);
    with_element!(a.storage.dtype(), T => {
        let f: fn(T, T) -> bool = match f {
            Compare::Eq => |a, b| a == b,
            Compare::Ne => |a, b| a != b,
            Compare::Lt => less,
            Compare::Le => |a, b| a <= b,
            Compare::Gt => greater,
            Compare::Ge => |a, b| a >= b,
        };
        Ok(CpuStorage::Bool(zip((T::of(a.storage), &la), (T::of(b.storage), &lb), f)))
    })
}

pub(super) fn select(condition: View<'_>, a: View<'_>, b: View<'_>, dims: &[usize]) -> Result<CpuStorage> {
    let lc = condition.layout.expand(dims)?;
    let (la, lb) = (a.layout.expand(dims)?, b.layout.expand(dims)?);
    with_element!(a.storage.dtype(), T => {
        let pairs = zip((T::of(a.storage), &la), (T::of(b.storage), &lb), |a, b| (a, b));
        let holds = map::<bool, bool>(View { layout: &lc, ..condition }, |c| c);
        Ok(T::store(holds.into_iter().zip(pairs).map(|(c, (a, b))| if c { a } else { b }).collect()))
    })
}

/// The values as another dtype, row-major; also the copy of a strided view in its own dtype.
pub(super) fn cast(x: View<'_>, to: DType) -> CpuStorage {
    let from = x.storage.dtype();
    if from == to {
        return with_element!(from, T => T::store(map::<T, T>(x, |v| v)));
    }
    match (from, to) {
        // Not through f64, which cannot hold every i64.
        (DType::I64, DType::Bool) => CpuStorage::Bool(map(x, |v: i64| v != 0)),
        (DType::I64, DType::F32) => CpuStorage::F32(map(x, |v: i64| v as f32)),
        _ => with_element!(from, T => with_element!(to, U => {
            U::store(map::<T, U>(x, |v| U::from_f64(v.to_f64())))
        })),
    }
}

pub(super) fn in_place(
    op: InPlace,
    storage: &mut CpuStorage,
    layout: &Layout,
    inputs: &[View<'_>],
) -> Result<()> {
    let dtype = storage.dtype();
    if !dtype.is_floating_point() {
        return in_place_exact(op, storage, layout, inputs);
    }
    with_float!(dtype, "in-place", T => {
        let dst = T::of_mut(storage);
        let n = T::from_f64;
        match op {
            InPlace::Fill(value) => update(dst, layout, [], |_, []| n(value)),
            InPlace::Mul(value) => update(dst, layout, [], |d: T, []| d * n(value)),
            InPlace::Copy => update(dst, layout, [inputs[0]], |_, [a]| a),
            InPlace::Add { alpha: 1.0 } => update(dst, layout, [inputs[0]], |d, [a]| d + a),
            InPlace::Add { alpha } => update(dst, layout, [inputs[0]], |d, [a]| d + n(alpha) * a),
            InPlace::Lerp { weight } => update(dst, layout, [inputs[0]], |d, [a]| d + n(weight) * (a - d)),
            InPlace::AddCMul { value } => {
                update(dst, layout, [inputs[0], inputs[1]], |d, [a, b]| d + n(value) * a * b)
            }
            InPlace::AddCDiv { value } => {
                update(dst, layout, [inputs[0], inputs[1]], |d, [a, b]| d + n(value) * a / b)
            }
        }
    })
}

/// Integers and bool can be filled and copied.
fn in_place_exact(op: InPlace, storage: &mut CpuStorage, layout: &Layout, inputs: &[View<'_>]) -> Result<()> {
    let dtype = storage.dtype();
    with_element!(dtype, T => {
        let source: Vec<T> = match op {
            InPlace::Fill(value) => vec![T::from_f64(value); layout.numel()],
            InPlace::Copy => {
                let expanded = inputs[0].layout.expand(layout.dims())?;
                map(View { layout: &expanded, ..inputs[0] }, |v| v)
            }
            _ => return Err(unsupported("in-place arithmetic", dtype)),
        };
        let dst = T::of_mut(storage);
        let (n, stride) = layout.row();
        let mut source = source.into_iter();
        layout.for_each_row(|at| {
            for i in 0..n as isize {
                dst[at.wrapping_add_signed(i * stride)] = source.next().expect("as many as the view has");
            }
        });
        Ok(())
    })
}
