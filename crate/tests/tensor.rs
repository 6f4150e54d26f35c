//! Tensors: arithmetic, broadcasting, dtypes, views, and PyTorch's words when something does not fit.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::dtype::DType;
use gradus::rng::Generator;
use gradus::shape::{broadcast, infer_reshape};
use gradus::tensor::{Tensor, no_grad};
use proptest::prelude::*;

fn matrix(values: &[f32], rows: usize, columns: usize) -> Tensor {
    Tensor::from_vec(values.to_vec(), &[rows, columns]).unwrap()
}

fn config() -> ProptestConfig {
    // A fixed seed: the same cases everywhere, and no system randomness in a browser.
    ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::with_cases(64)
    }
}

#[test]
fn a_column_and_a_row_broadcast_to_a_matrix() {
    let column = matrix(&[10., 20.], 2, 1);
    let row = matrix(&[1., 2., 3.], 1, 3);
    let sum = column.add(&row).unwrap();
    assert_eq!(sum.dims(), [2, 3]);
    assert_eq!(sum.to_f64_vec(), [11., 12., 13., 21., 22., 23.]);
}

#[test]
fn sizes_that_do_not_broadcast_are_named_as_in_pytorch() {
    let error = Tensor::ones(&[2, 3]).add(&Tensor::ones(&[2, 4])).unwrap_err();
    let expected =
        "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn matrices_that_cannot_be_multiplied_are_named_as_in_pytorch() {
    let error = Tensor::ones(&[2, 3]).matmul(&Tensor::ones(&[4, 5])).unwrap_err();
    assert_eq!(error.to_string(), "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)");
    let error = Tensor::ones(&[2, 3]).linear(&Tensor::ones(&[8, 4]), None).unwrap_err();
    assert_eq!(error.to_string(), "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x8)");
}

#[test]
fn a_product_of_matrices_is_the_sum_of_products() {
    // [1 2; 3 4] [5 6; 7 8] = [1·5+2·7 1·6+2·8; 3·5+4·7 3·6+4·8]
    let product = matrix(&[1., 2., 3., 4.], 2, 2).matmul(&matrix(&[5., 6., 7., 8.], 2, 2)).unwrap();
    assert_eq!(product.to_f64_vec(), [19., 22., 43., 50.]);
}

#[test]
fn a_dimension_with_a_size_outranks_a_scalar_of_its_kind() {
    let integers = Tensor::arange(3);
    let wide = Tensor::scalar(0.5f64);
    // torch: (int64 tensor, float64 scalar tensor) -> float64; (float32 tensor, float64 scalar) -> float32
    assert_eq!(integers.add(&wide).unwrap().dtype(), DType::F64);
    assert_eq!(Tensor::ones(&[3]).add(&wide).unwrap().dtype(), DType::F32);
    assert_eq!(integers.add(2).unwrap().dtype(), DType::I64);
    assert_eq!(integers.mul(2.0).unwrap().dtype(), DType::F32);
    assert_eq!(integers.div(2).unwrap().to_f64_vec(), [0.0, 0.5, 1.0]);
}

#[test]
fn views_share_storage_and_see_changes_in_place() {
    let x = matrix(&[1., 2., 3., 4., 5., 6.], 2, 3);
    let column = x.slice(1, 1, 2, 1).unwrap();
    let transposed = x.t().unwrap();
    column.fill_(9.0).unwrap();
    assert_eq!(x.to_f64_vec(), [1., 9., 3., 4., 9., 6.]);
    assert_eq!(transposed.to_f64_vec(), [1., 4., 9., 9., 3., 6.]);
    assert_eq!(x.version(), 1);
}

#[test]
fn a_slice_without_elements_lies_nowhere() {
    let rows = Tensor::zeros(&[3, 0]).slice(0, 1, 3, 1).unwrap();
    assert_eq!((rows.dims(), rows.to_f64_vec().len()), (&[2, 0][..], 0));
    // Every fifth of 24 elements from the second: five, and none after them.
    let steps = Tensor::arange(24).slice(0, 1, 24, 5).unwrap();
    assert!(steps.slice(0, 5, 5, 1).unwrap().to_f64_vec().is_empty());
}

#[test]
fn a_view_never_copies_and_a_reshape_does_when_it_must() {
    let transposed = matrix(&[1., 2., 3., 4., 5., 6.], 2, 3).t().unwrap();
    assert!(transposed.view(&[6]).unwrap_err().to_string().starts_with("view size is not compatible"));
    assert_eq!(transposed.reshape(&[6]).unwrap().to_f64_vec(), [1., 4., 2., 5., 3., 6.]);
}

#[test]
fn an_operand_may_share_the_storage_that_is_written() {
    let x = matrix(&[1., 2., 3., 4.], 2, 2);
    let transposed = x.t().unwrap();
    x.add_(&transposed, 1.0).unwrap();
    // x + xᵀ: [1+1 2+3; 3+2 4+4]
    assert_eq!(x.to_f64_vec(), [2., 5., 5., 8.]);
}

#[test]
fn reductions_over_chosen_dimensions_keep_or_drop_them() {
    let x = matrix(&[1., 2., 3., 4., 5., 6.], 2, 3);
    assert_eq!(x.sum().unwrap().item().unwrap(), 21.0);
    assert_eq!(x.sum_dim(&[0], false).unwrap().to_f64_vec(), [5., 7., 9.]);
    assert_eq!(x.sum_dim(&[-1], true).unwrap().dims(), [2, 1]);
    assert_eq!(x.mean_dim(&[1], false).unwrap().to_f64_vec(), [2., 5.]);
    // rows 1,2,3 and 4,5,6: mean ±1, so Σ(x−mean)² = 2, over n − 1 = 2
    assert_eq!(x.var_dim(&[1], 1, false).unwrap().to_f64_vec(), [1., 1.]);
    let error = x.sum_dim(&[2], false).unwrap_err().to_string();
    assert_eq!(error, "Dimension out of range (expected to be in range of [-2, 1], but got 2)");
}

#[test]
fn the_largest_is_found_with_its_first_place_and_nan_wins() {
    let x = matrix(&[1., 7., 7., 0., f32::NAN, 9.], 2, 3);
    assert_eq!(x.argmax(1, false).unwrap().to_f64_vec(), [1., 1.]);
    let (values, _) = x.max_dim(1, false).unwrap();
    assert_eq!(values.to_f64_vec()[0], 7.0);
    assert!(values.to_f64_vec()[1].is_nan());
}

#[test]
fn softmax_does_not_overflow() {
    let x = matrix(&[1000., 1000., -1000., 0.], 2, 2);
    assert_eq!(x.softmax(1).unwrap().to_f64_vec(), [0.5, 0.5, 0.0, 1.0]);
    let logs = x.log_softmax(1).unwrap().to_f64_vec();
    assert!((logs[0] + std::f64::consts::LN_2).abs() < 1e-6);
    assert_eq!(&logs[2..], [-1000.0, 0.0]);
}

#[test]
fn an_index_out_of_range_is_an_error() {
    let x = matrix(&[1., 2., 3., 4.], 2, 2);
    let index = Tensor::from_vec(vec![2i64], &[1, 1]).unwrap();
    let error = x.gather(0, &index).unwrap_err().to_string();
    assert_eq!(error, "index 2 is out of bounds for dimension 0 with size 2");
    let rows = Tensor::from_vec(vec![1i64, 1, 0], &[3]).unwrap();
    assert_eq!(x.index_select(0, &rows).unwrap().to_f64_vec(), [3., 4., 3., 4., 1., 2.]);
}

#[test]
fn only_one_element_becomes_a_number() {
    let error = Tensor::ones(&[2, 2]).item().unwrap_err().to_string();
    assert_eq!(error, "a Tensor with 4 elements cannot be converted to Scalar");
    assert_eq!(Tensor::ones(&[1, 1]).item().unwrap(), 1.0);
}

#[test]
fn tensors_without_elements_and_without_dimensions_work() {
    let empty = Tensor::zeros(&[0, 3]);
    assert_eq!(empty.sum().unwrap().item().unwrap(), 0.0);
    assert_eq!(empty.matmul(&Tensor::ones(&[3, 2])).unwrap().dims(), [0, 2]);
    let scalar = Tensor::scalar(3.0f32);
    assert_eq!(scalar.add(&scalar).unwrap().item().unwrap(), 6.0);
    assert_eq!(scalar.sum_dim(&[0], false).unwrap().item().unwrap(), 3.0);
}

#[test]
fn nine_dimensions_are_refused() {
    let error = Tensor::ones(&[1]).reshape(&[1; 9]).unwrap_err().to_string();
    assert_eq!(error, "a tensor has at most 8 dimensions, got 9");
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn broadcasting_is_symmetric_and_stretches_only_ones(
        a in prop::collection::vec(1usize..4, 0..5),
        b in prop::collection::vec(1usize..4, 0..5),
    ) {
        match (broadcast(&a, &b), broadcast(&b, &a)) {
            (Ok(left), Ok(right)) => {
                prop_assert_eq!(&*left, &*right);
                for dims in [&a, &b] {
                    for (size, full) in dims.iter().rev().zip(left.iter().rev()) {
                        prop_assert!(size == full || *size == 1);
                    }
                }
            }
            (Err(_), Err(_)) => {}
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn permuting_and_permuting_back_gives_the_same_elements(
        dims in prop::collection::vec(1usize..4, 1..5),
        seed in any::<u64>(),
    ) {
        let mut generator = Generator::new(seed);
        let x = Tensor::rand(&dims, &mut generator);
        let order = generator.randperm(dims.len());
        let mut inverse = vec![0isize; order.len()];
        order.iter().enumerate().for_each(|(new, &old)| inverse[old] = new as isize);
        let order: Vec<isize> = order.iter().map(|&d| d as isize).collect();
        let back = x.permute(&order).unwrap().contiguous().unwrap().permute(&inverse).unwrap();
        prop_assert_eq!(back.dims(), x.dims());
        prop_assert_eq!(back.to_f64_vec(), x.to_f64_vec());
    }

    #[test]
    fn a_reshape_keeps_every_element_in_order(dims in prop::collection::vec(1usize..5, 1..5)) {
        let n: usize = dims.iter().product();
        let x = Tensor::arange(n as i64);
        let sizes: Vec<isize> = dims.iter().map(|&d| d as isize).collect();
        let y = x.reshape(&sizes).unwrap();
        prop_assert_eq!(y.dims(), &*dims);
        prop_assert_eq!(y.to_f64_vec(), x.to_f64_vec());
        prop_assert_eq!(&*infer_reshape(&[-1, dims[0] as isize], n).unwrap(), &[n / dims[0], dims[0]]);
    }

    #[test]
    fn matmul_distributes_over_addition(
        (m, k, n) in (1usize..6, 1usize..6, 1usize..12),
        seed in any::<u64>(),
    ) {
        let mut generator = Generator::new(seed);
        let a = Tensor::rand(&[m, k], &mut generator);
        let (b, c) = (Tensor::rand(&[k, n], &mut generator), Tensor::rand(&[k, n], &mut generator));
        let left = a.matmul(&b.add(&c).unwrap()).unwrap().to_f64_vec();
        let right = a.matmul(&b).unwrap().add(&a.matmul(&c).unwrap()).unwrap().to_f64_vec();
        for (l, r) in left.iter().zip(right) {
            prop_assert!((l - r).abs() < 1e-5, "{l} and {r}");
        }
    }

    #[test]
    fn softmax_sums_to_one(rows in 1usize..5, columns in 1usize..9, seed in any::<u64>()) {
        let x = Tensor::randn(&[rows, columns], &mut Generator::new(seed)).mul(10.0).unwrap();
        for total in x.softmax(1).unwrap().sum_dim(&[1], false).unwrap().to_f64_vec() {
            prop_assert!((total - 1.0).abs() < 1e-5, "{total}");
        }
    }

    #[test]
    fn a_strided_view_computes_what_its_copy_computes(
        (rows, columns) in (1usize..5, 1usize..9),
        seed in any::<u64>(),
    ) {
        let x = Tensor::randn(&[rows, columns], &mut Generator::new(seed));
        let view = x.t().unwrap();
        let copy = no_grad(|| view.contiguous()).unwrap();
        let compute = |t: &Tensor| t.tanh().unwrap().add(&t.square().unwrap()).unwrap().sum_dim(&[0], false);
        prop_assert_eq!(compute(&view).unwrap().to_f64_vec(), compute(&copy).unwrap().to_f64_vec());
    }
}

#[test]
fn a_view_joins_and_divides_dimensions_whose_elements_lie_evenly() {
    // What `tensor.view` does in PyTorch: dimensions can be joined where a step along one is as far as all
    // of the next.
    let x = Tensor::arange(24).view(&[4, 6]).unwrap();
    let rows = x.slice(0, 0, 4, 2).unwrap();
    let halves = rows.view(&[2, 2, 3]).unwrap();
    assert_eq!(halves.to_vec::<i64>().unwrap(), [0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17]);
    let columns = x.slice(1, 0, 6, 3).unwrap(); // 3 apart, in all rows
    assert_eq!(columns.view(&[-1]).unwrap().to_vec::<i64>().unwrap(), [0, 3, 6, 9, 12, 15, 18, 21]);
    let left = x.slice(1, 0, 3, 1).unwrap();
    assert!(left.view(&[-1]).unwrap_err().to_string().starts_with("view size is not compatible"));
    assert_eq!(left.view(&[2, 2, 1, 3]).unwrap().to_vec::<i64>().unwrap()[6..], [12, 13, 14, 18, 19, 20]);
    let ones = Tensor::arange(1).expand(&[2, 3]).unwrap();
    assert_eq!(ones.view(&[3, 2]).unwrap().version(), ones.version());
    // A view shares the storage.
    halves.fill_(-1.0).unwrap();
    assert_eq!(x.select(0, 2).unwrap().to_vec::<i64>().unwrap(), [-1; 6]);
}
