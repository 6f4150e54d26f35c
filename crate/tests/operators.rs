//! Every operator against PyTorch, forward and gradient, and what the conformance file does not show.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod conformance;

use gradus::dtype::DType;
use gradus::tensor::{Operand, Tensor};

fn assert_all_agree(file: &str, cases: usize) {
    let outcome = conformance::run(file).unwrap();
    let failures: Vec<String> = outcome.failed.iter().map(|(name, why)| format!("{name}: {why}")).collect();
    assert_eq!(failures, Vec::<String>::new());
    assert_eq!(outcome.passed, cases);
}

#[test]
fn every_operator_is_pytorchs_with_its_gradient() {
    assert_all_agree(include_str!("../../tests/data/ops.json"), 373);
}

#[test]
fn so_is_every_operator_with_all_of_its_arguments() {
    assert_all_agree(include_str!("../../tests/data/ops_more.json"), 1128);
}

#[test]
fn an_argument_that_the_runner_does_not_know_is_an_error() {
    let file = r#"{"cases": [{"name": "neg/odd", "op": "neg", "args": {"odd": 1},
        "inputs": [{"dtype": "f32", "shape": [1], "data": [2]}],
        "outputs": [{"dtype": "f32", "shape": [1], "data": [-2]}]}]}"#;
    let (_, why) = &conformance::run(file).unwrap().failed[0];
    assert_eq!(why, "the runner does not know the argument odd");
}

fn vector(values: &[f32]) -> Tensor {
    Tensor::from_vec(values.to_vec(), &[values.len()]).unwrap()
}

fn integers(values: &[i64]) -> Tensor {
    Tensor::from_vec(values.to_vec(), &[values.len()]).unwrap()
}

fn gradient(x: &Tensor) -> Vec<f64> {
    x.grad().expect("backward has been here").to_f64_vec()
}

#[test]
fn the_gradient_of_a_product_goes_around_zeros() {
    // One zero: only it has a gradient, the product of the others, 2·3. Two zeros: none has.
    for (values, expected) in [([2., 0., 3.], [0., 6., 0.]), ([2., 0., 0.], [0., 0., 0.])] {
        let x = vector(&values).requires_grad_(true).unwrap();
        x.prod().unwrap().backward().unwrap();
        assert_eq!(gradient(&x), expected);
    }
}

#[test]
fn the_norm_and_the_deviation_have_gradient_zero_at_zero() {
    let x = vector(&[0., 0.]).requires_grad_(true).unwrap();
    x.norm().unwrap().backward().unwrap();
    x.std().unwrap().backward().unwrap();
    assert_eq!(gradient(&x), [0., 0.]);
}

#[test]
fn a_clamp_passes_the_gradient_on_between_its_bounds() {
    let x = vector(&[-2., -1., 0., 1., 2.]).requires_grad_(true).unwrap();
    let y = x.clamp(Some(-1.0), Some(1.0)).unwrap();
    assert_eq!(y.to_f64_vec(), [-1., -1., 0., 1., 1.]);
    y.sum().unwrap().backward().unwrap();
    assert_eq!(gradient(&x), [0., 0., 1., 0., 0.]);
    let none: Option<Operand<'_>> = None;
    assert!(x.clamp(none, none).unwrap_err().to_string().contains("At least one of 'min' or 'max'"));
}

#[test]
fn bools_are_counted_and_integers_have_no_mean() {
    let mask = Tensor::from_vec(vec![true, false, true], &[3]).unwrap();
    let count = mask.sum().unwrap();
    assert_eq!((count.dtype(), count.item().unwrap()), (DType::I64, 2.0));
    assert_eq!(mask.cumsum(0).unwrap().to_f64_vec(), [1., 1., 2.]);
    let error = integers(&[1, 2]).mean().unwrap_err().to_string();
    assert!(error.starts_with("mean(): could not infer output dtype"), "{error}");
}

#[test]
fn whole_numbers_divide_down_and_towards_zero() {
    let x = integers(&[7, -7]);
    assert_eq!(x.div_floor(2).unwrap().to_f64_vec(), [3., -4.]);
    assert_eq!(x.div_trunc(2).unwrap().to_f64_vec(), [3., -3.]);
    assert_eq!(x.div_floor(2).unwrap().dtype(), DType::I64);
    assert_eq!(vector(&[2.5, -2.5, 3.5]).round(0).unwrap().to_f64_vec(), [2., -2., 4.]);
    assert_eq!(vector(&[-1.5]).trunc().unwrap().to_f64_vec(), [-1.]);
}

#[test]
fn products_of_vectors_matrices_and_batches_broadcast() {
    let v = vector(&[1., 2.]);
    let m = Tensor::from_vec(vec![1f32, 2., 3., 4.], &[2, 2]).unwrap();
    assert_eq!(v.matmul(&v).unwrap().item().unwrap(), 5.0);
    assert_eq!(v.matmul(&m).unwrap().to_f64_vec(), [7., 10.]);
    assert_eq!(m.matmul(&v).unwrap().to_f64_vec(), [5., 11.]);
    let batch = Tensor::ones(&[3, 1, 4, 2]);
    let other = Tensor::ones(&[5, 2, 6]);
    assert_eq!(batch.matmul(&other).unwrap().dims(), [3, 5, 4, 6]);
    assert!(Tensor::scalar(1f32).matmul(&v).is_err());
}

#[test]
fn elements_are_found_by_index_slice_and_mask() {
    let x = Tensor::arange(12).reshape(&[3, 4]).unwrap();
    assert_eq!(x.select(0, -1).unwrap().to_f64_vec(), [8., 9., 10., 11.]);
    assert_eq!(x.slice_python(1, Some(-3), None, 2).unwrap().to_f64_vec(), [1., 3., 5., 7., 9., 11.]);
    assert_eq!(x.slice_python(0, Some(2), Some(1), 1).unwrap().dims(), [0, 4]);
    let rows = Tensor::from_vec(vec![2i64, -3], &[2, 1]).unwrap();
    let picked = x.index(&rows).unwrap();
    assert_eq!((picked.dims(), picked.select(1, 0).unwrap().to_f64_vec()[4]), ([2, 1, 4].as_slice(), 0.0));
    let even = x.div_floor(2).unwrap().mul(2).unwrap().eq(&x).unwrap();
    assert_eq!(x.index(&even).unwrap().to_f64_vec(), [0., 2., 4., 6., 8., 10.]);
    assert!(x.index(&integers(&[3])).is_err());
}

#[test]
fn an_assignment_through_a_view_changes_the_tensor() {
    let x = Tensor::zeros(&[2, 3]);
    x.select(0, 1).unwrap().fill_(1.0).unwrap();
    x.slice(1, 0, 3, 2).unwrap().select(0, 0).unwrap().copy_(&vector(&[5., 6.])).unwrap();
    assert_eq!(x.to_f64_vec(), [5., 0., 6., 1., 1., 1.]);
    x.masked_fill_(&x.gt(4.0).unwrap(), -1.0).unwrap();
    x.index_put_(&integers(&[1]), &vector(&[7., 8., 9.]).reshape(&[1, 3]).unwrap()).unwrap();
    assert_eq!(x.to_f64_vec(), [-1., 0., -1., 7., 8., 9.]);
}

#[test]
fn padding_cuts_off_where_it_is_negative() {
    let x = vector(&[1., 2., 3.]);
    assert_eq!(x.pad(&[-1, 2], 9.0).unwrap().to_f64_vec(), [2., 3., 9., 9.]);
    assert!(x.pad(&[-2, -2], 0.0).is_err());
    assert!(x.pad(&[1], 0.0).is_err());
}

#[test]
fn concatenation_promotes_and_leaves_out_empty_vectors() {
    let both = Tensor::cat(&[integers(&[1]), vector(&[0.5])], 0).unwrap();
    assert_eq!((both.dtype(), both.to_f64_vec()), (DType::F32, vec![1., 0.5]));
    let table = Tensor::ones(&[2, 2]);
    assert_eq!(Tensor::cat(&[vector(&[]), table.clone()], 1).unwrap().dims(), [2, 2]);
    assert!(Tensor::cat(&[table, Tensor::ones(&[3, 3])], 0).is_err());
    assert!(Tensor::cat(&[], 0).is_err());
}

#[test]
fn logsumexp_of_infinities_is_infinite_not_nan() {
    let infinity = f32::INFINITY;
    let x = Tensor::from_vec(vec![-infinity, -infinity, infinity, 0.], &[2, 2]).unwrap();
    assert_eq!(x.logsumexp(&[1], false).unwrap().to_f64_vec(), [f64::NEG_INFINITY, f64::INFINITY]);
}
