//! Reading and adding at given indices; losses of classes.

use super::{Lowering, View, unsupported, word_type};
use crate::backend::gpu::kernel::{File, Kernel, Key, groups_of};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::Nll;
use crate::shape::Layout;

impl<B: Clone> Lowering<'_, B> {
    pub(super) fn gather(
        &mut self,
        x: View<'_, B>,
        index: View<'_, B>,
        dim: usize,
        out: View<'_, B>,
    ) -> Result<()> {
        let key = Key::new(File::Gather, &[word_type(x.dtype)?]);
        self.indexed(key, x, index, dim, out)
    }

    pub(super) fn scatter_add(
        &mut self,
        x: View<'_, B>,
        index: View<'_, B>,
        dim: usize,
        out: View<'_, B>,
    ) -> Result<()> {
        if x.dtype == DType::Bool {
            return Err(unsupported("scatter_add", x.dtype));
        }
        let key = Key::new(File::ScatterAdd, &[word_type(x.dtype)?]);
        self.indexed(key, x, index, dim, out)
    }

    fn indexed(
        &mut self,
        key: Key,
        x: View<'_, B>,
        index: View<'_, B>,
        dim: usize,
        out: View<'_, B>,
    ) -> Result<()> {
        let size = x.dims().get(dim).copied().unwrap_or(1);
        if size == 0 && key.file == File::Gather {
            return Err(Error::Index(format!("index is out of bounds for dimension {dim} with size 0")));
        }
        let (len, rank) = (out.layout.numel(), out.dims().len());
        let rows = Layout::contiguous(x.dims());
        let (x, index) = (self.dense(x)?, self.dense(index)?);
        let to = out.dims().get(dim).copied().unwrap_or(1);
        let kernel =
            Kernel::new(key, &[x.buffer, index.buffer], std::slice::from_ref(out.buffer), groups_of(len))
                .with(0, &[len, rank, dim, size, x.offset, index.offset, out.layout.offset(), to])
                .with(8, out.dims())
                .with_signed(16, rows.strides())
                .complaining();
        self.kernels.push(kernel);
        Ok(())
    }

    pub(super) fn nll(
        &mut self,
        options: Nll,
        x: View<'_, B>,
        target: View<'_, B>,
        out: View<'_, B>,
    ) -> Result<()> {
        if x.dtype != DType::F32 {
            return Err(unsupported("nll_loss", x.dtype));
        }
        let (rows, classes) = (x.dims()[0], x.dims()[1]);
        let (x, target) = (self.dense(x)?, self.dense(target)?);
        let (file, groups) = match options.mean {
            true => (File::NllMean, 1.into()),
            false => (File::NllRows, groups_of(rows)),
        };
        let kernel = Kernel::new(
            Key::new(file, &[]),
            &[x.buffer, target.buffer],
            std::slice::from_ref(out.buffer),
            groups,
        )
        .with(0, &[rows, classes])
        .with_signed(2, &[options.ignore_index as isize])
        .with(3, &[x.offset, target.offset, out.layout.offset()])
        .complaining();
        self.kernels.push(kernel);
        Ok(())
    }

    pub(super) fn nll_grad(
        &mut self,
        options: Nll,
        classes: usize,
        g: View<'_, B>,
        target: View<'_, B>,
        out: View<'_, B>,
    ) -> Result<()> {
        if g.dtype != DType::F32 {
            return Err(unsupported("nll_loss", g.dtype));
        }
        let rows = target.layout.numel();
        let (g, target) = (self.dense(g)?, self.dense(target)?);
        let ignored = options.ignore_index as isize;
        let mut reads = vec![g.buffer, target.buffer.clone()];
        if options.mean {
            let counted = (self.scratch)(1);
            let key = Key::new(File::NllCount, &[]);
            let count = Kernel::new(key, &[target.buffer], std::slice::from_ref(&counted), 1)
                .with(0, &[rows])
                .with_signed(2, &[ignored])
                .with(4, &[target.offset, 0]);
            self.kernels.push(count);
            reads.push(counted);
        }
        let with = [if options.mean { "mean" } else { "" }];
        let groups = groups_of(rows * classes);
        let kernel =
            Kernel::new(Key::new(File::NllGrad, &with), &reads, std::slice::from_ref(out.buffer), groups)
                .with(0, &[rows, classes])
                .with_signed(2, &[ignored])
                .with(3, &[g.offset, target.offset, out.layout.offset(), 0])
                .complaining();
        self.kernels.push(kernel);
        Ok(())
    }
}

/// The message for what a kernel complained about.
pub(in crate::backend::gpu) fn complaint(words: [u32; 4]) -> Option<Error> {
    let [what, value, dim, size] = words;
    let value = value as i32;
    match what {
        0 => None,
        1 => {
            Some(Error::Index(format!("index {value} is out of bounds for dimension {dim} with size {size}")))
        }
        2 => Some(Error::Index(format!("Target {value} is out of bounds."))),
        4 => Some(Error::Value("ZeroDivisionError".into())),
        _ => Some(Error::Value("all elements of input should be between 0 and 1".into())),
    }
}
