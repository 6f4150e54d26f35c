//! Derivatives of every differentiable operator, in f64 and for random shapes and arguments, against
//! differences; second derivatives of the smooth ones.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "gradcheck/mod.rs"]
mod harness;

use gradus::nn::functional as F;
use gradus::nn::{Conv2dOptions, CrossEntropyLoss, Loss, NLLLoss, PoolOptions, Reduction};
use gradus::op::Window;
use gradus::rng::Generator;
use gradus::tensor::{PadMode, Tensor};
use harness::{Case, Draw, case, check};
use std::cell::RefCell;
use std::rc::Rc;

/// Random cases of each operator.
const CASES: u32 = 20;

/// Functions of one operand from −1.6 to 1.6 without other arguments.
macro_rules! of_any {
    ($($name:ident),+ $(,)?) => {
        &[$((stringify!($name), |d: &mut Draw, dims: &[usize]| case(vec![d.any(dims)], |t| t[0].$name()))),+]
    };
}

/// The same for positive operands.
macro_rules! of_positive {
    ($($name:ident),+ $(,)?) => {
        &[$((stringify!($name), |d: &mut Draw, dims: &[usize]| case(vec![d.positive(dims)], |t| t[0].$name()))),+]
    };
}

#[test]
fn smooth_functions_of_elements() {
    check(
        CASES,
        true,
        of_any![exp, expm1, sin, cos, tanh, erf, sigmoid, logsigmoid, neg, square, silu, gelu, gelu_tanh],
    );
    check(CASES, true, of_positive![sqrt, rsqrt, reciprocal, log, log1p]);
    check(
        CASES,
        true,
        &[
            ("softplus", |d, dims| {
                let (beta, threshold) = (d.pick(&[1.0, 0.5, 3.0]), d.pick(&[20.0, 0.6]));
                case(vec![d.any(dims)], move |t| t[0].softplus(beta, threshold))
            }),
            ("pow", |d, dims| {
                let exponent = d.pick(&[3.0, 2.0, 0.5, -0.5, -1.5, 1.0]);
                case(vec![d.positive(dims)], move |t| t[0].pow(exponent))
            }),
            ("whole powers of any number", |d, dims| {
                let exponent = d.pick(&[2.0, 3.0, 4.0]);
                case(vec![d.any(dims)], move |t| t[0].pow(exponent))
            }),
        ],
    );
}

#[test]
fn functions_of_elements_with_kinks_and_steps() {
    check(CASES, false, of_any![abs, relu, sign, floor, ceil, trunc]);
    check(
        CASES,
        false,
        &[
            ("round", |d, dims| {
                let decimals = d.pick(&[0, 1, -1]);
                case(vec![d.any(dims)], move |t| t[0].round(decimals))
            }),
            ("leaky_relu", |d, dims| {
                let slope = d.pick(&[0.01, 0.3, -0.2]);
                case(vec![d.any(dims)], move |t| t[0].leaky_relu(slope))
            }),
            ("elu", |d, dims| {
                let alpha = d.pick(&[1.0, 0.4]);
                case(vec![d.any(dims)], move |t| t[0].elu(alpha))
            }),
            ("clamp", |d, dims| {
                let (low, high) = (d.pick(&[None, Some(-0.5)]), d.pick(&[Some(0.7), Some(-0.8)]));
                case(vec![d.any(dims)], move |t| t[0].clamp(low, high))
            }),
            ("clamp to tensors", |d, dims| {
                let operands = vec![d.any(dims), d.any(dims), d.any(dims)];
                case(operands, |t| t[0].clamp(Some(&t[1]), Some(&t[2])))
            }),
        ],
    );
}

/// Two operands that broadcast, in either order.
fn pair(d: &mut Draw, dims: &[usize], f: fn(&mut Draw, &[usize]) -> Tensor) -> Vec<Tensor> {
    let narrow = d.narrower(dims);
    let mut both = vec![f(d, dims), f(d, &narrow)];
    if d.flag() {
        both.swap(0, 1);
    }
    both
}

#[test]
fn arithmetic_of_operands_that_broadcast() {
    check(
        CASES,
        true,
        &[
            ("add", |d, dims| case(pair(d, dims, Draw::any), |t| t[0].add(&t[1]))),
            ("sub", |d, dims| case(pair(d, dims, Draw::any), |t| t[0].sub(&t[1]))),
            ("mul", |d, dims| case(pair(d, dims, Draw::any), |t| t[0].mul(&t[1]))),
            ("div", |d, dims| case(pair(d, dims, Draw::positive), |t| t[0].div(&t[1]))),
            ("pow", |d, dims| case(pair(d, dims, Draw::positive), |t| t[0].pow(&t[1]))),
            ("rsub", |d, dims| case(pair(d, dims, Draw::any), |t| t[0].rsub(&t[1]))),
            ("add_scaled", |d, dims| case(pair(d, dims, Draw::any), |t| t[0].add_scaled(&t[1], 1.7))),
            ("sub_scaled", |d, dims| case(pair(d, dims, Draw::any), |t| t[0].sub_scaled(&t[1], -0.3))),
            ("bernoulli_nll", |d, dims| {
                case(vec![d.unit(dims), d.unit(dims)], |t| t[0].bernoulli_nll(&t[1]))
            }),
            ("where", |d, dims| {
                let mask = d.mask(dims);
                case(pair(d, dims, Draw::any), move |t| t[0].where_(&mask, &t[1]))
            }),
            ("numbers", |d, dims| {
                case(vec![d.positive(dims)], |t| t[0].add(0.3)?.mul(1.5)?.div(0.7)?.sub(2.0)?.rsub(1.0))
            }),
        ],
    );
    check(
        CASES,
        false,
        &[
            ("maximum", |d, dims| case(pair(d, dims, Draw::any), |t| t[0].maximum(&t[1]))),
            ("minimum", |d, dims| case(pair(d, dims, Draw::any), |t| t[0].minimum(&t[1]))),
            ("maximum with a number", |d, dims| case(vec![d.any(dims)], |t| t[0].maximum(0.4))),
            ("minimum with a number", |d, dims| case(vec![d.any(dims)], |t| t[0].minimum(-0.4))),
        ],
    );
}

/// What a reduction is given beside its operand.
fn over(d: &mut Draw, dims: &[usize]) -> (Vec<isize>, bool) {
    (d.dims(dims.len()), d.flag())
}

#[test]
fn reductions() {
    check(
        CASES,
        true,
        &[
            ("sum", |d, dims| {
                let (over, keep) = over(d, dims);
                case(vec![d.any(dims)], move |t| t[0].sum_dim(&over, keep))
            }),
            ("mean", |d, dims| {
                let (over, keep) = over(d, dims);
                case(vec![d.any(dims)], move |t| t[0].mean_dim(&over, keep))
            }),
            ("prod", |d, dims| {
                let (over, keep) = over(d, dims);
                case(vec![d.positive(dims)], move |t| t[0].prod_dim(&over, keep))
            }),
            ("var", |d, dims| {
                let (over, keep) = over(d, dims);
                case(vec![d.any(dims)], move |t| t[0].var_dim(&over, 0, keep))
            }),
            ("unbiased var and std", |d, dims| {
                // Of two elements or more
                let dims = [dims, &[3]].concat();
                let (root, keep) = (d.flag(), d.flag());
                case(vec![d.any(&dims)], move |t| {
                    if root { t[0].std_dim(&[-1], 1, keep) } else { t[0].var_dim(&[-1], 1, keep) }
                })
            }),
            ("norm", |d, dims| {
                let (p, (over, keep)) = (d.pick(&[2.0, 1.0, 3.0, 0.5, -1.0]), over(d, dims));
                case(vec![d.positive(dims)], move |t| t[0].norm_dim(p, &over, keep))
            }),
            ("logsumexp", |d, dims| {
                let (over, keep) = over(d, dims);
                case(vec![d.any(dims)], move |t| t[0].logsumexp(&over, keep))
            }),
            ("cumsum", |d, dims| {
                let dim = d.dim(dims.len());
                case(vec![d.any(dims)], move |t| t[0].cumsum(dim))
            }),
            ("softmax", |d, dims| {
                let dim = d.dim(dims.len());
                case(vec![d.any(dims)], move |t| t[0].softmax(dim))
            }),
            ("log_softmax", |d, dims| {
                let dim = d.dim(dims.len());
                case(vec![d.any(dims)], move |t| t[0].log_softmax(dim))
            }),
        ],
    );
    check(
        CASES,
        false,
        &[
            ("amax", |d, dims| {
                let (over, keep) = over(d, dims);
                case(vec![d.any(dims)], move |t| t[0].amax(&over, keep))
            }),
            ("amin", |d, dims| {
                let (over, keep) = over(d, dims);
                case(vec![d.any(dims)], move |t| t[0].amin(&over, keep))
            }),
            ("max along a dimension", |d, dims| {
                let (dim, keep) = (d.dim(dims.len()), d.flag());
                case(vec![d.any(dims)], move |t| Ok(t[0].max_dim(dim, keep)?.0))
            }),
            ("min along a dimension", |d, dims| {
                let (dim, keep) = (d.dim(dims.len()), d.flag());
                case(vec![d.any(dims)], move |t| Ok(t[0].min_dim(dim, keep)?.0))
            }),
            ("norms of other orders", |d, dims| {
                let p = d.pick(&[1.0, f64::INFINITY, f64::NEG_INFINITY]);
                let (over, keep) = over(d, dims);
                case(vec![d.any(dims)], move |t| t[0].norm_dim(p, &over, keep))
            }),
            ("a product with a zero", |d, _| {
                let zero = Tensor::from_vec(vec![1.0f64, 0.0, 1.0], &[3]).unwrap();
                case(vec![d.any(&[3]).mul(&zero).unwrap()], |t| t[0].prod())
            }),
        ],
    );
}

#[test]
fn products_of_vectors_matrices_and_batches() {
    check(
        CASES,
        true,
        &[
            ("matmul", |d, dims| {
                let [m, k, n] = [d.size(1, 3), d.size(1, 3), d.size(1, 3)];
                let batch = &dims[..dims.len().min(2)];
                let narrow = d.narrower(batch);
                let vectors = d.size(0, 3);
                let left = if vectors & 1 == 1 { vec![k] } else { [batch, &[m, k]].concat() };
                let right = if vectors & 2 == 2 { vec![k] } else { [&narrow[..], &[k, n]].concat() };
                case(vec![d.any(&left), d.any(&right)], |t| t[0].matmul(&t[1]))
            }),
            ("bmm", |d, _| {
                let [b, m, k, n] = [0; 4].map(|_| d.size(1, 3));
                case(vec![d.any(&[b, m, k]), d.any(&[b, k, n])], |t| t[0].bmm(&t[1]))
            }),
            ("dot", |d, _| {
                let n = d.size(0, 4);
                case(vec![d.any(&[n]), d.any(&[n])], |t| t[0].dot(&t[1]))
            }),
            ("outer", |d, _| {
                let [n, m] = [0; 2].map(|_| d.size(1, 4));
                case(vec![d.any(&[n]), d.any(&[m])], |t| t[0].outer(&t[1]))
            }),
            ("linear", |d, dims| {
                let [inputs, outputs] = [0; 2].map(|_| d.size(1, 3));
                let x = [&dims[..dims.len().min(2)], &[inputs]].concat();
                let mut operands = vec![d.any(&x), d.any(&[outputs, inputs])];
                if d.flag() {
                    operands.push(d.any(&[outputs]));
                }
                case(operands, |t| t[0].linear(&t[1], t.get(2)))
            }),
        ],
    );
}

#[test]
fn views_and_other_changes_of_shape() {
    check(
        CASES,
        true,
        &[
            ("reshape of a transpose", |d, dims| {
                let n = dims.len() as isize;
                let order: Vec<isize> = (0..n).rev().collect();
                let flat = dims.iter().product::<usize>() as isize;
                case(vec![d.any(dims)], move |t| t[0].permute(&order)?.reshape(&[flat]))
            }),
            ("view", |d, dims| {
                let flat = dims.iter().product::<usize>() as isize;
                case(vec![d.any(dims)], move |t| t[0].view(&[1, flat, 1]))
            }),
            ("flatten", |d, dims| {
                let end = d.size(0, dims.len().saturating_sub(1)) as isize;
                case(vec![d.any(dims)], move |t| t[0].flatten(0, end))
            }),
            ("expand", |d, dims| {
                let narrow = d.narrower(dims);
                let dims = dims.to_vec();
                case(vec![d.any(&narrow)], move |t| t[0].expand(&dims))
            }),
            ("permute", |d, dims| {
                let order: Vec<isize> = (0..dims.len() as isize).rev().collect();
                case(vec![d.any(dims)], move |t| t[0].permute(&order))
            }),
            ("transpose", |d, dims| {
                let (a, b) = (d.dim(dims.len()), d.dim(dims.len()));
                case(vec![d.any(dims)], move |t| t[0].transpose(a, b))
            }),
            ("t", |d, _| {
                let dims = [d.size(1, 3), d.size(1, 3)];
                case(vec![d.any(&dims)], |t| t[0].t())
            }),
            ("unsqueeze and squeeze", |d, dims| {
                let dim = d.dim(dims.len() + 1);
                case(vec![d.any(dims)], move |t| {
                    t[0].unsqueeze(dim)?.squeeze(dim)?.unsqueeze(0)?.squeeze_dims(&[0])
                })
            }),
            ("squeeze_all", |d, dims| case(vec![d.any(dims)], |t| t[0].squeeze_all())),
            ("slice", |d, dims| {
                let dims = [&[4], dims].concat();
                let (start, end, step) = (d.size(0, 2), d.size(2, 4), d.size(1, 2));
                case(vec![d.any(&dims)], move |t| t[0].slice(0, start, end, step))
            }),
            ("slice as in Python", |d, dims| {
                let dims = [dims, &[4]].concat();
                let bound = |d: &mut Draw| if d.flag() { Some(d.int(-5, 5) as isize) } else { None };
                let (start, end) = (bound(d), bound(d));
                case(vec![d.any(&dims)], move |t| t[0].slice_python(-1, start, end, 2))
            }),
            ("select", |d, dims| {
                let dims = [dims, &[3]].concat();
                let at = d.int(-3, 2) as isize;
                case(vec![d.any(&dims)], move |t| t[0].select(-1, at))
            }),
            ("contiguous", |d, _| {
                let dims = [d.size(1, 3), d.size(1, 3)];
                case(vec![d.any(&dims)], |t| t[0].t()?.contiguous())
            }),
            ("cat", |d, dims| {
                let dims = [&[2], dims].concat();
                let other = [&[d.size(0, 2)], &dims[1..]].concat();
                case(vec![d.any(&dims), d.any(&other)], |t| Tensor::cat(t, 0))
            }),
            ("stack", |d, dims| {
                let dim = d.dim(dims.len() + 1);
                case(vec![d.any(dims), d.any(dims)], move |t| Tensor::stack(t, dim))
            }),
            ("repeat", |d, dims| {
                let repeats: Vec<usize> = [0].iter().chain(dims).map(|_| d.size(0, 2)).collect();
                case(vec![d.any(dims)], move |t| t[0].repeat(&repeats))
            }),
            ("flip", |d, dims| {
                let over = d.dims(dims.len());
                case(vec![d.any(dims)], move |t| t[0].flip(&over))
            }),
            ("tril and triu", |d, dims| {
                let dims = [&dims[..dims.len().min(1)], &[3, 3]].concat();
                let (diagonal, lower) = (d.int(-3, 3) as isize, d.flag());
                case(
                    vec![d.any(&dims)],
                    move |t| if lower { t[0].tril(diagonal) } else { t[0].triu(diagonal) },
                )
            }),
            ("pad", |d, _| {
                let dims = [d.size(1, 2), d.size(1, 2), 3, 3];
                let mode = d.pick(&[
                    PadMode::Constant(0.5),
                    PadMode::Reflect,
                    PadMode::Replicate,
                    PadMode::Circular,
                ]);
                let around: Vec<isize> = (0..4).map(|_| d.int(-1, 2) as isize).collect();
                case(vec![d.any(&dims)], move |t| t[0].pad_with(&around, mode))
            }),
            ("unfold", |d, _| {
                let dims = [d.size(1, 2), d.size(1, 2), 4, 3];
                let window = Window {
                    kernel: (d.size(1, 2), d.size(1, 2)),
                    stride: (d.size(1, 2), d.size(1, 2)),
                    padding: (d.size(0, 1), d.size(0, 1)),
                    dilation: (d.size(1, 2), d.size(1, 2)),
                };
                case(vec![d.any(&dims)], move |t| t[0].unfold(window))
            }),
        ],
    );
}

#[test]
fn elements_at_indices_and_masks() {
    check(
        CASES,
        true,
        &[
            ("gather", |d, dims| {
                let dims = [&[3], dims].concat();
                let index = [&[d.size(1, 4)], &dims[1..]].concat();
                let index = d.index(&index, 3);
                case(vec![d.any(&dims)], move |t| t[0].gather(0, &index))
            }),
            ("index_select", |d, dims| {
                let dims = [dims, &[3]].concat();
                let n = d.size(0, 4);
                let index = d.index(&[n], 3);
                case(vec![d.any(&dims)], move |t| t[0].index_select(-1, &index))
            }),
            ("index", |d, dims| {
                let index = d.index(&[2, 2], 3);
                let dims = [&[3], &dims[..dims.len().min(2)]].concat();
                case(vec![d.any(&dims)], move |t| t[0].index(&index))
            }),
            ("index by a mask", |d, dims| {
                let mask = d.mask(dims);
                case(vec![d.any(dims)], move |t| t[0].index(&mask))
            }),
            ("masked_fill", |d, dims| {
                let mask = d.mask(dims);
                case(vec![d.any(dims)], move |t| t[0].masked_fill(&mask, 0.3))
            }),
            ("masked_fill by a tensor", |d, dims| {
                let mask = d.mask(dims);
                case(vec![d.any(dims), d.any(&[])], move |t| t[0].masked_fill(&mask, &t[1]))
            }),
            ("embedding", |d, dims| {
                let index = d.index(&dims[..dims.len().min(2)], 4);
                case(vec![d.any(&[4, 2])], move |t| F::embedding(&index, &t[0], None))
            }),
        ],
    );
}

#[test]
fn writes_in_place() {
    check(
        CASES,
        true,
        &[
            ("mul_", |d, dims| {
                case(vec![d.any(dims)], |t| {
                    let x = t[0].mul(&t[0])?;
                    x.mul_(0.7)?;
                    x.sin()
                })
            }),
            ("add_", |d, dims| {
                case(pair_of_equals(d, dims), |t| {
                    let x = t[0].mul(&t[0])?;
                    x.add_(&t[1], -0.6)?;
                    x.sin()
                })
            }),
            ("fill_ and copy_ through a view", |d, dims| {
                let dims = [&[3], dims].concat();
                let row = dims[1..].to_vec();
                case(vec![d.any(&dims), d.any(&row)], |t| {
                    let x = t[0].mul(&t[0])?;
                    x.select(0, 0)?.fill_(0.5)?;
                    x.select(0, 1)?.copy_(&t[1])?;
                    x.square()
                })
            }),
            ("sub_, mul_, div_ and pow_ by tensors", |d, dims| {
                case(vec![d.any(dims), d.positive(dims), d.positive(dims)], |t| {
                    let x = t[0].square()?.add(2.0)?;
                    x.sub_(&t[1], 0.2)?;
                    x.mul_(&t[2])?;
                    x.div_(&t[1])?;
                    x.pow_(&t[2])?;
                    x.sqrt()
                })
            }),
            ("masked_fill_ and zero_", |d, dims| {
                let mask = d.mask(&[&[2], dims].concat());
                case(vec![d.any(&[&[2], dims].concat())], move |t| {
                    let x = t[0].sin()?;
                    x.masked_fill_(&mask, 0.5)?;
                    x.select(0, 1)?.zero_()?;
                    x.square()
                })
            }),
            ("index_put_", |d, dims| {
                let index = d.index(&[2], 3);
                let (all, some) = ([&[3], dims].concat(), [&[2], dims].concat());
                case(vec![d.any(&all), d.any(&some)], move |t| {
                    let x = t[0].sin()?;
                    x.index_put_(&index, &t[1])?;
                    x.square()
                })
            }),
            ("lerp_", |d, dims| {
                case(pair_of_equals(d, dims), |t| {
                    let x = t[0].mul(&t[0])?;
                    x.lerp_(&t[1], 0.3)?;
                    x.sin()
                })
            }),
            ("addcmul_ and addcdiv_", |d, dims| {
                case(vec![d.any(dims), d.any(dims), d.positive(dims)], |t| {
                    let x = t[0].mul(&t[0])?;
                    x.addcmul_(&t[1], &t[2], 0.4)?;
                    x.addcdiv_(&t[1], &t[2], -0.8)?;
                    x.sin()
                })
            }),
        ],
    );
}

fn pair_of_equals(d: &mut Draw, dims: &[usize]) -> Vec<Tensor> {
    vec![d.any(dims), d.any(dims)]
}

fn convolution(d: &mut Draw) -> Case {
    let groups = d.size(1, 2);
    let kernel = (d.size(1, 2), d.size(1, 3));
    let mut o = Conv2dOptions::new(kernel).groups(groups);
    if d.flag() {
        o = o.same();
    } else {
        o = o.stride((d.size(1, 2), d.size(1, 2))).padding((d.size(0, 1), d.size(0, 2)));
    }
    o = o.dilation((1, d.size(1, 2)));
    let (inputs, outputs) = (groups * d.size(1, 2), groups * d.size(1, 2));
    let batch = d.size(1, 2);
    let mut operands =
        vec![d.any(&[batch, inputs, 3, 5]), d.any(&[outputs, inputs / groups, kernel.0, kernel.1])];
    if d.flag() {
        operands.push(d.any(&[outputs]));
    }
    case(operands, move |t| F::conv2d(&t[0], &t[1], t.get(2), &o))
}

fn pool(d: &mut Draw) -> PoolOptions {
    let kernel = (d.size(1, 3), d.size(2, 3));
    let mut o = PoolOptions::new(kernel).stride((d.size(1, 2), d.size(1, 3))).ceil_mode(d.flag());
    o.padding = (d.size(0, kernel.0 / 2), d.size(0, kernel.1 / 2));
    o
}

#[test]
fn convolutions_and_poolings() {
    check(CASES, true, &[("conv2d", |d, _| convolution(d))]);
    check(
        CASES,
        false,
        &[
            ("max_pool2d", |d, _| {
                let o = pool(d);
                case(vec![d.any(&[2, 2, 4, 5])], move |t| F::max_pool2d(&t[0], &o))
            }),
            ("avg_pool2d", |d, _| {
                let mut o = pool(d);
                o.count_include_pad = d.flag();
                o.divisor_override = d.pick(&[None, None, Some(3)]);
                case(vec![d.any(&[2, 2, 4, 5])], move |t| F::avg_pool2d(&t[0], &o))
            }),
        ],
    );
}

#[test]
fn normalisation_and_dropout() {
    check(
        CASES,
        true,
        &[
            ("layer_norm", |d, dims| {
                let tail = [d.size(2, 3), 2];
                let dims = [&dims[..dims.len().min(1)], &tail].concat();
                let mut operands = vec![d.any(&dims)];
                if d.flag() {
                    operands.extend([d.any(&tail), d.any(&tail)]);
                }
                case(operands, move |t| F::layer_norm(&t[0], &tail, t.get(1), t.get(2), 1e-2))
            }),
            ("batch_norm", |d, dims| {
                let channels = d.size(1, 3);
                let dims = [&[3, channels], &dims[..dims.len().min(1)]].concat();
                let training = d.flag();
                let operands = vec![d.any(&dims), d.any(&[channels]), d.any(&[channels])];
                let (mean, var) = (d.any(&[channels]), d.positive(&[channels]));
                case(operands, move |t| {
                    // Training moves the averages: they must be the same every time.
                    let (mean, var) = (mean.mul(1.0)?, var.mul(1.0)?);
                    let running = Some((&mean, &var));
                    F::batch_norm(&t[0], running, Some(&t[1]), Some(&t[2]), training, 0.1, 1e-2)
                })
            }),
            ("dropout", |d, dims| {
                let seed = d.size(0, 1000) as u64;
                case(vec![d.any(dims)], move |t| {
                    F::dropout(&t[0], 0.4, true, &Rc::new(RefCell::new(Generator::new(seed))))
                })
            }),
        ],
    );
}

fn reduction(d: &mut Draw) -> Reduction {
    d.pick(&[Reduction::Mean, Reduction::Sum, Reduction::None])
}

/// Targets that are nowhere as far from the predictions as a kink: they differ by less than 0.3 or more
/// than 0.5.
fn distances(d: &mut Draw, dims: &[usize]) -> Vec<Tensor> {
    let y = d.any(dims);
    let near = d.any(dims).mul(0.15).unwrap();
    let far = y.sign().unwrap().mul(-2.0).unwrap();
    let x = y.add(&far.where_(&d.mask(dims), &near).unwrap()).unwrap();
    vec![x, y]
}

#[test]
fn losses_of_numbers() {
    check(
        CASES,
        true,
        &[
            ("mse_loss", |d, dims| {
                let r = reduction(d);
                case(vec![d.any(dims), d.any(dims)], move |t| F::mse_loss(&t[0], &t[1], r))
            }),
            ("binary_cross_entropy", |d, dims| {
                let r = reduction(d);
                let weight = d.flag().then(|| d.positive(dims));
                case(vec![d.unit(dims), d.unit(dims)], move |t| {
                    F::binary_cross_entropy(&t[0], &t[1], weight.as_ref(), r)
                })
            }),
            ("binary_cross_entropy_with_logits", |d, dims| {
                let r = reduction(d);
                let (weight, positive) =
                    (d.flag().then(|| d.positive(dims)), d.flag().then(|| d.positive(dims)));
                case(vec![d.any(dims), d.unit(dims)], move |t| {
                    F::binary_cross_entropy_with_logits(&t[0], &t[1], weight.as_ref(), positive.as_ref(), r)
                })
            }),
            ("kl_div", |d, dims| {
                let (r, log) = (reduction(d), d.flag());
                case(vec![d.any(dims), d.unit(dims)], move |t| F::kl_div(&t[0], &t[1], log, r))
            }),
        ],
    );
    check(
        CASES,
        false,
        &[
            ("l1_loss", |d, dims| {
                let r = reduction(d);
                case(vec![d.any(dims), d.any(dims)], move |t| F::l1_loss(&t[0], &t[1], r))
            }),
            ("smooth_l1_loss", |d, dims| {
                let (r, beta) = (reduction(d), d.pick(&[0.4, 0.0]));
                case(distances(d, dims), move |t| F::smooth_l1_loss(&t[0], &t[1], beta, r))
            }),
            ("huber_loss", |d, dims| {
                let r = reduction(d);
                case(distances(d, dims), move |t| F::huber_loss(&t[0], &t[1], 0.4, r))
            }),
        ],
    );
}

#[test]
fn losses_of_classes() {
    check(
        CASES,
        true,
        &[
            ("cross_entropy", |d, dims| {
                let tail = &dims[..dims.len().min(1)];
                let target = d.index(&[&[3], tail].concat(), 4);
                let loss = CrossEntropyLoss {
                    weight: d.flag().then(|| d.positive(&[4])),
                    ignore_index: d.pick(&[-100, 2]),
                    label_smoothing: d.pick(&[0.0, 0.2]),
                    reduction: d.pick(&[Reduction::Sum, Reduction::None]),
                };
                case(vec![d.any(&[&[3, 4], tail].concat())], move |t| loss.forward(&t[0], &target))
            }),
            ("mean cross_entropy", |d, _| {
                let target = d.index(&[3], 4);
                let weight = d.flag().then(|| d.positive(&[4]));
                let loss = CrossEntropyLoss { weight, label_smoothing: 0.1, ..Default::default() };
                case(vec![d.any(&[3, 4])], move |t| loss.forward(&t[0], &target))
            }),
            ("cross_entropy with probabilities", |d, dims| {
                let dims = [&[2, 3], &dims[..dims.len().min(1)]].concat();
                let weight = d.flag().then(|| d.positive(&[3]));
                let (label_smoothing, reduction) = (d.pick(&[0.0, 0.2]), reduction(d));
                let loss = CrossEntropyLoss { weight, label_smoothing, reduction, ..Default::default() };
                case(vec![d.any(&dims), d.unit(&dims)], move |t| loss.forward(&t[0], &t[1]))
            }),
            ("nll_loss", |d, _| {
                let target = d.index(&[3], 4);
                let weight = d.flag().then(|| d.positive(&[4]));
                let loss = NLLLoss { weight, reduction: reduction(d), ..Default::default() };
                case(vec![d.any(&[3, 4])], move |t| loss.forward(&t[0], &target))
            }),
        ],
    );
}

/// The harness finds a wrong derivative. (Native only: a panic ends a browser's module.)
#[test]
#[cfg(not(target_arch = "wasm32"))]
fn a_wrong_derivative_is_found() {
    const WRONG: &[harness::Check] =
        &[("detached", |d, _| case(vec![d.any(&[3])], |t| t[0].mul(&t[0].detach())))];
    assert!(std::panic::catch_unwind(|| check(2, false, WRONG)).is_err());
}
