//! Reductions, and what goes along a dimension.

use super::{Dim, Lowering, View, joined, put_dims, unsupported, word_type};
use crate::backend::gpu::kernel::{File, Kernel, Key, groups_of};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::Reduce;
use crate::shape::Layout;

/// Up to so many elements are added up by one thread.
const ONE_THREAD: usize = 64;
/// Where results are few, a group of threads takes so many elements.
const PORTION: usize = 4096;
/// That many groups are enough for any device.
const ENOUGH_GROUPS: usize = 256;

/// How elements come together.
#[derive(Clone, Copy)]
struct Fold {
    dtype: DType,
    combine: &'static str,
    start: &'static str,
    finish: &'static str,
    divisor: f32,
}

impl<B: Clone> Lowering<'_, B> {
    pub(super) fn reduce(
        &mut self,
        f: Reduce,
        x: View<'_, B>,
        over: &[usize],
        out: View<'_, B>,
    ) -> Result<()> {
        let n: usize = over.iter().map(|&d| x.dims().get(d).copied().unwrap_or(1)).product();
        let extreme = matches!(f, Reduce::Amax | Reduce::Amin | Reduce::Max | Reduce::Min);
        if extreme && n == 0 {
            return Err(Error::Index("amax(): Expected reduction dim to have non-zero size.".into()));
        }
        let (combine, start) = match (f, x.dtype) {
            (Reduce::Sum, DType::F32) => ("a + b", "0.0"),
            (Reduce::Prod, DType::F32) => ("a * b", "1.0"),
            (Reduce::Amax | Reduce::Max, DType::F32) => ("larger(a, b)", "-infinity()"),
            (Reduce::Amin | Reduce::Min, DType::F32) => ("smaller(a, b)", "infinity()"),
            (Reduce::Sum, DType::I64) => ("a + b", "0"),
            (Reduce::Prod, DType::I64) => ("a * b", "1"),
            (Reduce::Amax | Reduce::Max, DType::I64) => ("max(a, b)", "-2147483647 - 1"),
            (Reduce::Amin | Reduce::Min, DType::I64) => ("min(a, b)", "2147483647"),
            (Reduce::Amax | Reduce::Max, DType::Bool) => ("max(a, b)", "0"),
            (Reduce::Amin | Reduce::Min, DType::Bool) => ("min(a, b)", "1"),
            (_, other) => return Err(unsupported("sum", other)),
        };
        let fold = Fold { dtype: x.dtype, combine, start, finish: "total", divisor: 1.0 };
        self.folded(fold, x, over, out)
    }

    /// Σ (p − y)² / n
    pub(super) fn mse(&mut self, p: View<'_, B>, y: View<'_, B>, out: View<'_, B>) -> Result<()> {
        let n = p.layout.numel();
        let squares = (self.scratch)(n);
        let layout = Layout::contiguous(p.dims());
        let squares = View { buffer: &squares, layout: &layout, dtype: DType::F32 };
        if n > 0 {
            self.squared_difference(p, y, squares)?;
        }
        let over: Vec<usize> = (0..p.dims().len()).collect();
        let fold = Fold {
            dtype: DType::F32,
            combine: "a + b",
            start: "0.0",
            finish: "total / number(40u)",
            divisor: n as f32,
        };
        self.folded(fold, squares, &over, out)
    }

    fn folded(&mut self, fold: Fold, x: View<'_, B>, over: &[usize], out: View<'_, B>) -> Result<()> {
        let sides = |goes: bool| {
            let (dims, strides) = (x.dims(), x.layout.strides());
            joined((0..dims.len()).filter(move |d| over.contains(d) == goes).map(|d| (dims[d], [strides[d]])))
        };
        let (stay, go) = (sides(false), sides(true));
        let results = out.layout.numel();
        let n: usize = go.iter().map(|(size, _)| size).product();
        let few = !self.single && results < ENOUGH_GROUPS && n > PORTION;
        // Threads that are lanes do better alone, and a few hundred keep a processor busy.
        let short = self.narrow && !self.single && results < 64 && n > 4 * ONE_THREAD;
        if !few && !short {
            let place = (out.buffer.clone(), out.layout.offset());
            self.fold_once(fold, (x.buffer, x.layout.offset()), (&stay, &go), (results, n, n), place);
            return Ok(());
        }
        // In two stages, with an order that does not depend on who is ready first.
        let portions = match self.narrow {
            true => n.div_ceil(ONE_THREAD).min(256usize.div_ceil(results.max(1))),
            false => n.div_ceil(PORTION).min(1024),
        };
        let portion = n.div_ceil(portions);
        let parts = (self.scratch)(results * portions);
        let first = Fold { finish: "total", ..fold };
        self.fold_once(
            first,
            (x.buffer, x.layout.offset()),
            (&stay, &go),
            (results, n, portion),
            (parts.clone(), 0),
        );
        let (stay, go) = ([(results, [portions as isize])], [(portions, [1])]);
        let place = (out.buffer.clone(), out.layout.offset());
        self.fold_once(fold, (&parts, 0), (&stay, &go), (results, portions, portions), place);
        Ok(())
    }

    /// One dispatch: `(results, n, portion)` elements.
    fn fold_once(
        &mut self,
        fold: Fold,
        (x, offset): (&B, usize),
        (stay, go): (&[Dim<1>], &[Dim<1>]),
        (results, n, portion): (usize, usize, usize),
        (out, out_offset): (B, usize),
    ) {
        let portions = n.div_ceil(portion.max(1)).max(1);
        let many = results >= if self.single { 16 } else { 4096 };
        let alone = portions == 1 && (n <= ONE_THREAD || (many && n <= 1024));
        let threads = alone || (self.narrow && !self.single);
        let ty = word_type(fold.dtype).unwrap_or("f32");
        let with = [ty, fold.combine, fold.start, fold.finish];
        let (file, groups) = match threads {
            true => (File::ReduceThread, groups_of(results * portions)),
            false => (File::ReduceGroup, (results * portions).into()),
        };
        let mut kernel = Kernel::new(Key::new(file, &with), std::slice::from_ref(x), &[out], groups)
            .with(0, &[results, n, offset, out_offset, stay.len(), go.len(), portion, portions])
            .with_number(40, fold.divisor);
        put_dims(&mut kernel, 8, stay);
        put_dims(&mut kernel, 24, go);
        self.kernels.push(kernel);
    }

    pub(super) fn softmax(
        &mut self,
        x: View<'_, B>,
        dim: usize,
        result: &'static str,
        out: View<'_, B>,
    ) -> Result<()> {
        if x.dtype != DType::F32 {
            return Err(unsupported("softmax", x.dtype));
        }
        let (dims, strides, to) = (x.dims(), x.layout.strides(), out.layout.strides());
        let beside = joined((0..dims.len()).filter(|&d| d != dim).map(|d| (dims[d], [strides[d], to[d]])));
        let at = |s: &[isize]| s.get(dim).copied().unwrap_or(1);
        let n = dims.get(dim).copied().unwrap_or(1);
        let lines = out.layout.numel() / n.max(1);
        let (file, groups) = match n <= ONE_THREAD || self.single || self.narrow {
            true => (File::SoftmaxThread, groups_of(lines)),
            false => (File::SoftmaxGroup, lines.into()),
        };
        let mut kernel = Kernel::new(
            Key::new(file, &[result]),
            std::slice::from_ref(x.buffer),
            std::slice::from_ref(out.buffer),
            groups,
        )
        .with(0, &[lines, n, x.layout.offset(), out.layout.offset(), beside.len()])
        .with_signed(5, &[at(strides), at(to)]);
        put_dims(&mut kernel, 8, &beside);
        self.kernels.push(kernel);
        Ok(())
    }

    fn line(&mut self, key: Key, x: View<'_, B>, dim: usize, out: View<'_, B>) -> Result<()> {
        let n = x.dims().get(dim).copied().unwrap_or(1);
        let inner: usize = x.dims().iter().skip(dim + 1).product();
        let lines = x.layout.numel() / n.max(1);
        let dense = self.dense(x)?;
        let kernel = Kernel::new(key, &[dense.buffer], std::slice::from_ref(out.buffer), groups_of(lines))
            .with(0, &[lines, n, dense.offset, out.layout.offset(), inner]);
        self.kernels.push(kernel);
        Ok(())
    }

    pub(super) fn argmax(&mut self, x: View<'_, B>, dim: usize, out: View<'_, B>) -> Result<()> {
        if x.dims().get(dim) == Some(&0) {
            return Err(Error::Index("argmax(): Expected reduction dim to have non-zero size.".into()));
        }
        let better = match x.dtype {
            DType::F32 => "!is_nan(best) && (is_nan(v) || v > best)",
            _ => "v > best",
        };
        self.line(Key::new(File::Argmax, &[word_type(x.dtype)?, better]), x, dim, out)
    }

    pub(super) fn cumsum(
        &mut self,
        x: View<'_, B>,
        dim: usize,
        reverse: bool,
        out: View<'_, B>,
    ) -> Result<()> {
        if x.dtype == DType::Bool {
            return Err(unsupported("cumsum", x.dtype));
        }
        let place = if reverse { "(n - 1u - j)" } else { "j" };
        self.line(Key::new(File::Cumsum, &[word_type(x.dtype)?, place]), x, dim, out)
    }
}
