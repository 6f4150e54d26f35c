//! Derivatives have PyTorch's names: `print(tensor)` shows them as `grad_fn=<…>`.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::dtype::DType;
use gradus::error::Result;
use gradus::nn::functional as F;
use gradus::nn::*;
use gradus::op::Window;
use gradus::rng::Generator;
use gradus::tensor::{PadMode, Tensor};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A generator as layers have it.
fn shared(seed: u64) -> SharedGenerator {
    Rc::new(RefCell::new(Generator::new(seed)))
}

/// Written by `tests/fixtures/make.py`: the same operations by the same names.
const NAMES: &str = include_str!("../../tests/data/grad_fn.json");

struct Operands {
    x: Tensor,
    v: Tensor,
    w: Tensor,
    b: Tensor,
    image: Tensor,
}

fn leaf(values: &[f32], dims: &[usize]) -> Tensor {
    Tensor::from_vec(values.to_vec(), dims).unwrap().requires_grad_(true).unwrap()
}

fn ramp(n: usize, dims: &[usize]) -> Tensor {
    leaf(&(0..n).map(|i| 0.1 + i as f32 / n as f32 * 0.8).collect::<Vec<_>>(), dims)
}

impl Operands {
    fn new() -> Operands {
        Operands {
            x: leaf(&[0.2, 0.7, 0.4, 0.9, 0.1, 0.6], &[2, 3]),
            v: leaf(&[0.2, 0.7, 0.4], &[3]),
            w: leaf(&[0.3, 0.1, 0.4, 0.9, 0.1, 0.6, 0.5, 0.5, 0.2], &[3, 3]),
            b: ramp(12, &[2, 2, 3]),
            image: ramp(32, &[1, 2, 4, 4]),
        }
    }

    fn make(&self, name: &str) -> Result<Tensor> {
        let Operands { x, v, w, b, image } = self;
        let y = &x.detach();
        let classes = Tensor::from_vec(vec![0i64, 2], &[2])?;
        let rows = Tensor::from_vec(vec![0i64, 0], &[2])?;
        let filters = Tensor::ones(&[1, 2, 2, 2]);
        let conv = Conv2dOptions::new(2);
        let pool = PoolOptions::new(2);
        let mask = y.gt(0.3)?;
        let ones = Tensor::ones(&[3]);
        let none = None::<f64>;
        let plain = NormOptions { affine: false, ..Default::default() };
        if let Some((loss, reduction)) = name.rsplit_once('_') {
            let reduction = match reduction {
                "mean" => Some(Reduction::Mean),
                "sum" => Some(Reduction::Sum),
                "none" => Some(Reduction::None),
                "batchmean" => Some(Reduction::BatchMean),
                _ => None,
            };
            if let Some(reduction) = reduction {
                return self.loss(loss, reduction);
            }
        }
        match name {
            "rsub" => x.rsub(1.0),
            "rsub_tensor" => x.rsub(y),
            "square" => x.square(),
            "power" => x.pow(3.0),
            "root" => x.pow(0.5),
            "div_floor" => x.div_floor(2.0),
            "div_trunc" => x.div_trunc(y),
            "clamp" => x.clamp(Some(0.3), Some(0.5)),
            "clamp_min" => x.clamp(Some(0.3), none),
            "clamp_tensor" => x.clamp(Some(y), Some(y)),
            "ceil" => x.ceil(),
            "floor" => x.floor(),
            "trunc" => x.trunc(),
            "round" => x.round(0),
            "round_decimals" => x.round(2),
            "where" => x.where_(&mask, 0.0),
            "masked_fill" => x.masked_fill(&mask, 0.0),
            "silu" => x.silu(),
            "gelu" => x.gelu(),
            "gelu_tanh" => x.gelu_tanh(),
            "softplus" => x.softplus(1.0, 20.0),
            "softplus_beta" => x.softplus(2.0, 20.0),
            "logsigmoid" => x.logsigmoid(),
            "elu" => x.elu(1.0),
            "leaky_relu" => x.leaky_relu(0.01),
            "softmax" => x.softmax(0),
            "log_softmax" => x.log_softmax(0),
            "sum" => x.sum(),
            "sum_dim" => x.sum_dim(&[0], false),
            "mean" => x.mean(),
            "mean_dim" => x.mean_dim(&[0], false),
            "prod" => x.prod(),
            "prod_dim" => x.prod_dim(&[0], false),
            "var" => x.var(),
            "var_dim" => x.var_dim(&[0], 1, false),
            "std" => x.std(),
            "std_dim" => x.std_dim(&[0], 0, false),
            "norm" => x.norm(),
            "norm_3" => x.norm_dim(3.0, &[0], false),
            "norm_1" => x.norm_dim(1.0, &[], false),
            "amax" => x.amax(&[0], false),
            "max" => x.max(),
            "min" => x.min(),
            "max_dim" => Ok(x.max_dim(0, false)?.0),
            "min_dim" => Ok(x.min_dim(1, true)?.0),
            "logsumexp" => x.logsumexp(&[0], false),
            "logsumexp_keepdim" => x.logsumexp(&[0], true),
            "cumsum" => x.cumsum(0),
            "mm" => x.matmul(w),
            "mv" => x.matmul(v),
            "vm" => v.matmul(w),
            "dot" => v.dot(v),
            "matmul_3d" => b.matmul(w),
            "matmul_3d_1d" => b.matmul(v),
            "matmul_batches" => b.matmul(&b.transpose(1, 2)?),
            "bmm" => b.bmm(&b.transpose(1, 2)?),
            "outer" => v.outer(v),
            "linear" => x.linear(w, Some(&ones)),
            "linear_no_bias" => x.linear(w, None),
            "linear_3d" => b.linear(w, Some(&ones)),
            "linear_3d_no_bias" => b.linear(w, None),
            "linear_1d" => v.linear(w, Some(&ones)),
            "linear_1d_no_bias" => v.linear(w, None),
            "view" => x.view(&[-1]),
            "flatten" => b.flatten(1, -1),
            "reshape_copy" => x.t()?.reshape(&[-1]),
            "squeeze" => x.unsqueeze(0)?.squeeze(0),
            "squeeze_dims" => x.unsqueeze(0)?.squeeze_dims(&[0, 1]),
            "squeeze_all" => x.unsqueeze(0)?.squeeze_all(),
            "unsqueeze" => x.unsqueeze(0),
            "transpose" => x.transpose(0, 1),
            "t" => x.t(),
            "permute" => x.permute(&[1, 0]),
            "expand" => x.expand(&[2usize, 2, 3]),
            "cat" => Tensor::cat(&[x.clone(), x.clone()], 0),
            "stack" => Tensor::stack(&[x.clone(), x.clone()], 0),
            "repeat" => x.repeat(&[2, 1]),
            "flip" => x.flip(&[0]),
            "pad" => x.pad(&[1, 1], 0.0),
            "pad_reflect" => x.pad_with(&[1, 1], PadMode::Reflect),
            "pad_replicate" => image.pad_with(&[1, 1, 1, 1], PadMode::Replicate),
            "tril" => x.tril(0),
            "triu" => x.triu(0),
            "contiguous" => x.t()?.contiguous(),
            "cast" => x.to(DType::F64),
            "unfold" => {
                let both = |n| (n, n);
                image.unfold(Window { kernel: both(2), stride: both(1), padding: both(0), dilation: both(1) })
            }
            "gather" => x.gather(0, &Tensor::full(&[1, 3], 0.0, DType::I64)),
            "index_select" => x.index_select(1, &classes),
            "index" => v.index(&classes),
            "mask" => x.index(&mask),
            "select" => x.select(0, 0),
            "slice" => x.slice(0, 1, 2, 1),
            "conv2d" => F::conv2d(image, &filters, None, &conv),
            "conv2d_3d" => F::conv2d(&image.select(0, 0)?, &filters, None, &conv),
            "max_pool2d" => F::max_pool2d(image, &pool),
            "max_pool2d_3d" => F::max_pool2d(&image.select(0, 0)?, &pool),
            "avg_pool2d" => F::avg_pool2d(image, &pool),
            "avg_pool2d_3d" => F::avg_pool2d(&image.select(0, 0)?, &pool),
            "layer_norm" => LayerNorm::new(&[3]).forward(x),
            "layer_norm_plain" => LayerNorm::with(&[3], 1e-5, false, false).forward(x),
            "batch_norm" => BatchNorm1d::new(3, Default::default()).forward(x),
            "batch_norm_eval" => {
                let norm = BatchNorm1d::new(3, Default::default());
                norm.eval();
                norm.forward(x)
            }
            "batch_norm_plain" => BatchNorm2d::new(2, plain).forward(image),
            "dropout" => F::dropout(x, 0.5, true, &shared(0)),
            "embedding" => F::embedding(&rows, x, None),
            "embedding_padding" => F::embedding(&rows, x, Some(0)),
            other => panic!("{other}"),
        }
    }

    fn loss(&self, name: &str, reduction: Reduction) -> Result<Tensor> {
        let Operands { x, v, image, .. } = self;
        let y = &x.detach();
        let soft = y.softmax(1)?;
        let classes = Tensor::from_vec(vec![0i64, 2], &[2])?;
        let ce = CrossEntropyLoss { reduction, ..Default::default() };
        match name {
            "mse" => F::mse_loss(x, y, reduction),
            "l1" => F::l1_loss(x, y, reduction),
            "smooth_l1" => F::smooth_l1_loss(x, y, 1.0, reduction),
            "smooth_l1_0" => F::smooth_l1_loss(x, y, 0.0, reduction),
            "huber" => F::huber_loss(x, y, 1.0, reduction),
            "bce" => F::binary_cross_entropy(x, y, None, reduction),
            "bce_weight" => F::binary_cross_entropy(x, y, Some(y), reduction),
            "bce_logits" => F::binary_cross_entropy_with_logits(x, y, None, None, reduction),
            "cross_entropy" => ce.forward(x, &classes),
            "cross_entropy_weight" => {
                CrossEntropyLoss { weight: Some(Tensor::ones(&[3])), ..ce }.forward(x, &classes)
            }
            "cross_entropy_smooth" => CrossEntropyLoss { label_smoothing: 0.1, ..ce }.forward(x, &classes),
            "cross_entropy_soft" => ce.forward(x, &soft),
            "cross_entropy_1d" => ce.forward(v, &Tensor::scalar(1i64)),
            "cross_entropy_planes" => ce.forward(image, &Tensor::full(&[1, 4, 4], 0.0, DType::I64)),
            "nll" => NLLLoss { reduction, ..Default::default() }.forward(&x.log_softmax(1)?, &classes),
            "kl_div" => F::kl_div(x, &soft, false, reduction),
            "kl_div_log" => F::kl_div(x, &soft.log()?, true, reduction),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn every_operation_names_its_derivative_as_pytorch_does() {
    let names: BTreeMap<String, String> = serde_json::from_str(NAMES).unwrap();
    assert!(names.len() > 130);
    let operands = Operands::new();
    let mut wrong = Vec::new();
    for (operation, want) in names {
        let made = operands.make(&operation).unwrap_or_else(|e| panic!("{operation}: {e}"));
        let got = made.grad_fn().expect("its operands require gradients").name();
        if got != want {
            wrong.push(format!("{operation}: {got} instead of {want}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_gives_back_its_operand_does_not_rename_it() {
    let x = Operands::new().x;
    let e = x.exp().unwrap();
    for same in [e.repeat(&[1, 1]), e.flip(&[]), F::dropout(&e, 0.0, true, &shared(0))] {
        same.unwrap();
        assert_eq!(e.grad_fn().unwrap().name(), "ExpBackward0");
    }
    assert_eq!(x.exp().unwrap().flip(&[]).unwrap().grad_fn().unwrap().name(), "ExpBackward0");
    // A view also where it changes nothing.
    assert_eq!(x.exp().unwrap().squeeze(0).unwrap().grad_fn().unwrap().name(), "SqueezeBackward1");
    assert_eq!(x.exp().unwrap().select(0, 0).unwrap().t().unwrap().grad_fn().unwrap().name(), "TBackward0");
}
