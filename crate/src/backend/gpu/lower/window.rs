//! Pooling, and windows as columns.

use super::{Lowering, View, unsupported, word_type};
use crate::backend::gpu::kernel::{File, Kernel, Key, groups_of};
use crate::dtype::DType;
use crate::error::Result;
use crate::op::{Divisor, Pool, Window};

/// The numbers of `window.wgsl` before the offsets.
fn numbers(
    w: &Window,
    planes: usize,
    (h, width): (usize, usize),
    outputs: (usize, usize),
    n: usize,
) -> [usize; 14] {
    [
        n,
        planes,
        h,
        width,
        outputs.0,
        outputs.1,
        w.kernel.0,
        w.kernel.1,
        w.stride.0,
        w.stride.1,
        w.padding.0,
        w.padding.1,
        w.dilation.0,
        w.dilation.1,
    ]
}

impl<B: Clone> Lowering<'_, B> {
    pub(super) fn max_pool(
        &mut self,
        pool: &Pool,
        x: View<'_, B>,
        index: bool,
        out: View<'_, B>,
    ) -> Result<()> {
        let ty = word_type(x.dtype)?;
        let (nan, lowest) = match x.dtype {
            DType::F32 => ("is_nan(v)", "select(-infinity(), x[plane + max(best, 0)], best >= 0)"),
            DType::I64 => ("false", "select(-2147483647 - 1, x[plane + max(best, 0)], best >= 0)"),
            other => return Err(unsupported("max_pool2d", other)),
        };
        let with = if index { [ty, nan, "i32", "max(best, 0)"] } else { [ty, nan, ty, lowest] };
        let (&[n, c, h, w], len) = (fixed(x.dims()), out.layout.numel());
        let x = self.dense(x)?;
        let kernel = Kernel::new(
            Key::new(File::MaxPool, &with),
            &[x.buffer],
            std::slice::from_ref(out.buffer),
            groups_of(len),
        )
        .with(0, &numbers(&pool.window, n * c, (h, w), pool.outputs, len))
        .with(14, &[x.offset, 0, out.layout.offset()]);
        self.kernels.push(kernel);
        Ok(())
    }

    pub(super) fn max_pool_grad(
        &mut self,
        pool: &Pool,
        x: View<'_, B>,
        g: View<'_, B>,
        out: View<'_, B>,
    ) -> Result<()> {
        let nan = if x.dtype == DType::F32 { "is_nan(v)" } else { "false" };
        let (&[n, c, h, w], len) = (fixed(x.dims()), out.layout.numel());
        let Window { kernel, stride, padding, dilation } = pool.window;
        let apart = padding == (0, 0) && dilation == (1, 1) && kernel.0 <= stride.0 && kernel.1 <= stride.1;
        let (file, len) = match apart {
            true => (File::MaxPoolCells, n * c * h.div_ceil(stride.0) * w.div_ceil(stride.1)),
            false => (File::MaxPoolGrad, len),
        };
        let key = Key::new(file, &[word_type(x.dtype)?, nan]);
        let (x, g) = (self.dense(x)?, self.dense(g)?);
        let kernel =
            Kernel::new(key, &[x.buffer, g.buffer], std::slice::from_ref(out.buffer), groups_of(len))
                .with(0, &numbers(&pool.window, n * c, (h, w), pool.outputs, len))
                .with(14, &[x.offset, g.offset, out.layout.offset()]);
        self.kernels.push(kernel);
        Ok(())
    }

    /// One operand, f32, and windows over planes of the size `plane`.
    fn windowed(
        &mut self,
        file: File,
        (w, plane, outputs): (&Window, [usize; 4], (usize, usize)),
        by: Divisor,
        x: View<'_, B>,
        out: View<'_, B>,
    ) -> Result<()> {
        if x.dtype != DType::F32 {
            return Err(unsupported("avg_pool2d", x.dtype));
        }
        let [n, c, height, width] = plane;
        let len = out.layout.numel();
        let (kind, number) = match by {
            Divisor::Padded => (0, 1.0),
            Divisor::Inside => (1, 1.0),
            Divisor::Number(number) => (2, number as f32),
        };
        let x = self.dense(x)?;
        let kernel =
            Kernel::new(Key::new(file, &[]), &[x.buffer], std::slice::from_ref(out.buffer), groups_of(len))
                .with(0, &numbers(w, n * c, (height, width), outputs, len))
                .with(14, &[x.offset, 0, out.layout.offset(), kind])
                .with_number(18, number);
        self.kernels.push(kernel);
        Ok(())
    }

    pub(super) fn mean_pool(
        &mut self,
        pool: &Pool,
        by: Divisor,
        x: View<'_, B>,
        out: View<'_, B>,
    ) -> Result<()> {
        let plane = *fixed(x.dims());
        self.windowed(File::MeanPool, (&pool.window, plane, pool.outputs), by, x, out)
    }

    pub(super) fn mean_pool_grad(
        &mut self,
        pool: &Pool,
        by: Divisor,
        g: View<'_, B>,
        out: View<'_, B>,
    ) -> Result<()> {
        let plane = *fixed(out.dims());
        self.windowed(File::MeanPoolGrad, (&pool.window, plane, pool.outputs), by, g, out)
    }

    pub(super) fn unfold(&mut self, window: &Window, x: View<'_, B>, out: View<'_, B>) -> Result<()> {
        let plane = *fixed(x.dims());
        let outputs = window.fit(plane[2], plane[3])?;
        self.windowed(File::Unfold, (window, plane, outputs), Divisor::Padded, x, out)
    }

    pub(super) fn fold(&mut self, window: &Window, x: View<'_, B>, out: View<'_, B>) -> Result<()> {
        let plane = *fixed(out.dims());
        let outputs = window.fit(plane[2], plane[3])?;
        self.windowed(File::Fold, (window, plane, outputs), Divisor::Padded, x, out)
    }
}

fn fixed(dims: &[usize]) -> &[usize; 4] {
    dims.try_into().expect("Op::infer has checked the dimensions")
}
