//! Laws that operators obey for all shapes and numbers.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::error::Result;
use gradus::nn::functional::conv2d;
use gradus::nn::{Conv2dOptions, Module, ModuleExt};
use gradus::nn::{Linear, ReLU, Sequential};
use gradus::rng::Generator;
use gradus::tensor::Tensor;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn config() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::with_cases(48)
    }
}

/// Sizes of up to four dimensions; seldom one of none.
fn shape() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![12 => 1usize..=4, 1 => Just(0usize)], 0..=4)
}

/// With at least one dimension.
fn some_shape() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![12 => 1usize..=4, 1 => Just(0usize)], 1..=4)
}

fn random(dims: &[usize], seed: u64) -> Tensor {
    Tensor::randn(dims, &mut Generator::new(seed))
}

/// Whole numbers: their sums and products are exact, in whatever order.
fn whole(dims: &[usize], seed: u64) -> Tensor {
    let mut generator = Generator::new(seed);
    let n = dims.iter().product::<usize>();
    Tensor::from_vec((0..n).map(|_| generator.randint(-9, 10) as f32).collect(), dims).unwrap()
}

/// An order of `n` dimensions.
fn order(n: usize, seed: u64) -> Vec<isize> {
    Generator::new(seed).randperm(n).into_iter().map(|d| d as isize).collect()
}

fn signed(dims: &[usize]) -> Vec<isize> {
    dims.iter().map(|&n| n as isize).collect()
}

fn same(a: &Tensor, b: &Tensor) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.dims(), b.dims());
    prop_assert_eq!(a.dtype(), b.dtype());
    let bits = |t: &Tensor| t.to_f64_vec().into_iter().map(f64::to_bits).collect::<Vec<_>>();
    prop_assert_eq!(bits(&a.add(0.0).unwrap()), bits(&b.add(0.0).unwrap()), "{} and {}", a, b);
    Ok(())
}

/// Equal but for rounding.
fn near(a: &Tensor, b: &Tensor) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.dims(), b.dims());
    for (x, y) in a.to_f64_vec().into_iter().zip(b.to_f64_vec()) {
        prop_assert!((x - y).abs() <= 1e-5 * (1.0 + y.abs()), "{} and {}", a, b);
    }
    Ok(())
}

/// The error of an operator as that of a case.
fn ok<T>(result: Result<T>) -> Result<T, TestCaseError> {
    result.map_err(|e| TestCaseError::fail(e.to_string()))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_permutation_and_its_inverse_are_nothing(dims in shape(), seed in any::<u64>()) {
        let x = random(&dims, seed);
        let order = order(dims.len(), seed ^ 1);
        let mut inverse = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, &old)| inverse[old as usize] = new as isize);
        let permuted = ok(x.permute(&order))?;
        same(&ok(permuted.permute(&inverse))?, &x)?;
        // A copy in the new order holds the same elements.
        same(&ok(ok(permuted.contiguous())?.permute(&inverse))?, &x)?;
    }

    #[test]
    fn a_reshape_and_back_is_nothing_whatever_the_strides(dims in shape(), seed in any::<u64>()) {
        let x = ok(random(&dims, seed).permute(&order(dims.len(), seed)))?;
        let flat = ok(x.reshape(&[x.numel() as isize]))?;
        same(&ok(flat.reshape(&signed(x.dims())))?, &x)?;
        same(&flat, &ok(ok(x.contiguous())?.view(&[x.numel() as isize]))?)?;
    }

    #[test]
    fn two_transposes_two_flips_and_an_inserted_dimension_are_nothing(dims in some_shape(), seed in any::<u64>()) {
        let x = random(&dims, seed);
        let last = dims.len() as isize - 1;
        same(&ok(ok(x.transpose(0, last))?.transpose(0, -1))?, &x)?;
        same(&ok(ok(x.flip(&[0, last][..usize::from(last > 0) + 1]))?.flip(&[0, last][..usize::from(last > 0) + 1]))?, &x)?;
        for dim in 0..=last + 1 {
            same(&ok(ok(x.unsqueeze(dim))?.squeeze(dim))?, &x)?;
        }
    }

    #[test]
    fn parts_that_are_cut_off_make_the_whole_again(dims in some_shape(), dim in 0usize..4, at in 0usize..5, seed in any::<u64>()) {
        let x = random(&dims, seed);
        let dim = dim % dims.len();
        let at = at.min(dims[dim]);
        let parts = [ok(x.slice(dim as isize, 0, at, 1))?, ok(x.slice(dim as isize, at, dims[dim], 1))?];
        same(&ok(Tensor::cat(&parts, dim as isize))?, &x)?;
        let slices: Vec<Tensor> = (0..dims[dim]).map(|i| x.select(dim as isize, i as isize).unwrap()).collect();
        if !slices.is_empty() {
            same(&ok(Tensor::stack(&slices, dim as isize))?, &x)?;
        }
    }

    #[test]
    fn broadcasting_is_expanding_first(dims in shape(), narrow in any::<u8>(), skip in 0usize..5, seed in any::<u64>()) {
        let a = random(&dims, seed);
        let skip = skip.min(dims.len());
        let fewer: Vec<usize> =
            dims[skip..].iter().enumerate().map(|(i, &n)| if narrow >> i & 1 == 1 { 1 } else { n }).collect();
        let b = random(&fewer, seed ^ 1);
        let full = ok(b.expand(&dims))?;
        same(&ok(a.add(&b))?, &ok(a.add(&full))?)?;
        same(&ok(b.sub(&a))?, &ok(full.sub(&a))?)?;
        same(&ok(a.mul(&b))?, &ok(ok(full.contiguous())?.mul(&a))?)?;
        same(&ok(a.maximum(&b))?, &ok(a.maximum(&full))?)?;
    }

    #[test]
    fn sums_are_linear_and_do_not_depend_on_the_order_of_dimensions(dims in shape(), over in any::<u8>(), seed in any::<u64>()) {
        let (a, b) = (whole(&dims, seed), whole(&dims, seed ^ 1));
        let over: Vec<isize> = (0..dims.len() as isize).filter(|d| over >> d & 1 == 1).collect();
        let sum = |t: &Tensor| ok(t.sum_dim(&over, true));
        let left = sum(&ok(ok(a.mul(3.0))?.sub(&b))?)?;
        same(&left, &ok(ok(sum(&a)?.mul(3.0))?.sub(&sum(&b)?))?)?;
        // Dimension by dimension, from the last
        let steps = if over.is_empty() { (0..dims.len() as isize).collect() } else { over.clone() };
        let mut one_by_one = a.clone();
        for &d in steps.iter().rev() {
            one_by_one = ok(one_by_one.sum_dim(&[d], true))?;
        }
        same(&sum(&a)?, &one_by_one)?;
        let order = order(dims.len(), seed);
        same(&ok(ok(a.permute(&order))?.sum())?, &ok(a.sum())?)?;
    }

    #[test]
    fn running_sums_end_in_the_sum_and_their_differences_are_the_elements(dims in some_shape(), dim in 0usize..4, seed in any::<u64>()) {
        let x = whole(&dims, seed);
        let dim = dim % dims.len();
        let (d, n) = (dim as isize, dims[dim]);
        let sums = ok(x.cumsum(d))?;
        if n > 0 {
            same(&ok(sums.slice(d, n - 1, n, 1))?, &ok(x.sum_dim(&[d], true))?)?;
            let before = ok(Tensor::cat(&[ok(x.slice(d, 0, 1, 1))?.zeros_like(), ok(sums.slice(d, 0, n - 1, 1))?], d))?;
            same(&ok(sums.sub(&before))?, &x)?;
        }
        // From the other end: Σ − running sum + element
        let backwards = ok(ok(ok(x.flip(&[d]))?.cumsum(d))?.flip(&[d]))?;
        same(&backwards, &ok(ok(ok(x.sum_dim(&[d], true))?.sub(&sums))?.add(&x))?)?;
    }

    #[test]
    fn softmax_adds_up_to_one_and_a_shift_changes_nothing(dims in some_shape(), dim in 0usize..4, shift in -50f64..50.0, seed in any::<u64>()) {
        let x = ok(random(&dims, seed).mul(5.0))?;
        prop_assume!(dims[dim % dims.len()] > 0);
        let dim = (dim % dims.len()) as isize;
        let p = ok(x.softmax(dim))?;
        prop_assert!(p.to_f64_vec().iter().all(|p| (0.0..=1.0).contains(p)));
        let total = ok(p.sum_dim(&[dim], true))?;
        near(&total, &total.ones_like())?;
        let shifted = ok(ok(x.add(shift))?.softmax(dim))?;
        for (a, b) in p.to_f64_vec().into_iter().zip(shifted.to_f64_vec()) {
            prop_assert!((a - b).abs() < 1e-4); // x + shift is rounded
        }
        near(&ok(ok(x.log_softmax(dim))?.exp())?, &p)?;
        near(&ok(x.sub(&ok(x.logsumexp(&[dim], true))?))?, &ok(x.log_softmax(dim))?)?;
    }

    #[test]
    fn products_are_associative_distribute_and_turn_around_when_transposed(
        (m, k, n, l) in (1usize..6, 1usize..6, 1usize..6, 1usize..6),
        batch in prop::collection::vec(1usize..3, 0..=2),
        seed in any::<u64>(),
    ) {
        let matrix = |rows: usize, columns: usize, seed: u64| whole(&[&batch[..], &[rows, columns]].concat(), seed);
        let (a, b, c) = (matrix(m, k, seed), matrix(k, n, seed ^ 1), matrix(n, l, seed ^ 2));
        let left = ok(ok(a.matmul(&b))?.matmul(&c))?;
        same(&left, &ok(a.matmul(&ok(b.matmul(&c))?))?)?;
        let b2 = matrix(k, n, seed ^ 3);
        same(&ok(a.matmul(&ok(b.add(&b2))?))?, &ok(ok(a.matmul(&b))?.add(&ok(a.matmul(&b2))?))?)?;
        let turned = ok(ok(b.transpose(-2, -1))?.matmul(&ok(a.transpose(-2, -1))?))?;
        same(&turned, &ok(ok(a.matmul(&b))?.transpose(-2, -1))?)?;
        // With fractions, but for rounding
        let fraction = |t: &Tensor| ok(t.div(7.0));
        let left = ok(ok(fraction(&a)?.matmul(&fraction(&b)?))?.matmul(&fraction(&c)?))?;
        let right = ok(fraction(&a)?.matmul(&ok(fraction(&b)?.matmul(&fraction(&c)?))?))?;
        for (x, y) in left.to_f64_vec().into_iter().zip(right.to_f64_vec()) {
            prop_assert!((x - y).abs() <= 1e-4 * (1.0 + y.abs()));
        }
    }

    #[test]
    fn a_convolution_is_linear_and_moves_with_its_input(
        (h, w, kh, kw) in (3usize..6, 3usize..6, 1usize..3, 1usize..4),
        channels in 1usize..3,
        seed in any::<u64>(),
    ) {
        let o = Conv2dOptions::new((kh, kw));
        let (a, b) = (whole(&[1, channels, h, w], seed), whole(&[1, channels, h, w], seed ^ 1));
        let weight = whole(&[2, channels, kh, kw], seed ^ 2);
        let conv = |x: &Tensor| ok(conv2d(x, &weight, None, &o));
        same(&conv(&ok(ok(a.mul(2.0))?.sub(&b))?)?, &ok(ok(conv(&a)?.mul(2.0))?.sub(&conv(&b)?))?)?;
        // What is moved one row down comes out one row down.
        let moved = ok(a.pad(&[0, 0, 1, -1], 0.0))?;
        let rows = h - kh + 1;
        same(&ok(conv(&moved)?.slice(2, 1, rows, 1))?, &ok(conv(&a)?.slice(2, 0, rows - 1, 1))?)?;
        // A window of one element is a product of matrices.
        let weight = whole(&[3, channels, 1, 1], seed);
        let product = ok(ok(weight.view(&[3, channels as isize]))?.matmul(&ok(a.view(&[channels as isize, -1]))?))?;
        let one = ok(conv2d(&a, &weight, None, &Conv2dOptions::new(1)))?;
        same(&ok(one.view(&[3, -1]))?, &product)?;
    }

    #[test]
    fn what_is_gathered_by_the_order_of_elements_is_that_order(n in 1usize..8, rows in 1usize..4, seed in any::<u64>()) {
        let x = random(&[n, rows], seed);
        let order: Vec<i64> = Generator::new(seed).randperm(n).into_iter().map(|i| i as i64).collect();
        let index = ok(Tensor::from_vec(order.clone(), &[n]))?;
        let picked = ok(x.index_select(0, &index))?;
        same(&ok(x.index(&index))?, &picked)?;
        let full = ok(ok(index.unsqueeze(1))?.expand(&[n, rows]))?;
        same(&ok(x.gather(0, &full))?, &picked)?;
        let mut inverse = vec![0i64; n];
        order.iter().enumerate().for_each(|(new, &old)| inverse[old as usize] = new as i64);
        same(&ok(picked.index_select(0, &ok(Tensor::from_vec(inverse, &[n]))?))?, &x)?;
    }

    #[test]
    fn one_hot_rows_pick_the_rows_of_a_matrix(n in 1usize..6, classes in 1usize..6, seed in any::<u64>()) {
        let mut generator = Generator::new(seed);
        let index: Vec<i64> = (0..n).map(|_| generator.randint(0, classes as i64)).collect();
        let index = ok(Tensor::from_vec(index, &[n]))?;
        let table = random(&[classes, 3], seed);
        let picked = ok(ok(ok(index.one_hot(Some(classes)))?.to(table.dtype()))?.matmul(&table))?;
        same(&picked, &ok(table.index_select(0, &index))?)?;
    }

    #[test]
    fn where_and_masks_split_a_tensor_in_two(dims in shape(), seed in any::<u64>()) {
        let (a, b) = (random(&dims, seed), random(&dims, seed ^ 1));
        let mask = ok(a.gt(0.0))?;
        let not = ok(a.le(0.0))?;
        same(&ok(a.where_(&mask, &b))?, &ok(b.where_(&not, &a))?)?;
        let (yes, no) = (ok(a.index(&mask))?, ok(a.index(&not))?);
        prop_assert_eq!(yes.numel() + no.numel(), a.numel());
        near(&ok(ok(yes.sum())?.add(&ok(no.sum())?))?, &ok(a.sum())?)?;
        same(&ok(ok(a.relu())?.sub(&ok(ok(a.neg())?.relu())?))?, &a)?;
    }

    #[test]
    fn variance_is_the_mean_square_less_the_squared_mean(dims in some_shape(), seed in any::<u64>()) {
        let x = random(&dims, seed);
        prop_assume!(x.numel() > 0);
        let mean = ok(x.mean())?.item().unwrap();
        let square = ok(ok(x.square())?.mean())?.item().unwrap();
        let var = ok(x.var_dim(&[], 0, false))?.item().unwrap();
        prop_assert!((var - (square - mean * mean)).abs() < 1e-5);
        let norm = ok(x.norm())?.item().unwrap();
        prop_assert!((norm * norm - square * x.numel() as f64).abs() < 1e-4 * (1.0 + norm * norm));
    }

    #[test]
    fn the_gradient_of_a_sum_of_losses_is_the_sum_of_gradients(rows in 1usize..5, seed in any::<u64>()) {
        let g = &mut Generator::new(seed);
        let model = Sequential::new(vec![
            Box::new(Linear::new(3, 4, true, g)),
            Box::new(ReLU),
            Box::new(Linear::new(4, 2, true, g)),
        ]);
        ok(model.double())?;
        let x = ok(Tensor::randn(&[rows, 3], g).to(gradus::dtype::DType::F64))?;
        ok(ok(ok(model.forward(&x))?.square())?.sum().and_then(|loss| loss.backward()))?;
        let all: Vec<Tensor> = model.parameters().iter().map(|p| p.grad().unwrap()).collect();
        model.zero_grad();
        for row in 0..rows {
            // Gradients accumulate.
            let row = ok(x.slice(0, row, row + 1, 1))?;
            ok(ok(ok(model.forward(&row))?.square())?.sum().and_then(|loss| loss.backward()))?;
        }
        for (p, want) in model.parameters().iter().zip(&all) {
            near(&p.grad().unwrap(), want)?;
        }
    }
}
