//! The WGSL of every operation, for every type and shape that makes another kernel of it, is valid: no device is
//! needed for that.

use super::kernel::{File, Kernel, Key, WORDS};
use super::lower::{Lowering, View};
use super::merge::{Merge, Place, merge};
use crate::dtype::DType;
use crate::op::{Binary, Compare, Conv, Divisor, InPlace, Nll, Op, Pool, Reduce, Unary, Window};
use crate::shape::Layout;
use std::collections::HashSet;
use wgpu::naga;

/// Keys of an operation on operands of these sizes and types, on either kind of device; None where there is no kernel
/// for them.
fn keys(narrow: bool, op: &Op, operands: &[(&[usize], DType)]) -> Option<Vec<Key>> {
    let (dims, dtype) = op.infer(operands).ok()?;
    let layouts: Vec<Layout> = operands.iter().map(|(dims, _)| Layout::contiguous(dims)).collect();
    let inputs: Vec<View<'_, ()>> = operands
        .iter()
        .zip(&layouts)
        .map(|((_, dtype), layout)| View { buffer: &(), layout, dtype: *dtype })
        .collect();
    let out = Layout::contiguous(&dims);
    let mut scratch = |_| ();
    let mut lowering = Lowering::new(narrow, &mut scratch);
    lowering.op(op, &inputs, View { buffer: &(), layout: &out, dtype }).ok()?;
    Some(lowering.kernels.into_iter().map(|kernel| kernel.key).collect())
}

fn all_keys() -> HashSet<Key> {
    use Binary::*;
    use DType::{Bool, F32, I64};
    let unary = [
        Unary::Neg,
        Unary::Abs,
        Unary::Sign,
        Unary::Square,
        Unary::Sqrt,
        Unary::Rsqrt,
        Unary::Reciprocal,
        Unary::Exp,
        Unary::Expm1,
        Unary::Log,
        Unary::Log1p,
        Unary::Sin,
        Unary::Cos,
        Unary::Tanh,
        Unary::Erf,
        Unary::Sigmoid,
        Unary::LogSigmoid,
        Unary::Floor,
        Unary::Round,
        Unary::Relu,
        Unary::LeakyRelu(0.1),
        Unary::Elu(1.0),
        Unary::Softplus(20.0),
    ];
    let binary = [
        Add,
        Sub,
        Mul,
        Div,
        FloorDiv,
        TruncDiv,
        Pow,
        Maximum,
        Minimum,
        ReluGrad,
        TanhGrad,
        SigmoidGrad,
        CrossEntropy,
    ];
    let compare = [Compare::Eq, Compare::Ne, Compare::Lt, Compare::Le, Compare::Gt, Compare::Ge];
    let reduce = [Reduce::Sum, Reduce::Prod, Reduce::Amax, Reduce::Amin, Reduce::Max, Reduce::Min];
    let window = Window { kernel: (3, 3), stride: (2, 1), padding: (1, 1), dilation: (1, 1) };
    let conv = Conv { window, groups: 1 };
    let pool = Pool { window, outputs: (4, 8) };
    let apart = Window { kernel: (2, 2), stride: (2, 2), padding: (0, 0), dilation: (1, 1) };
    let apart = Pool { window: apart, outputs: (4, 4) };
    let nll = |mean| Nll { ignore_index: -100, mean };
    let mut found = HashSet::new();
    let mut add = |op: Op, operands: &[(&[usize], DType)]| {
        found.extend([false, true].iter().flat_map(|&narrow| keys(narrow, &op, operands)).flatten());
    };
    for dtype in [F32, I64, Bool] {
        let x: (&[usize], DType) = (&[6, 7], dtype);
        let (planes, results): ((&[usize], DType), (&[usize], DType)) =
            ((&[2, 3, 8, 8], dtype), (&[2, 3, 4, 8], dtype));
        let fours: (&[usize], DType) = (&[6, 8], dtype);
        unary.iter().for_each(|f| add(Op::Unary(*f), &[fours]));
        binary.iter().for_each(|f| add(Op::Binary(*f), &[fours, fours]));
        compare.iter().for_each(|f| add(Op::Compare(*f), &[fours, fours]));
        add(Op::Where, &[(&[6, 8], Bool), fours, fours]);
        unary.iter().for_each(|f| add(Op::Unary(*f), &[x]));
        binary.iter().for_each(|f| add(Op::Binary(*f), &[x, x]));
        binary.iter().for_each(|f| add(Op::Scalar(*f, 2.0), &[x]));
        compare.iter().for_each(|f| add(Op::Compare(*f), &[x, x]));
        [F32, I64, Bool].iter().for_each(|to| add(Op::Cast(*to), &[x]));
        for f in reduce {
            for dims in [&[6usize, 7][..], &[2, 100], &[100_000], &[5000, 100]] {
                let over = [dims.len() - 1].as_slice().into();
                add(Op::Reduce(f, over, false), &[(dims, dtype)]);
            }
        }
        add(Op::Where, &[(&[6, 7], Bool), x, x]);
        add(Op::Contiguous, &[x]);
        add(Op::Cat(0), &[x, x]);
        add(Op::Argmax(1), &[x]);
        add(Op::Cumsum { dim: 0, reverse: false }, &[x]);
        add(Op::Cumsum { dim: 0, reverse: true }, &[x]);
        add(Op::Gather(0), &[x, (&[2, 7], I64)]);
        add(Op::ScatterAdd { dim: 0, size: 9 }, &[x, (&[6, 7], I64)]);
        add(Op::MaxPool2d(pool), &[planes]);
        add(Op::MaxPool2dIndex(pool), &[planes]);
        add(Op::MaxPool2dGrad(pool), &[planes, results]);
        add(Op::MaxPool2dGrad(apart), &[planes, (&[2, 3, 4, 4], dtype)]);
    }
    for dims in [&[6usize, 7][..], &[6, 700]] {
        add(Op::Softmax(1), &[(dims, F32)]);
        add(Op::LogSoftmax(1), &[(dims, F32)]);
    }
    for (m, k, n) in
        [(3usize, 4usize, 5usize), (40, 40, 40), (1, 1000, 3), (1, 1000, 8), (1, 1, 6), (32, 4000, 32)]
    {
        add(Op::Matmul, &[(&[m, k], F32), (&[k, n], F32)]);
        add(Op::Linear, &[(&[m, k], F32), (&[n, k], F32)]);
        add(Op::Linear, &[(&[m, k], F32), (&[n, k], F32), (&[n], F32)]);
        add(Op::LinearWeight, &[(&[k, m], F32), (&[k, n], F32)]);
    }
    let near = Conv { window: Window { stride: (1, 1), ..window }, groups: 1 };
    add(Op::Conv2dInput(near, (8, 8)), &[(&[4, 3, 8, 8], F32), (&[3, 2, 3, 3], F32)]);
    for (c, o) in [(2usize, 3usize), (32, 32), (200, 2)] {
        let (x, w, y) = ([4, c, 8, 8], [o, c, 3, 3], [4, o, 4, 8]);
        add(Op::Conv2d(conv), &[(&x, F32), (&w, F32)]);
        add(Op::Conv2d(conv), &[(&x, F32), (&w, F32), (&[o], F32)]);
        add(Op::Conv2dInput(conv, (8, 8)), &[(&y, F32), (&w, F32)]);
        add(Op::Conv2dWeight(conv), &[(&y, F32), (&x, F32)]);
    }
    for mean in [true, false] {
        let g: &[usize] = if mean { &[] } else { &[6] };
        add(Op::Nll(nll(mean)), &[(&[6, 7], F32), (&[6], I64)]);
        add(Op::NllGrad(nll(mean), 7), &[(g, F32), (&[6], I64)]);
    }
    add(Op::MseLoss, &[(&[6, 7], F32), (&[6, 7], F32)]);
    add(Op::MseLossGrad, &[(&[], F32), (&[6, 7], F32), (&[6, 7], F32)]);
    for by in [Divisor::Padded, Divisor::Inside, Divisor::Number(3)] {
        add(Op::AvgPool2d(pool, by), &[(&[2, 3, 8, 8], F32)]);
        add(Op::AvgPool2dGrad(pool, by, (8, 8)), &[(&[2, 3, 4, 8], F32)]);
    }
    add(Op::Unfold(window), &[(&[2, 3, 8, 8], F32)]);
    add(Op::Fold(window, (8, 8)), &[(&[2, 27, 32], F32)]);
    in_place_keys(&mut found);
    let steps = [
        ("sgd", F32),
        ("momentum", F32),
        ("adam", F32),
        ("amsgrad", F32),
        ("rmsprop", F32),
        ("centered", F32),
        ("rmsprop momentum", F32),
        ("adagrad", F32),
    ];
    for ty in ["f32", "vec4<f32>"] {
        found.extend(steps.map(|(rule, _)| Key::new(File::Update, &[rule, ty])));
    }
    found.extend(["f32", "i32"].map(|ty| Key::new(File::SelectRows, &[ty])));
    found.extend([File::TakeDrawn, File::Record].map(|file| Key::new(file, &[])));
    found
}

fn in_place_keys(found: &mut HashSet<Key>) {
    let layout = Layout::contiguous(&[6, 7]);
    let all = [
        InPlace::Fill(1.0),
        InPlace::Copy,
        InPlace::Mul(2.0),
        InPlace::Add { alpha: 2.0 },
        InPlace::Lerp { weight: 0.5 },
        InPlace::AddCMul { value: 2.0 },
        InPlace::AddCDiv { value: 2.0 },
    ];
    for dtype in [DType::F32, DType::I64, DType::Bool] {
        let view = View { buffer: &(), layout: &layout, dtype };
        for op in all {
            let operands = match op {
                InPlace::Fill(_) | InPlace::Mul(_) => 0,
                InPlace::AddCMul { .. } | InPlace::AddCDiv { .. } => 2,
                _ => 1,
            };
            let mut scratch = |_| ();
            let mut lowering = Lowering::new(false, &mut scratch);
            if lowering.in_place(op, view, &[view, view][..operands]).is_ok() {
                found.extend(lowering.kernels.into_iter().map(|kernel| kernel.key));
            }
        }
    }
}

fn assert_valid(what: &str, source: &str) {
    assert!(!source.contains('$'), "{what} has a name without a value:\n{source}");
    let module = match naga::front::wgsl::parse_str(source) {
        Ok(module) => module,
        Err(error) => panic!("{what}\n{}", error.emit_to_string(source)),
    };
    let flags = naga::valid::ValidationFlags::all();
    let mut validator = naga::valid::Validator::new(flags, naga::valid::Capabilities::empty());
    if let Err(error) = validator.validate(&module) {
        panic!("{what}\n{}", error.emit_to_string(source));
    }
}

#[test]
fn all_kernels_that_one_group_can_run_merge_into_one_that_is_valid() {
    // What one group runs is neither in tiles nor four at a time.
    let tiled = |key: &Key| match key.file {
        File::ProductBlock | File::ProductRow | File::MapFour => true,
        File::Update => key.with[1] != "f32",
        File::Product => key.with[1] == "tile",
        _ => false,
    };
    let keys: Vec<Key> = all_keys().into_iter().filter(|key| !tiled(key)).collect();
    for keys in keys.chunks(40) {
        let kernels: Vec<Kernel<Place>> = keys
            .iter()
            .map(|key| {
                // As many buffers as the source declares; those that are only read come first.
                let source = key.source();
                let buffers = source.matches("@binding(").count() - 1;
                let complains = source.contains("complain");
                let places = vec![Place::Arena(7); buffers - usize::from(complains)];
                // Numbers that could be sizes, strides and offsets.
                Kernel::new(key.clone(), &places, &[], 3).with(0, &[1; WORDS - 2])
            })
            .collect();
        let merged = Merge {
            kernels: &kernels,
            once: 1,
            arena: 100,
            kept: 10,
            step: 9,
            types: ["f32", "i32"],
            lanes: 8,
        };
        let (source, words) = merge(&merged);
        assert_eq!(words.len(), 64 * keys.len());
        assert_valid(&format!("{keys:?}"), &source);
    }
}

#[test]
fn every_kernel_is_valid_wgsl() {
    let keys = all_keys();
    assert!(keys.len() > 150, "{} kernels", keys.len());
    let files: HashSet<File> = keys.iter().map(|key| key.file).collect();
    assert_eq!(files.len(), 28, "each file is there: {files:?}");
    for key in keys {
        assert_valid(&format!("{key:?}"), &key.source());
    }
}
