//! From a trace to the function of a compiled step. Values of a batch lie feature by feature, each with
//! its rows side by side and filled up to whole vectors: products with weights then take four rows at a
//! time, in the order of sums that `backend::cpu` has.

use super::asm::{Asm, At, CALL, LOSSES, ROWS, STEPS, UPDATE};
use super::blocks::{Block, Blocks, whole};
use super::elementwise;
use super::host::Call;
use super::product::{Product, transpose};
use crate::backend::Storage;
use crate::backend::cpu::CpuStorage;
use crate::capture::trace::{Do, Kind, Ref, Step, Trace};
use crate::dtype::DType;
use crate::op::{Op, Reduce};
use wasm_encoder::{BlockType, ValType};

/// Steps with more multiplications than this spend their time in them, and the kernels that replay uses
/// are as good.
const MOST_PRODUCTS: usize = 6_000_000;
/// Nor are rows more than this.
const MOST_ROWS: usize = 128;
/// Vectors that are written out one after the other; more are a loop.
const WRITTEN_OUT: usize = 24;

/// Addresses in bytes that a step works with.
#[derive(Clone, Copy, Default)]
pub struct Bases {
    /// Values of its own
    pub arena: u32,
    /// The parameters' blocks
    pub parameters: u32,
    /// The gradients' blocks
    pub gradients: u32,
    /// One f32: minus the learning rate
    pub rate: u32,
    /// The first [`Call`] for the host, and the bytes from one to the next
    pub calls: (u32, u32),
    /// All rows of the inputs, and of the targets
    pub rows: [u32; 2],
    /// What the host's `update` gets
    pub update: u32,
}

/// What a step is compiled for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Rows are taken from all of them by a list; otherwise they lie where the step reads them
    pub gathers: bool,
    /// Plain gradient descent, written out
    pub plain_sgd: bool,
}

/// Where a value is, in elements from its base.
#[derive(Clone, Copy)]
enum Home {
    /// `[width][rows]`
    Matrix { at: usize, width: usize },
    /// One element
    Scalar { at: usize },
    /// Class indices of the rows
    Labels { at: usize },
    /// Known from the start
    Constant(f32),
    /// A parameter
    Parameter(Block),
}

/// A compiled step.
pub struct Program {
    /// The module
    pub module: Vec<u8>,
    /// Elements of its own that it works with
    pub arena: usize,
    /// What it leaves to the host
    pub calls: Vec<Call>,
    /// Where the inputs and targets of a batch are, and how many values a row of each has
    pub inputs: [(usize, usize); 2],
}

/// The shape of a group of elementwise steps.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Scalar,
    Matrix(usize),
}

/// Where an operand of an elementwise step is read.
enum Source {
    Local(u32),
    Constant(f32),
    /// One element for all
    Scalar(At),
    /// One row of the batch for all features
    Column(At),
    /// One element for each feature
    Feature(At),
    Matrix(At),
}

struct Builder<'a> {
    trace: &'a Trace,
    blocks: &'a Blocks,
    bases: Bases,
    asm: Asm,
    homes: Vec<Option<Home>>,
    last_use: Vec<usize>,
    /// Rows of a batch
    rows: usize,
    /// The arena's elements so far
    used: usize,
    calls: Vec<Call>,
    /// Values and where their transposes are
    transposed: Vec<(usize, At)>,
}

/// Whether a step is small enough to gain by being compiled.
pub fn suits(trace: &Trace) -> bool {
    let rows = trace.inputs.first().and_then(|(dims, _)| dims.first().copied()).unwrap_or(0);
    (1..=MOST_ROWS).contains(&rows) && trace.inputs.len() == 2 && products(trace) <= MOST_PRODUCTS
}

/// Compiles a step. None: it has something in it that is left to replay.
pub fn compile(trace: &Trace, blocks: &Blocks, bases: Bases, options: Options) -> Option<Program> {
    if !suits(trace) {
        return None;
    }
    let rows = trace.inputs[0].0[0];
    let mut last_use = vec![0; trace.values.len()];
    for (i, step) in trace.steps.iter().enumerate() {
        step.inputs.iter().chain([&step.output]).for_each(|r| last_use[r.value] = i);
    }
    last_use[trace.loss.value] = usize::MAX;
    let mut builder = Builder {
        trace,
        blocks,
        bases,
        asm: Asm::default(),
        homes: vec![None; trace.values.len()],
        last_use,
        rows,
        used: 0,
        calls: Vec::new(),
        transposed: Vec::new(),
    };
    let inputs = builder.place_what_is_given()?;
    builder.write(options, inputs)?;
    let Builder { asm, used, calls, .. } = builder;
    Some(Program { module: asm.finish(), arena: used, calls, inputs })
}

/// The multiplications of the products in a trace.
fn products(trace: &Trace) -> usize {
    let inner = |s: &Step| match s.action {
        Do::Compute(Op::Linear | Op::Matmul) => s.inputs[0].layout.dims().last().copied().unwrap_or(1),
        _ => 0,
    };
    trace.steps.iter().map(|s| inner(s) * s.output.layout.numel()).sum()
}

impl Builder<'_> {
    /// The rows of a batch, filled up to whole vectors.
    fn stride(&self) -> usize {
        whole(self.rows)
    }

    fn take(&mut self, elements: usize) -> usize {
        let at = self.used;
        self.used += whole(elements);
        at
    }

    fn at(&self, place: usize) -> At {
        At::fixed(self.bases.arena).plus(place)
    }

    fn matrix(&mut self, width: usize) -> usize {
        self.take(width * self.stride())
    }

    /// Inputs, parameters and constants; where the two inputs are.
    fn place_what_is_given(&mut self) -> Option<[(usize, usize); 2]> {
        let mut inputs = [(0, 0); 2];
        for (input, (dims, dtype)) in inputs.iter_mut().zip(&self.trace.inputs) {
            let width = match (&**dims, dtype) {
                (&[rows, width], DType::F32) if rows == self.rows => width,
                (&[rows], DType::I64) if rows == self.rows => 1,
                _ => return None,
            };
            *input = (self.matrix(width), width);
        }
        for (i, value) in self.trace.values.iter().enumerate() {
            self.homes[i] = match &value.kind {
                Kind::Parameter(p) => Some(Home::Parameter(self.blocks.all[*p])),
                Kind::Input(input) => {
                    let (at, width) = inputs[*input];
                    Some(match value.dtype {
                        DType::I64 => Home::Labels { at },
                        _ => Home::Matrix { at, width },
                    })
                }
                Kind::Constant(Storage::Cpu(CpuStorage::F32(values))) if values.len() == 1 => {
                    Some(Home::Constant(values[0]))
                }
                Kind::Temporary => None,
                Kind::Constant(_) | Kind::State(_) => return None,
            };
        }
        Some(inputs)
    }

    /// The function: a loop over the steps.
    fn write(&mut self, options: Options, inputs: [(usize, usize); 2]) -> Option<()> {
        let count = self.asm.local(ValType::I32);
        self.asm.code().loop_(BlockType::Empty);
        if options.gathers {
            for (input, (at, width)) in inputs.into_iter().enumerate() {
                self.gather(input, at, width);
            }
            self.asm.advance(ROWS, 4 * self.rows as u32);
        }
        self.body()?;
        if options.plain_sgd {
            self.plain_sgd();
        } else {
            let context = self.bases.update as i32;
            self.asm.code().i32_const(context).call(UPDATE);
        }
        let Some(Home::Scalar { at }) = self.homes[self.trace.loss.value] else { return None };
        let loss = At { pointer: Some(LOSSES), offset: 0 };
        self.asm.copy_word(self.at(at), loss);
        self.asm.advance(LOSSES, 4);
        // On, if there are steps to go and the loss is finite
        self.asm.advance(count, 1);
        self.asm.code().local_get(count).local_get(STEPS).i32_lt_u();
        self.asm.load_word(self.at(at));
        self.asm.code().f32_reinterpret_i32().f32_abs().f32_const(f32::INFINITY.into()).f32_lt();
        self.asm.code().i32_and().br_if(0).end().local_get(count);
        Some(())
    }

    /// Copies the batch's rows out of all rows.
    fn gather(&mut self, input: usize, to: usize, width: usize) {
        let source = self.bases.rows[input];
        let (stride, to) = (self.stride(), self.at(to));
        let from = self.asm.local(ValType::I32);
        let row = |asm: &mut Asm, list: At, to: At| {
            asm.load_word(list);
            asm.code().i32_const(4 * width as i32).i32_mul().i32_const(source as i32).i32_add();
            asm.code().local_set(from);
            let from = At { pointer: Some(from), offset: 0 };
            if width <= WRITTEN_OUT {
                (0..width).for_each(|k| asm.copy_word(from.plus(k), to.plus(k * stride)));
            } else {
                let steps = [(from, 4), (to, 4 * stride as u32)];
                asm.repeat(width, steps, |asm, [from, to]| asm.copy_word(from, to));
            }
        };
        let list = At { pointer: Some(ROWS), offset: 0 };
        if self.rows <= WRITTEN_OUT {
            (0..self.rows).for_each(|i| row(&mut self.asm, list.plus(i), to.plus(i)));
        } else {
            self.asm.repeat(self.rows, [(list, 4), (to, 4)], |asm, [list, to]| row(asm, list, to));
        }
        self.asm.release([from]);
    }

    fn plain_sgd(&mut self) {
        let Bases { parameters, gradients, rate, .. } = self.bases;
        let [alpha, p] = [self.asm.vector(), self.asm.vector()];
        self.asm.splat(At::fixed(rate));
        self.asm.code().local_set(alpha);
        let step = |asm: &mut Asm, to: At, from: At| {
            asm.load(to);
            asm.code().local_get(alpha);
            asm.load(from);
            asm.code().f32x4_mul().f32x4_add().local_set(p);
            asm.store(to, p);
        };
        let vectors = self.blocks.len / 4;
        let (to, from) = (At::fixed(parameters), At::fixed(gradients));
        if vectors <= 2 * WRITTEN_OUT {
            (0..vectors).for_each(|i| step(&mut self.asm, to.plus(4 * i), from.plus(4 * i)));
        } else {
            self.asm.repeat(vectors, [(to, 16), (from, 16)], |asm, [to, from]| step(asm, to, from));
        }
        self.asm.release([alpha, p]);
    }

    /// All steps of the trace.
    fn body(&mut self) -> Option<()> {
        let mut at = 0;
        while at < self.trace.steps.len() {
            match self.group(at) {
                Some((shape, end)) => {
                    self.elementwise(shape, at, end)?;
                    at = end;
                }
                None => {
                    self.single(&self.trace.steps[at])?;
                    at += 1;
                }
            }
        }
        Some(())
    }

    fn shape(&self, output: &Ref) -> Option<Shape> {
        match *output.layout.dims() {
            [rows, width] if rows == self.rows => Some(Shape::Matrix(width)),
            [rows] if rows == self.rows => Some(Shape::Matrix(1)),
            [] => Some(Shape::Scalar),
            _ => None,
        }
    }

    /// The elementwise steps from `start` on that can be one pass: their shape, and the end.
    fn group(&self, start: usize) -> Option<(Shape, usize)> {
        let shape_of = |step: &Step| match &step.action {
            Do::Compute(op) if elementwise::is_short(op) => self.shape(&step.output),
            _ => None,
        };
        let shape = shape_of(&self.trace.steps[start])?;
        let more = self.trace.steps[start..].iter().take_while(|s| shape_of(s) == Some(shape)).count();
        Some((shape, start + more))
    }

    fn source(&self, r: &Ref, step: &Step, locals: &[(usize, u32)]) -> Option<Source> {
        let layout = r.layout.expand(step.output.layout.dims()).ok()?;
        let strides = layout.strides();
        if layout.offset() != 0 {
            return None;
        }
        let all_same = layout.dims().iter().zip(strides).all(|(&n, &s)| n == 1 || s == 0);
        // A feature's stride, then the rows' one
        let (across, along, width) = match (strides, layout.dims()) {
            (&[along, across], &[_, width]) => (across, along, width),
            (&[along], _) => (0, along, 1),
            _ => (0, 0, 1),
        };
        let plain = |own: usize| {
            own == width && (along == own as isize || self.rows == 1) && (across == 1 || width == 1)
        };
        if let Some(&(_, local)) = locals.iter().rev().find(|(value, _)| *value == r.value) {
            let own = match self.shape(&self.trace.steps[self.maker(r.value)?].output)? {
                Shape::Matrix(own) => own,
                Shape::Scalar => 1,
            };
            let same = if layout.dims().is_empty() { true } else { plain(own) };
            return same.then_some(Source::Local(local));
        }
        match self.homes[r.value]? {
            Home::Constant(value) if all_same => Some(Source::Constant(value)),
            Home::Scalar { at } if all_same => Some(Source::Scalar(self.at(at))),
            Home::Matrix { at, width: own } if plain(own) => Some(Source::Matrix(self.at(at))),
            Home::Matrix { at, width: 1 } if across == 0 && (along == 1 || self.rows == 1) => {
                Some(Source::Column(self.at(at)))
            }
            Home::Parameter(block)
                if !block.is_matrix && across == 1 && along == 0 && block.rows == width =>
            {
                Some(Source::Feature(At::fixed(self.bases.parameters).plus(block.at)))
            }
            _ => None,
        }
    }

    /// The step that makes a value.
    fn maker(&self, value: usize) -> Option<usize> {
        self.trace.steps.iter().position(|s| s.output.value == value)
    }

    /// Elementwise steps as one pass over the features and rows.
    fn elementwise(&mut self, shape: Shape, start: usize, end: usize) -> Option<()> {
        let steps = &self.trace.steps[start..end];
        let mut locals = Vec::with_capacity(steps.len());
        let mut sources = Vec::with_capacity(steps.len());
        for step in steps {
            let of = |r| self.source(r, step, &locals);
            sources.push(step.inputs.iter().map(of).collect::<Option<Vec<Source>>>()?);
            locals.push((step.output.value, self.asm.vector()));
        }
        // What later steps read goes to memory.
        let mut kept = Vec::new();
        for (step, &(value, local)) in steps.iter().zip(&locals) {
            let info = &self.trace.values[value];
            if self.last_use[value] < end {
                continue;
            }
            if info.gradient_of.is_some() || step.output.layout.offset() != 0 {
                return None;
            }
            let (home, at) = match shape {
                Shape::Scalar => {
                    let at = self.take(1);
                    (Home::Scalar { at }, at)
                }
                Shape::Matrix(width) => {
                    let at = self.matrix(width);
                    (Home::Matrix { at, width }, at)
                }
            };
            self.homes[value] = Some(home);
            kept.push((self.at(at), local));
        }
        let ops = steps.iter().map(|s| match &s.action {
            Do::Compute(op) => op,
            _ => unreachable!("groups have operations only"),
        });
        let ops: Vec<&Op> = ops.collect();
        // One vector: `matrix` moves with features and rows, `column` with rows, `feature` with features.
        let vector = |asm: &mut Asm,
                      matrix: &dyn Fn(At) -> At,
                      column: &dyn Fn(At) -> At,
                      feature: &dyn Fn(At) -> At| {
            for ((op, sources), &(_, local)) in ops.iter().zip(&sources).zip(&locals) {
                elementwise::emit(asm, op, &|asm, i| match sources[i] {
                    Source::Local(local) => {
                        asm.code().local_get(local);
                    }
                    Source::Constant(value) => asm.constant(value),
                    Source::Scalar(at) => asm.splat(at),
                    Source::Column(at) => asm.load(column(at)),
                    Source::Feature(at) => asm.splat(feature(at)),
                    Source::Matrix(at) => asm.load(matrix(at)),
                });
                asm.code().local_set(local);
            }
            for &(at, local) in &kept {
                match shape {
                    Shape::Scalar => asm.store_first(at, local),
                    Shape::Matrix(_) => asm.store(matrix(at), local),
                }
            }
        };
        let stride = self.stride();
        let asm = &mut self.asm;
        match shape {
            Shape::Scalar => vector(asm, &|at| at, &|at| at, &|at| at),
            Shape::Matrix(width) if width * stride / 4 <= WRITTEN_OUT => {
                for (j, i) in (0..width).flat_map(|j| (0..stride).step_by(4).map(move |i| (j, i))) {
                    vector(asm, &|at| at.plus(j * stride + i), &|at| at.plus(i), &|at| at.plus(j));
                }
            }
            Shape::Matrix(width) => {
                let by = [(At::fixed(0), 4 * stride as u32), (At::fixed(0), 4)];
                asm.repeat(width, by, |asm, [matrix, feature]| {
                    for i in (0..stride).step_by(4) {
                        let moved = |by: At| move |at: At| At { pointer: by.pointer, ..at };
                        let (matrix, feature) = (moved(matrix), moved(feature));
                        vector(asm, &|at| matrix(at).plus(i), &|at| at.plus(i), &feature);
                    }
                });
            }
        }
        self.asm.release(locals.into_iter().map(|(_, local)| local));
        Some(())
    }

    /// A batch's value as it lies in its home: `[rows, width]`, row-major in the trace.
    fn plain_matrix(&self, r: &Ref) -> Option<(usize, usize)> {
        let Home::Matrix { at, width } = self.homes[r.value]? else { return None };
        let fits = match *r.layout.dims() {
            [rows, own] => rows == self.rows && own == width,
            [rows] => rows == self.rows && width == 1,
            _ => false,
        };
        (fits && r.layout.is_contiguous() && r.layout.offset() == 0).then_some((at, width))
    }

    /// The same, seen as its transpose `[width, rows]`.
    fn transposed_matrix(&self, r: &Ref) -> Option<(usize, usize)> {
        let turned = r.layout.permute(&[1, 0]).ok()?;
        self.plain_matrix(&Ref { value: r.value, layout: turned })
    }

    fn plain_weight(&self, r: &Ref) -> Option<Block> {
        let Home::Parameter(block) = self.homes[r.value]? else { return None };
        let fits = *r.layout.dims() == [block.rows, block.columns] && r.layout.is_contiguous();
        (block.is_matrix && fits).then_some(block)
    }

    /// The block of the gradient that a step makes.
    fn gradient(&self, r: &Ref) -> Option<Block> {
        Some(self.blocks.all[self.trace.values[r.value].gradient_of?])
    }

    /// Where a matrix lies row by row, each filled up to whole vectors.
    fn rows_of(&mut self, value: usize, at: usize, width: usize) -> At {
        if let Some((_, place)) = self.transposed.iter().find(|(known, _)| *known == value) {
            return *place;
        }
        let place = self.take(self.rows * whole(width));
        let place = self.at(place);
        let from = (self.at(at), self.stride());
        transpose(&mut self.asm, from, (place, whole(width)), width, self.rows);
        self.transposed.push((value, place));
        place
    }

    /// One step that is not elementwise, or too long to be written out.
    fn single(&mut self, step: &Step) -> Option<()> {
        let Do::Compute(op) = &step.action else { return None };
        let parameters = At::fixed(self.bases.parameters);
        let stride = self.stride();
        match op {
            Op::Linear => {
                let (x, inputs) = self.plain_matrix(&step.inputs[0])?;
                let weight = self.plain_weight(&step.inputs[1])?;
                let bias = match step.inputs.get(2) {
                    None => None,
                    Some(r) => match self.homes[r.value]? {
                        Home::Parameter(b) if !b.is_matrix => Some(parameters.plus(b.at)),
                        _ => return None,
                    },
                };
                let out = self.matrix(weight.rows);
                self.homes[step.output.value] = Some(Home::Matrix { at: out, width: weight.rows });
                let product = Product {
                    x: (parameters.plus(weight.at), 1, weight.stride()),
                    y: (self.at(x), stride),
                    out: (self.at(out), stride),
                    start: bias,
                    sizes: (weight.rows, stride / 4, inputs),
                };
                product.emit(&mut self.asm);
                Some(())
            }
            Op::Matmul => self.matmul(step),
            Op::Reduce(Reduce::Sum, over, _) => {
                let (x, width) = self.plain_matrix(&step.inputs[0])?;
                match (&**over, step.inputs[0].layout.dims()) {
                    (&[0], &[_, _]) => {
                        let block = self.gradient(&step.output)?;
                        let from = self.rows_of(step.inputs[0].value, x, width);
                        self.sum_of_rows(from, width, block);
                        Some(())
                    }
                    (&[1], &[_, _]) => self.row_sums(step, x, width),
                    (over, dims) if over.len() == dims.len() => self.sum(step, x, width),
                    _ => None,
                }
            }
            Op::Softmax(1) | Op::LogSoftmax(1) => {
                let (x, width) = self.plain_matrix(&step.inputs[0])?;
                let out = self.matrix(width);
                self.homes[step.output.value] = Some(Home::Matrix { at: out, width });
                self.call(Call::Softmax { op: *op, x, width, rows: self.rows, out })
            }
            Op::Nll(nll) => {
                let (x, width) = self.plain_matrix(&step.inputs[0])?;
                let Some(Home::Labels { at: labels }) = self.homes[step.inputs[1].value] else { return None };
                if !nll.mean {
                    return None;
                }
                let out = self.take(1);
                self.homes[step.output.value] = Some(Home::Scalar { at: out });
                self.call(Call::Nll { x, labels, width, rows: self.rows, out })
            }
            Op::NllGrad(nll, width) => {
                let Some(Home::Labels { at: labels }) = self.homes[step.inputs[1].value] else { return None };
                let g = match self.homes[step.inputs[0].value]? {
                    Home::Constant(g) if nll.mean => g,
                    _ => return None,
                };
                let out = self.matrix(*width);
                self.homes[step.output.value] = Some(Home::Matrix { at: out, width: *width });
                self.call(Call::NllGrad { g, labels, width: *width, rows: self.rows, out })
            }
            Op::Unary(_) | Op::Scalar(..) => {
                let (x, width) = self.plain_matrix(&step.inputs[0])?;
                if self.shape(&step.output) != Some(Shape::Matrix(width)) {
                    return None;
                }
                let out = self.matrix(width);
                self.homes[step.output.value] = Some(Home::Matrix { at: out, width });
                self.call(Call::Elementwise { op: *op, x, elements: width * stride, out })
            }
            _ => None,
        }
    }

    fn call(&mut self, call: Call) -> Option<()> {
        let (first, size) = self.bases.calls;
        let address = first + size * self.calls.len() as u32;
        self.asm.code().i32_const(address as i32).call(CALL);
        self.calls.push(call);
        Some(())
    }

    /// `[rows, out] @ [out, in]`, the inputs' gradient, or `[out, rows] @ [rows, in]`, a weight's.
    fn matmul(&mut self, step: &Step) -> Option<()> {
        let stride = self.stride();
        if let (Some((g, outputs)), Some(weight)) =
            (self.plain_matrix(&step.inputs[0]), self.plain_weight(&step.inputs[1]))
        {
            let out = self.matrix(weight.columns);
            self.homes[step.output.value] = Some(Home::Matrix { at: out, width: weight.columns });
            let product = Product {
                x: (At::fixed(self.bases.parameters).plus(weight.at), weight.stride(), 1),
                y: (self.at(g), stride),
                out: (self.at(out), stride),
                start: None,
                sizes: (weight.columns, stride / 4, outputs),
            };
            product.emit(&mut self.asm);
            return Some(());
        }
        let (g, outputs) = self.transposed_matrix(&step.inputs[0])?;
        let (x, inputs) = self.plain_matrix(&step.inputs[1])?;
        let block = self.gradient(&step.output)?;
        let rows = self.rows_of(step.inputs[0].value, g, outputs);
        let product = Product {
            x: (self.at(x), stride, 1),
            y: (rows, whole(outputs)),
            out: (At::fixed(self.bases.gradients).plus(block.at), block.stride()),
            start: None,
            sizes: (inputs, block.stride() / 4, self.rows),
        };
        product.emit(&mut self.asm);
        Some(())
    }

    /// A bias's gradient.
    fn sum_of_rows(&mut self, from: At, width: usize, block: Block) {
        let out = At::fixed(self.bases.gradients).plus(block.at);
        let (rows, sum) = (self.rows, self.asm.vector());
        let add_up = |asm: &mut Asm, from: At, out: At| {
            fold(asm, rows, &|asm, i| asm.load(from.plus(i * whole(width))));
            asm.code().local_set(sum);
            asm.store(out, sum);
        };
        let vectors = whole(width) / 4;
        if rows * vectors <= 4 * WRITTEN_OUT {
            (0..vectors).for_each(|i| add_up(&mut self.asm, from.plus(4 * i), out.plus(4 * i)));
        } else {
            self.asm.repeat(vectors, [(from, 16), (out, 16)], |asm, [from, out]| add_up(asm, from, out));
        }
        self.asm.release([sum]);
    }

    /// Each row's sum over its features.
    fn row_sums(&mut self, step: &Step, x: usize, width: usize) -> Option<()> {
        let (stride, out, sum) = (self.stride(), self.matrix(1), self.asm.vector());
        let (from, to) = (self.at(x), self.at(out));
        self.homes[step.output.value] = Some(Home::Matrix { at: out, width: 1 });
        if width > FOLDED {
            return None;
        }
        for v in (0..stride).step_by(4) {
            fold(&mut self.asm, width, &|asm, k| asm.load(from.plus(k * stride + v)));
            self.asm.code().local_set(sum);
            self.asm.store(to.plus(v), sum);
        }
        self.asm.release([sum]);
        Some(())
    }

    /// The sum of everything, in row-major order.
    fn sum(&mut self, step: &Step, x: usize, width: usize) -> Option<()> {
        let (stride, out) = (self.stride(), self.take(1));
        let (from, to) = (self.at(x), self.at(out));
        self.homes[step.output.value] = Some(Home::Scalar { at: out });
        if self.rows * width > FOLDED {
            return self.call(Call::Sum { x, width, rows: self.rows, out });
        }
        let sum = self.asm.vector();
        fold(&mut self.asm, self.rows * width, &|asm, i| {
            asm.splat(from.plus(i % width * stride + i / width));
        });
        self.asm.code().local_set(sum);
        self.asm.store_first(to, sum);
        self.asm.release([sum]);
        Some(())
    }
}

/// Sums of at most so many terms are written out.
const FOLDED: usize = 128;
/// The lanes of `backend::cpu::fold`.
const LANES: usize = 16;

/// Pushes the sum of n terms in the order of `backend::cpu::fold`: term i goes to lane i mod 16, each lane
/// from the first to the last, then lanes are joined over half their number, a quarter, and so on.
fn fold(asm: &mut Asm, n: usize, term: &dyn Fn(&mut Asm, usize)) {
    fn lane(asm: &mut Asm, n: usize, i: usize, apart: usize, term: &dyn Fn(&mut Asm, usize)) {
        if apart == n.min(LANES).next_power_of_two() {
            term(asm, i);
            for next in (i + LANES..n).step_by(LANES) {
                term(asm, next);
                asm.code().f32x4_add();
            }
            return;
        }
        lane(asm, n, i, 2 * apart, term);
        if i + apart < n {
            lane(asm, n, i + apart, 2 * apart, term);
            asm.code().f32x4_add();
        }
    }
    lane(asm, n, 0, 1, term);
    // Lanes start from +0, so no sum is −0.
    asm.constant(0.0);
    asm.code().f32x4_add();
}
