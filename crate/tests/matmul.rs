//! Matrix products: whatever kernel computes them, they are the plain sum from the first k to the last,
//! bit for bit.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::backend::cpu::matmul::{Epilogue, Kernel, Product, Start, Strides};
use gradus::rng::Generator;
use gradus::tensor::Tensor;
use proptest::prelude::*;

const KERNELS: [Kernel; 4] = [Kernel::Scalar, Kernel::Small, Kernel::Vector, Kernel::Packed];

/// How a matrix lies in its slice.
#[derive(Debug, Clone, Copy)]
enum Lies {
    RowMajor,
    ColumnMajor,
    /// Row-major with elements of something else after each row
    PartOfRows(usize),
    /// Column-major likewise
    PartOfColumns(usize),
    /// No neighbours at all
    Apart,
    /// One row, again and again
    RepeatedRow,
    /// One column, again and again
    RepeatedColumn,
}

impl Lies {
    fn strides(self, rows: usize, columns: usize) -> Strides {
        let (row, column) = match self {
            Lies::RowMajor => (columns, 1),
            Lies::ColumnMajor => (1, rows),
            Lies::PartOfRows(more) => (columns + more, 1),
            Lies::PartOfColumns(more) => (1, rows + more),
            Lies::Apart => (2 * columns + 1, 2),
            Lies::RepeatedRow => (0, 1),
            Lies::RepeatedColumn => (1, 0),
        };
        Strides { row, column }
    }
}

fn lies() -> impl Strategy<Value = Lies> {
    prop_oneof![
        3 => Just(Lies::RowMajor),
        3 => Just(Lies::ColumnMajor),
        1 => (1usize..4).prop_map(Lies::PartOfRows),
        1 => (1usize..4).prop_map(Lies::PartOfColumns),
        1 => Just(Lies::Apart),
        1 => Just(Lies::RepeatedRow),
        1 => Just(Lies::RepeatedColumn),
    ]
}

/// Sizes around those at which kernels change what they do.
fn sizes() -> impl Strategy<Value = (usize, usize, usize)> {
    prop_oneof![
        6 => (0usize..7, 0usize..7, 0usize..7),
        6 => (1usize..28, 1usize..28, 1usize..28),
        1 => (1usize..12, 253usize..260, 1usize..20),
        1 => (125usize..134, 1usize..6, 1usize..20),
        1 => (1usize..6, 1usize..6, 508usize..522),
        1 => (1usize..2, 1usize..40, 1usize..90),
        1 => (1usize..90, 1usize..40, 1usize..2),
    ]
}

/// What every kernel must give, written without regard to speed.
fn plain(
    (m, k, n): (usize, usize, usize),
    (a, by): (&[f32], Strides),
    (b, bb): (&[f32], Strides),
    start: impl Fn(usize, usize) -> f32,
    relu: bool,
) -> Vec<f32> {
    let mut out = Vec::new();
    for i in 0..m {
        for j in 0..n {
            let mut sum = start(i, j);
            for p in 0..k {
                sum += a[i * by.row + p * by.column] * b[p * bb.row + j * bb.column];
            }
            out.push(if relu && sum < 0.0 { 0.0 } else { sum });
        }
    }
    out
}

/// Bits, of which NaN has one pattern.
fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| if v.is_nan() { f32::NAN.to_bits() } else { v.to_bits() }).collect()
}

/// Random numbers, some of them special.
fn numbers(n: usize, special: bool, generator: &mut Generator) -> Vec<f32> {
    let kinds = generator.uniform(n, 0.0, if special { 60.0 } else { 1e9 });
    let values = generator.uniform(n, -1.0, 1.0);
    let special = |kind: f32| match kind as u32 {
        0 => Some(f32::NAN),
        1 => Some(f32::INFINITY),
        2 => Some(f32::NEG_INFINITY),
        3 | 4 => Some(-0.0),
        5 | 6 => Some(0.0),
        7 => Some(1e-40),
        8 => Some(-3e38),
        _ => None,
    };
    kinds.iter().zip(values).map(|(&kind, value)| special(kind).unwrap_or(value)).collect()
}

/// The elements that a slice needs to hold a matrix.
fn extent(rows: usize, columns: usize, strides: Strides) -> usize {
    if rows * columns == 0 { 0 } else { (rows - 1) * strides.row + (columns - 1) * strides.column + 1 }
}

fn config(cases: u32) -> ProptestConfig {
    // A fixed seed: the same cases everywhere, and no system randomness in a browser.
    ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(11),
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn every_kernel_gives_the_plain_sums_bits(
        (m, k, n) in sizes(),
        (a_lies, b_lies) in (lies(), lies()),
        (start, relu, special) in (0..3, any::<bool>(), any::<bool>()),
        seed in any::<u64>(),
    ) {
        let generator = &mut Generator::new(seed);
        let (a_strides, b_strides) = (a_lies.strides(m, k), b_lies.strides(k, n));
        let mut a = numbers(extent(m, k, a_strides), special, generator);
        let mut b = numbers(extent(k, n, b_strides), special, generator);
        let (bias, before) = (numbers(n, special, generator), numbers(m * n, special, generator));
        let want = plain((m, k, n), (&a, a_strides), (&b, b_strides), |i, j| match start {
            0 => 0.0,
            1 => bias[j],
            _ => before[i * n + j],
        }, relu);
        // Whoever reads past the end meets these.
        let (a_len, b_len) = (a.len(), b.len());
        a.resize(a_len + 16, f32::NAN);
        b.resize(b_len + 16, f32::NAN);
        let product = Product::new((m, k, n), a_strides, b_strides);
        for kernel in KERNELS {
            let Some(product) = product.with_kernel(kernel) else { continue };
            let mut out = vec![7.0; 8];
            out.extend(&before);
            out.extend([7.0; 8]);
            let start = match start {
                0 => Start::Zero,
                1 => Start::Bias(&bias),
                _ => Start::Out,
            };
            let epilogue = if relu { Epilogue::Relu } else { Epilogue::None };
            product.run(&a[..a_len], &b[..b_len], start, epilogue, &mut out[8..8 + m * n]);
            prop_assert_eq!(bits(&out[8..8 + m * n]), bits(&want), "{:?}", kernel);
            prop_assert!([&out[..8], &out[8 + m * n..]].iter().all(|o| **o == [7.0; 8]), "{:?}", kernel);
        }
    }
}

/// Sizes and strides of which the kernel that is chosen is known.
#[test]
fn the_kernel_follows_from_sizes_and_strides() {
    let kernel = |(m, k, n), a, b| Product::new((m, k, n), a, b).kernel();
    let rows = Strides::row_major;
    assert_eq!(kernel((4, 2, 8), rows(2), rows(2).transposed()), Kernel::Small);
    assert_eq!(kernel((1, 640, 500), rows(640), rows(500)), Kernel::Vector);
    assert_eq!(kernel((500, 640, 1), rows(640), rows(1)), Kernel::Vector);
    assert_eq!(kernel((128, 784, 512), rows(784), rows(784).transposed()), Kernel::Packed);
    assert_eq!(kernel((3, 0, 5), rows(0), rows(5)), Kernel::Scalar);
}

#[test]
fn a_product_over_no_k_is_what_it_starts_with() {
    let product = Product::new((2, 0, 3), Strides::row_major(0), Strides::row_major(3));
    let mut out = [1.0; 6];
    product.run(&[], &[], Start::Bias(&[1.0, -2.0, 3.0]), Epilogue::Relu, &mut out);
    assert_eq!(out, [1.0, 0.0, 3.0, 1.0, 0.0, 3.0]);
}

/// 2·5 + 3·7 = 31 and so on, in whole numbers: torch.int64 has matrix products, too.
#[test]
fn whole_numbers_have_products() {
    let a = Tensor::from_vec(vec![2i64, 3, 4, 5], &[2, 2]).unwrap();
    let b = Tensor::from_vec(vec![5i64, 6, 7, 8], &[2, 2]).unwrap();
    assert_eq!(a.matmul(&b).unwrap().to_f64_vec(), [31.0, 36.0, 55.0, 64.0]);
    // a bᵀ + (1, 2): 2·5 + 3·6 + 1 = 29, 2·7 + 3·8 + 2 = 40, 4·5 + 5·6 + 1 = 51, 4·7 + 5·8 + 2 = 70
    let bias = Tensor::from_vec(vec![1i64, 2], &[2]).unwrap();
    assert_eq!(a.linear(&b, Some(&bias)).unwrap().to_f64_vec(), [29.0, 40.0, 51.0, 70.0]);
    assert!(a.gt(&b).unwrap().matmul(&b.gt(&a).unwrap()).is_err());
}

/// Views are read where they lie: x Wᵀ + b must not depend on how x, W and b came to be.
#[test]
fn a_linear_layer_takes_views_of_every_kind() {
    let generator = &mut Generator::new(3);
    let x = Tensor::rand(&[3, 5, 4, 6], generator);
    let w = Tensor::rand(&[7, 6], generator);
    let b = Tensor::rand(&[7, 2], generator);
    let views = [
        x.transpose(0, 1).unwrap(),
        x.transpose(1, 2).unwrap(),
        x.transpose(0, 2).unwrap(),
        x.slice(2, 1, 3, 1).unwrap(),
        x.slice(0, 1, 3, 2).unwrap(),
        x.slice(1, 2, 2, 1).unwrap(),
    ];
    let bias = b.select(1, 1).unwrap();
    let turned = w.t().unwrap().contiguous().unwrap().t().unwrap();
    for (i, view) in views.iter().enumerate() {
        let want = view.contiguous().unwrap().linear(&w, Some(&bias.contiguous().unwrap())).unwrap();
        let got = view.linear(&turned, Some(&bias)).unwrap();
        assert_eq!(got.dims(), want.dims(), "view {i}");
        assert_eq!(got.to_f64_vec(), want.to_f64_vec(), "view {i}");
    }
}

#[test]
fn batches_are_multiplied_where_they_lie() {
    let generator = &mut Generator::new(4);
    let (a, b) = (Tensor::rand(&[3, 4, 5], generator), Tensor::rand(&[3, 6, 5], generator));
    let turned = b.transpose(1, 2).unwrap();
    let got = a.bmm(&turned).unwrap();
    for i in 0..3 {
        let one =
            a.select(0, i).unwrap().matmul(&turned.select(0, i).unwrap().contiguous().unwrap()).unwrap();
        assert_eq!(got.select(0, i).unwrap().to_f64_vec(), one.to_f64_vec());
    }
    let empty = Tensor::rand(&[0, 4, 5], generator).bmm(&Tensor::rand(&[0, 5, 2], generator)).unwrap();
    assert_eq!(empty.dims(), [0, 4, 2]);
}

/// Reads past the end of an operand give no wrong sums, for such lanes are dropped; but they may crash. In
/// WebAssembly they always do at the end of memory.
#[cfg(target_arch = "wasm32")]
#[test]
fn no_kernel_reads_or_writes_past_the_end_of_memory() {
    const PAGE: usize = 64 << 10;
    // Once without, so that all memory that is needed has been asked for.
    let mut elsewhere = vec![1.0; PAGE / size_of::<f32>()];
    at_the_end_of(&mut elsewhere);
    let before = std::arch::wasm32::memory_grow(0, 1);
    assert_ne!(before, usize::MAX);
    // SAFETY: the page is new, so nobody else's, zeros, and aligned.
    let last = unsafe { std::slice::from_raw_parts_mut((before * PAGE) as *mut f32, elsewhere.len()) };
    at_the_end_of(last);
    assert_eq!(std::arch::wasm32::memory_size(0), before + 1, "it was the end to the end");
}

/// Products with kernels of all kinds, of which each operand once lies at the end of `memory`.
#[cfg(target_arch = "wasm32")]
fn at_the_end_of(memory: &mut [f32]) {
    let len = memory.len();
    let end = |n: usize| len - n..;
    let ones = vec![1.0; 1000];
    let strides = |rows: usize, columns: usize| {
        [Lies::RowMajor, Lies::ColumnMajor, Lies::PartOfRows(2), Lies::Apart]
            .map(|l| l.strides(rows, columns))
    };
    for (m, k, n) in (0..6 * 6 * 11).map(|i| (1 + i % 6, 1 + i / 6 % 6, 1 + i / 36)) {
        for (by, bb) in strides(m, k).into_iter().flat_map(|by| strides(k, n).map(|bb| (by, bb))) {
            let (a_len, b_len) = (extent(m, k, by), extent(k, n, bb));
            let product = Product::new((m, k, n), by, bb);
            for product in KERNELS.iter().filter_map(|&kernel| product.with_kernel(kernel)) {
                let mut out = vec![0.0; m * n];
                memory.fill(1.0);
                product.run(&memory[end(a_len)], &ones[..b_len], Start::Zero, Epilogue::None, &mut out);
                product.run(&ones[..a_len], &memory[end(b_len)], Start::Out, Epilogue::None, &mut out);
                let bias = Start::Bias(&memory[end(n)]);
                product.run(&ones[..a_len], &ones[..b_len], bias, Epilogue::None, &mut out);
                // 1 + Σ 1·1 over k
                assert!(out.iter().all(|&v| v == 1.0 + k as f32));
                let (a, b) = (&ones[..a_len], &ones[..b_len]);
                product.run(a, b, Start::Out, Epilogue::None, &mut memory[end(m * n)]);
            }
        }
    }
}
