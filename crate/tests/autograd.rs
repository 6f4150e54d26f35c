//! Gradients: against arithmetic, against finite differences in f64, and PyTorch's rules for graphs.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::dtype::DType;
use gradus::error::Result;
use gradus::nn::functional::{self, Reduction::Mean};
use gradus::nn::{CrossEntropyLoss, Loss as _};
use gradus::op::Window;
use gradus::rng::Generator;
use gradus::tensor::{Tensor, no_grad};
use proptest::prelude::*;

fn leaf(values: &[f64], dims: &[usize]) -> Tensor {
    Tensor::from_vec(values.to_vec(), dims).unwrap().requires_grad_(true).unwrap()
}

fn gradient(x: &Tensor) -> Vec<f64> {
    x.grad().expect("backward has been here").to_f64_vec()
}

#[test]
fn the_gradient_of_a_sum_of_squares_is_twice_the_tensor() {
    // The chapter's 10.7.5: sum(x²) at [[2, −1], [1, 1]] is 4+1+1+1.
    let x = leaf(&[2., -1., 1., 1.], &[2, 2]);
    let out = x.pow(2.0).unwrap().sum().unwrap();
    assert_eq!(out.item().unwrap(), 7.0);
    out.backward().unwrap();
    assert_eq!(gradient(&x), [4., -2., 2., 2.]);
}

#[test]
fn gradients_accumulate_until_they_are_forgotten() {
    let x = leaf(&[3.0], &[1]);
    for expected in [6.0, 12.0] {
        x.square().unwrap().sum().unwrap().backward().unwrap();
        assert_eq!(gradient(&x), [expected]);
    }
    x.set_grad(None);
    assert!(x.grad().is_none());
}

#[test]
fn a_tensor_used_twice_gets_both_gradients() {
    let x = leaf(&[2.0], &[1]);
    // y = x·x + x: 2x + 1
    x.mul(&x).unwrap().add(&x).unwrap().sum().unwrap().backward().unwrap();
    assert_eq!(gradient(&x), [5.0]);
}

#[test]
fn what_was_broadcast_is_summed() {
    let row = leaf(&[1., 2.], &[2]);
    let x = Tensor::full(&[3, 2], 2.0, DType::F64);
    x.mul(&row).unwrap().sum().unwrap().backward().unwrap();
    assert_eq!(gradient(&row), [6., 6.]);
}

#[test]
fn the_graph_is_freed_unless_it_is_to_be_kept() {
    let x = leaf(&[2.0], &[1]);
    let y = x.square().unwrap().sum().unwrap();
    y.backward_with(None, true, false).unwrap();
    y.backward().unwrap();
    assert_eq!(gradient(&x), [8.0]);
    let error = y.backward().unwrap_err().to_string();
    assert!(error.starts_with("Trying to backward through the graph a second time"), "{error}");
}

#[test]
fn only_a_scalar_has_a_gradient_of_its_own() {
    let y = leaf(&[1., 2.], &[2]).square().unwrap();
    let error = y.backward().unwrap_err().to_string();
    assert_eq!(error, "grad can be implicitly created only for scalar outputs");
    let error = Tensor::ones(&[1]).backward().unwrap_err().to_string();
    assert_eq!(error, "element 0 of tensors does not require grad and does not have a grad_fn");
}

#[test]
fn a_value_that_the_graph_needs_must_not_change_in_place() {
    let x = leaf(&[2.0], &[1]);
    let y = x.square().unwrap().sum().unwrap();
    no_grad(|| x.fill_(5.0)).unwrap();
    let error = y.backward().unwrap_err().to_string();
    assert!(error.contains("has been modified by an inplace operation"), "{error}");
    let error = x.fill_(1.0).unwrap_err().to_string();
    assert_eq!(error, "a leaf Variable that requires grad is being used in an in-place operation.");
}

#[test]
fn an_addition_keeps_nothing_of_its_operands_so_they_may_change() {
    let x = leaf(&[2.0], &[1]);
    let other = Tensor::full(&[1], 3.0, DType::F64);
    let y = x.add(&other).unwrap().sum().unwrap();
    other.fill_(9.0).unwrap();
    y.backward().unwrap();
    assert_eq!(gradient(&x), [1.0]);
}

#[test]
fn without_gradients_nothing_is_recorded() {
    let x = leaf(&[2.0], &[1]);
    let y = no_grad(|| x.square()).unwrap();
    assert!(!y.requires_grad());
    assert!(x.detach().square().unwrap().is_leaf());
    assert!(Tensor::arange(2).requires_grad_(true).is_err());
}

#[test]
fn the_first_gradient_does_not_share_storage_with_another() {
    let (a, b) = (leaf(&[1.0], &[1]), leaf(&[1.0], &[1]));
    for _ in 0..2 {
        a.add(&b).unwrap().sum().unwrap().backward().unwrap();
    }
    assert_eq!((gradient(&a), gradient(&b)), (vec![2.0], vec![2.0]));
}

#[test]
fn any_number_of_tensors_may_be_joined() {
    let leaves: Vec<Tensor> = (0..20).map(|i| leaf(&[f64::from(i)], &[1])).collect();
    Tensor::cat(&leaves, 0).unwrap().square().unwrap().sum().unwrap().backward().unwrap();
    // d/dx x²
    leaves.iter().for_each(|x| assert_eq!(gradient(x), [2.0 * x.item().unwrap()]));
}

#[test]
fn the_gradient_of_a_gradient_is_the_second_derivative() {
    let x = leaf(&[2.0, -1.0], &[2]);
    // d²/dx² x³ = 6x
    let y = x.mul(&x).unwrap().mul(&x).unwrap().sum().unwrap();
    y.backward_with(None, false, true).unwrap();
    let first = x.grad().unwrap();
    assert_eq!(first.to_f64_vec(), [12.0, 3.0]);
    x.set_grad(None);
    first.sum().unwrap().backward().unwrap();
    assert_eq!(gradient(&x), [12.0, -6.0]);
}

/// The gradients of Σ w·f(inputs) with fixed random weights, compared with central differences.
fn gradcheck(f: &dyn Fn(&[Tensor]) -> Result<Tensor>, inputs: &[Tensor], seed: u64) {
    let weigh = |out: &Tensor| -> Result<Tensor> {
        let w = Tensor::rand(out.dims(), &mut Generator::new(seed)).add(0.5)?.to(DType::F64)?;
        out.mul(&w)?.sum()
    };
    let leaves: Vec<Tensor> = inputs.iter().map(|t| leaf(&t.to_f64_vec(), t.dims())).collect();
    weigh(&f(&leaves).unwrap()).unwrap().backward().unwrap();
    let h = 1e-6;
    for (which, input) in inputs.iter().enumerate() {
        let analytic = gradient(&leaves[which]);
        let values = input.to_f64_vec();
        for i in 0..values.len() {
            let at = |delta: f64| {
                let mut nudged = values.clone();
                nudged[i] += delta;
                let mut inputs = inputs.to_vec();
                inputs[which] = Tensor::from_vec(nudged, input.dims()).unwrap();
                no_grad(|| weigh(&f(&inputs)?)).unwrap().item().unwrap()
            };
            let numeric = (at(h) - at(-h)) / (2.0 * h);
            assert!(
                (analytic[i] - numeric).abs() <= 1e-5 + 1e-4 * numeric.abs(),
                "input {which}, element {i}: backward says {}, differences say {numeric}",
                analytic[i]
            );
        }
    }
}

/// Values away from the kinks at 0 and ±1, distinct so that a maximum is one element's.
fn smooth(dims: &[usize], seed: u64) -> Tensor {
    let n = dims.iter().product::<usize>();
    let mut order: Vec<usize> = Generator::new(seed).randperm(n);
    let values = order.drain(..).map(|i| 0.15 + 0.7 * i as f64 / n as f64);
    let signs = Generator::new(seed ^ 1).uniform(n, -1.0, 1.0);
    let values: Vec<f64> = values.zip(signs).map(|(v, s)| v * f64::from(s.signum())).collect();
    Tensor::from_vec(values, dims).unwrap()
}

type Unary = (&'static str, fn(&Tensor) -> Result<Tensor>);

const UNARY: [Unary; 36] = [
    ("neg", Tensor::neg),
    ("abs", Tensor::abs),
    ("square", Tensor::square),
    ("reciprocal", Tensor::reciprocal),
    ("exp", Tensor::exp),
    ("expm1", Tensor::expm1),
    ("sin", Tensor::sin),
    ("cos", Tensor::cos),
    ("tanh", Tensor::tanh),
    ("erf", Tensor::erf),
    ("sigmoid", Tensor::sigmoid),
    ("logsigmoid", Tensor::logsigmoid),
    ("relu", Tensor::relu),
    ("leaky_relu", |x| x.leaky_relu(0.1)),
    ("elu", |x| x.elu(1.5)),
    ("gelu", Tensor::gelu),
    ("silu", Tensor::silu),
    ("softplus", |x| x.softplus(1.0, 20.0)),
    ("sqrt", |x| x.square()?.add(0.1)?.sqrt()),
    ("rsqrt", |x| x.square()?.add(0.1)?.rsqrt()),
    ("log", |x| x.square()?.log()),
    ("log1p", |x| x.square()?.log1p()),
    ("pow", |x| x.pow(3.0)),
    ("softmax", |x| x.softmax(-1)),
    ("log_softmax", |x| x.log_softmax(0)),
    ("var", |x| x.var_dim(&[0], 0, true)),
    ("softplus with beta", |x| x.softplus(2.0, 20.0)),
    ("gelu_tanh", Tensor::gelu_tanh),
    ("prod", |x| x.prod_dim(&[-1], true)),
    ("std", |x| x.std_dim(&[-1], 1, true)),
    ("norm", |x| x.norm_dim(2.0, &[-1], true)),
    ("norm of order 3", |x| x.norm_dim(3.0, &[-1], false)),
    ("logsumexp", |x| x.logsumexp(&[0], false)),
    ("cumsum", |x| x.cumsum(0)),
    ("clamp", |x| x.clamp(Some(-0.41), Some(0.53))),
    ("floor", |x| x.floor()?.add(x)),
];

#[test]
fn every_elementwise_function_has_the_gradient_of_finite_differences() {
    for (i, (name, f)) in UNARY.iter().enumerate() {
        for dims in [vec![5], vec![2, 3], vec![1, 4]] {
            let x = smooth(&dims, i as u64 + 10);
            println!("{name} of {dims:?}");
            let check = |inputs: &[Tensor]| f(&inputs[0]);
            gradcheck(&check, &[x], 3);
        }
    }
}

#[test]
fn a_smooth_function_has_the_second_derivative_of_finite_differences() {
    for (name, f) in [UNARY[4], UNARY[8], UNARY[10], UNARY[15], UNARY[17], UNARY[23]] {
        let x = smooth(&[4], 21);
        // The gradient, itself computed by backward, as a function of x.
        let slope = |inputs: &[Tensor]| -> Result<Tensor> {
            let x = inputs[0].detach().requires_grad_(true)?;
            let _on =
                gradus::tensor::with_grad(true, || f(&x)?.square()?.sum()?.backward_with(None, false, true));
            _on?;
            Ok(x.grad().expect("backward has been here"))
        };
        let leaf = leaf(&x.to_f64_vec(), x.dims());
        f(&leaf).unwrap().square().unwrap().sum().unwrap().backward_with(None, false, true).unwrap();
        let first = leaf.grad().unwrap();
        leaf.set_grad(None);
        first.sum().unwrap().backward().unwrap();
        let second = gradient(&leaf);
        for i in 0..4 {
            let at = |delta: f64| {
                let mut values = x.to_f64_vec();
                values[i] += delta;
                let nudged = Tensor::from_vec(values, x.dims()).unwrap();
                slope(&[nudged]).unwrap().to_f64_vec().iter().sum::<f64>()
            };
            let numeric = (at(1e-6) - at(-1e-6)) / 2e-6;
            assert!(
                (second[i] - numeric).abs() < 1e-4 + 1e-4 * numeric.abs(),
                "{name}: {} {numeric}",
                second[i]
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::with_cases(16)
    })]

    #[test]
    fn binary_operations_have_the_gradients_of_finite_differences(
        (rows, columns) in (1usize..4, 1usize..4),
        shape in 0usize..4,
        seed in 0u64..1000,
    ) {
        let a = smooth(&[rows, columns], seed);
        let b = smooth(&[vec![rows, columns], vec![columns], vec![rows, 1], vec![]][shape], seed + 1);
        type Binary = fn(&Tensor, &Tensor) -> Result<Tensor>;
        let operations: [Binary; 7] = [
            |a, b| a.add(b), |a, b| a.sub(b), |a, b| a.mul(b), |a, b| a.div(b),
            |a, b| a.maximum(b), |a, b| a.minimum(b),
            |a, b| a.square()?.add(0.2)?.pow(b),
        ];
        for f in operations {
            gradcheck(&|inputs| f(&inputs[0], &inputs[1]), &[a.clone(), b.clone()], seed);
        }
    }

    #[test]
    fn products_have_the_gradients_of_finite_differences(
        (m, k, n) in (1usize..4, 1usize..4, 1usize..4),
        seed in 0u64..1000,
    ) {
        let (a, b) = (smooth(&[m, k], seed), smooth(&[k, n], seed + 1));
        gradcheck(&|t| t[0].matmul(&t[1]), &[a.clone(), b], seed);
        let (weight, bias) = (smooth(&[n, k], seed + 2), smooth(&[n], seed + 3));
        gradcheck(&|t| t[0].linear(&t[1], Some(&t[2])), &[a, weight, bias], seed);
    }

    #[test]
    fn changes_of_shape_have_the_gradients_of_finite_differences(
        (a, b, c) in (1usize..4, 2usize..5, 1usize..4),
        seed in 0u64..1000,
    ) {
        let x = smooth(&[a, b, c], seed);
        type Shape = fn(&Tensor) -> Result<Tensor>;
        let operations: [Shape; 16] = [
            |x| Tensor::cat(&[x.clone(), x.mul(2.0)?], 1),
            |x| Tensor::stack(&[x.clone(), x.square()?], -1),
            |x| x.repeat(&[2, 1, 1, 3]),
            |x| x.flip(&[1]),
            |x| x.pad(&[1, -1, 0, 2], 0.5),
            |x| x.tril(0),
            |x| x.select(1, -1),
            |x| x.permute(&[2, 0, 1]),
            |x| x.transpose(0, 1)?.reshape(&[-1]),
            |x| x.slice(1, 0, 2, 1),
            |x| x.slice(1, 0, 2, 2),
            |x| x.unsqueeze(0)?.expand(&[2, x.dims()[0], x.dims()[1], x.dims()[2]]),
            |x| x.sum_dim(&[0, 2], false),
            |x| x.mean_dim(&[1], true),
            |x| x.amax(&[1], false),
            |x| Ok(x.max_dim(1, false)?.0),
        ];
        for f in operations {
            gradcheck(&|t| f(&t[0]), std::slice::from_ref(&x), seed);
        }
    }

    #[test]
    fn windows_have_the_gradients_of_finite_differences(
        (channels, h, w) in (1usize..3, 2usize..5, 2usize..5),
        (kernel, stride, padding) in (1usize..3, 1usize..3, 0usize..2),
        seed in 0u64..1000,
    ) {
        let window = Window { kernel: (kernel, kernel), stride: (stride, stride), padding: (padding, padding), dilation: (1, 1) };
        gradcheck(&|t| t[0].unfold(window), &[smooth(&[2, channels, h, w], seed)], seed);
    }

    #[test]
    fn losses_have_the_gradients_of_finite_differences(rows in 1usize..4, columns in 1usize..4, seed in 0u64..1000) {
        type Loss = fn(&Tensor, &Tensor) -> Result<Tensor>;
        let losses: [Loss; 5] = [
            |p, y| functional::mse_loss(p, y, Mean),
            |p, y| functional::l1_loss(p, y, Mean),
            |p, y| functional::smooth_l1_loss(p, y, 0.3, Mean),
            |p, y| functional::huber_loss(p, y, 0.3, Mean),
            |p, y| functional::binary_cross_entropy_with_logits(p, y, None, None, Mean),
        ];
        let prediction = smooth(&[rows, columns], seed);
        let target = smooth(&[rows, columns], seed + 1).mul(2.0).unwrap();
        for f in losses {
            gradcheck(&|t| f(&t[0], &target), std::slice::from_ref(&prediction), seed);
        }
        let probability = no_grad(|| prediction.sigmoid()).unwrap();
        let target = target.sigmoid().unwrap();
        let bce = |t: &[Tensor]| functional::binary_cross_entropy(&t[0], &target, None, Mean);
        gradcheck(&bce, &[probability], seed);
        let classes = Tensor::from_vec((0..rows).map(|i| (i % columns) as i64).collect(), &[rows]).unwrap();
        gradcheck(&|t| CrossEntropyLoss::default().forward(&t[0], &classes), &[prediction], seed);
    }
}
