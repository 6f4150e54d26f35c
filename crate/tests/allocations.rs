//! An operation into a storage that exists takes no memory, however its operands lie: a replayed step
//! does nothing else.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::backend::cpu::CpuStorage;
use gradus::backend::{Storage, execute, execute_into, operand};
use gradus::list::List;
use gradus::op::{Binary, Compare, Conv, Divisor, Nll, Op, Pool, Reduce, Unary, Window};
use gradus::rng::Generator;
use gradus::shape::{Layout, numel};
use std::alloc::{GlobalAlloc, System};
use std::cell::Cell;

thread_local! {
    /// How often this thread has asked for memory.
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: the system's allocator does everything; this only counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: std::alloc::Layout) -> *mut u8 {
        let _ = ASKED.try_with(|asked| asked.set(asked.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: std::alloc::Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

type Operand = (Storage, Layout);

fn floats(dims: &[usize]) -> Operand {
    let values = Generator::new(1).uniform(numel(dims), 0.1, 0.9);
    (Storage::Cpu(CpuStorage::F32(values)), Layout::contiguous(dims))
}

/// The same elements with the last two dimensions exchanged in memory.
fn turned(dims: &[usize]) -> Operand {
    let n = dims.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.swap(n - 1, n - 2);
    let stored: Vec<usize> = order.iter().map(|&d| dims[d]).collect();
    (floats(&stored).0, Layout::contiguous(&stored).permute(&order).unwrap())
}

fn integers(values: Vec<i64>, dims: &[usize]) -> Operand {
    (Storage::Cpu(CpuStorage::I64(values)), Layout::contiguous(dims))
}

fn cases() -> Vec<(Op, Vec<Operand>)> {
    let list = |dims: &[usize]| List::from(dims);
    let window = Window { kernel: (3, 3), stride: (2, 1), padding: (1, 0), dilation: (1, 1) };
    let conv = Conv { window, groups: 1 };
    let (rows, columns) = window.output(8, 9).unwrap();
    let pool = Pool { window, outputs: (rows, columns) };
    let nll = Nll { ignore_index: -100, mean: true };
    let class = || integers((0..20).map(|i| i % 30).collect(), &[20]);
    let picked = || integers((0..20).map(|i| i % 30).collect(), &[20, 1]);
    let mut cases = vec![
        (Op::Unary(Unary::Tanh), vec![floats(&[20, 30])]),
        (Op::Unary(Unary::Exp), vec![turned(&[20, 30])]),
        (Op::Binary(Binary::Add), vec![floats(&[20, 30]), floats(&[20, 30])]),
        (Op::Binary(Binary::Mul), vec![floats(&[20, 30]), floats(&[30])]),
        (Op::Binary(Binary::Div), vec![turned(&[20, 30]), floats(&[20, 1])]),
        (Op::Scalar(Binary::Pow, 1.5), vec![floats(&[20, 30])]),
        (Op::Compare(Compare::Gt), vec![floats(&[20, 30]), floats(&[])]),
        (Op::Contiguous, vec![turned(&[20, 30])]),
        (Op::Matmul, vec![floats(&[20, 30]), floats(&[30, 40])]),
        (Op::Matmul, vec![turned(&[100, 80]), turned(&[80, 90])]),
        (Op::Linear, vec![floats(&[20, 30]), floats(&[40, 30]), floats(&[40])]),
        (Op::Cumsum { dim: 0, reverse: false }, vec![turned(&[20, 30])]),
        (Op::Cat(1), vec![floats(&[20, 30]), turned(&[20, 4])]),
        (Op::Argmax(0), vec![floats(&[20, 30])]),
        (Op::Softmax(1), vec![floats(&[20, 30])]),
        (Op::LogSoftmax(0), vec![turned(&[20, 30])]),
        (Op::Gather(1), vec![turned(&[20, 30]), picked()]),
        (Op::ScatterAdd { dim: 1, size: 30 }, vec![floats(&[20, 1]), picked()]),
        (Op::Nll(nll), vec![floats(&[20, 30]), class()]),
        (Op::NllGrad(nll, 30), vec![floats(&[]), class()]),
        (Op::Conv2d(conv), vec![turned(&[2, 3, 8, 9]), floats(&[5, 3, 3, 3]), floats(&[5])]),
        (Op::Conv2dInput(conv, (8, 9)), vec![floats(&[2, 5, rows, columns]), floats(&[5, 3, 3, 3])]),
        (Op::Conv2dWeight(conv), vec![floats(&[2, 5, rows, columns]), floats(&[2, 3, 8, 9])]),
        (Op::MaxPool2d(pool), vec![turned(&[2, 3, 8, 9])]),
        (Op::MaxPool2dIndex(pool), vec![floats(&[2, 3, 8, 9])]),
        (Op::MaxPool2dGrad(pool), vec![floats(&[2, 3, 8, 9]), floats(&[2, 3, rows, columns])]),
        (Op::AvgPool2d(pool, Divisor::Inside), vec![floats(&[2, 3, 8, 9])]),
        (Op::AvgPool2dGrad(pool, Divisor::Padded, (8, 9)), vec![floats(&[2, 3, rows, columns])]),
        (Op::Unfold(window), vec![turned(&[2, 3, 8, 9])]),
        (Op::Fold(window, (8, 9)), vec![floats(&[2, 27, rows * columns])]),
    ];
    for over in [&[0usize][..], &[1], &[0, 1], &[0, 2]] {
        for reduce in [Reduce::Sum, Reduce::Amax, Reduce::Prod] {
            let dims: &[usize] = if over == [0, 2] { &[20, 30, 40] } else { &[20, 30] };
            cases.push((Op::Reduce(reduce, list(over), false), vec![floats(dims)]));
            cases.push((Op::Reduce(reduce, list(over), true), vec![turned(dims)]));
        }
    }
    cases
}

#[test]
fn an_operation_into_a_storage_that_exists_takes_no_memory() {
    for (op, inputs) in cases() {
        let metas: Vec<_> = inputs.iter().map(|(s, l)| (l.dims(), s.dtype())).collect();
        let (dims, dtype) = op.infer(&metas).unwrap();
        let operands: Vec<_> = inputs.iter().map(|(s, l)| operand(s, l)).collect();
        let layout = Layout::contiguous(&dims);
        // The first time, buffers that are kept may grow.
        let expected = execute(&op, &operands, &layout, dtype).unwrap();
        let mut out = Storage::Cpu(CpuStorage::for_result(dtype, numel(&dims)));
        let before = ASKED.get();
        for _ in 0..2 {
            execute_into(&op, &operands, (&mut out, &layout)).unwrap();
        }
        assert_eq!(ASKED.get(), before, "{op:?} has asked for memory");
        let (out, expected) = (out.cpu(), expected.cpu());
        assert_eq!(format!("{out:?}"), format!("{expected:?}"), "{op:?}");
    }
}

#[test]
fn a_result_may_begin_anywhere_in_its_storage() {
    let (a, b) = (floats(&[3, 5]), floats(&[5]));
    let operands = [operand(&a.0, &a.1), operand(&b.0, &b.1)];
    let mut out = Storage::Cpu(CpuStorage::F32(vec![7.0; 20]));
    let place = Layout::contiguous(&[20]).slice(0, 2, 17, 1).unwrap().view(&[3, 5]).unwrap();
    execute_into(&Op::Binary(Binary::Add), &operands, (&mut out, &place)).unwrap();
    let (Storage::Cpu(CpuStorage::F32(a)), Storage::Cpu(CpuStorage::F32(b))) = (&a.0, &b.0) else { panic!() };
    let Storage::Cpu(CpuStorage::F32(out)) = out else { panic!() };
    let sums = (0..15).map(|i| a[i] + b[i % 5]);
    let expected: Vec<f32> = [7.0; 2].into_iter().chain(sums).chain([7.0; 3]).collect();
    assert_eq!(out, expected);
}
