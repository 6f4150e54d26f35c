//! The derivative of every operation: given the gradient g of the result y, the gradient of each
//! operand. Written in tensor operations, so they run wherever tensors do and can be differentiated
//! again.

use crate::error::Result;
use crate::list::List;
use crate::op::{Binary, DimList, Op, Reduce, Unary, View};
use crate::shape::Dims;
use crate::tensor::{Function, Geometry, Node, Tensor, dispatch};
use smallvec::{SmallVec, smallvec};
use std::f64::consts::PI;
use std::rc::Rc;

type Grads = SmallVec<[Option<Tensor>; 3]>;

/// The gradients of a node's operands; None where none is needed.
pub(super) fn vjp(node: &Rc<Node>, g: &Tensor) -> Result<Grads> {
    match node.function() {
        Function::Op(op) => operation(op, node, g),
        Function::Copy => Ok(smallvec![node.edge(0).map(|_| g.zeros_like()), Some(g.clone())]),
        Function::AsStrided(geometry) => Ok(smallvec![Some(unsee(geometry, g)?)]),
        Function::CopySlices(geometry) => {
            let base = |_| outside(geometry, g);
            let part = |_| see(geometry, g);
            Ok(smallvec![node.edge(0).map(base).transpose()?, node.edge(1).map(part).transpose()?])
        }
        #[cfg(feature = "webgpu")]
        Function::To(device) => Ok(smallvec![Some(g.to_device(*device)?)]),
    }
}

/// g of a base, at the places that the view sees.
fn see(geometry: &Geometry, g: &Tensor) -> Result<Tensor> {
    g.reshape(&[-1])?.gather(0, &places(geometry)?)?.reshape(&signed(geometry.view_dims()))
}

/// g of a view, added at its places to zeros of the base's sizes.
fn unsee(geometry: &Geometry, g: &Tensor) -> Result<Tensor> {
    let dims = geometry.base_dims();
    let add = Op::ScatterAdd { dim: 0, size: dims.iter().product() };
    dispatch(add, &[&g.reshape(&[-1])?, &places(geometry)?])?.reshape(&signed(dims))
}

/// g of a base, 0 at the places that the view sees.
fn outside(geometry: &Geometry, g: &Tensor) -> Result<Tensor> {
    let mut seen = vec![false; g.numel()];
    geometry.places().into_iter().for_each(|place| seen[place as usize] = true);
    g.masked_fill(&Tensor::from_vec(seen, g.dims())?, 0.0)
}

fn places(geometry: &Geometry) -> Result<Tensor> {
    let places = geometry.places();
    let n = places.len();
    Tensor::from_vec(places, &[n])
}

fn operation(op: &Op, node: &Rc<Node>, g: &Tensor) -> Result<Grads> {
    let needs = |i: usize| node.edge(i).is_some();
    let one = |grad: Result<Tensor>| -> Result<Grads> { Ok(smallvec![Some(grad?)]) };
    match op {
        Op::Unary(f) => one(unary(*f, node, g)),
        Op::Scalar(f, number) => one(scalar(*f, *number, node, g)),
        Op::Binary(f) => binary(*f, node, g),
        // y = a where c, else b
        Op::Where => {
            let c = node.input(0)?;
            let zeros = Tensor::full(&[], 0.0, g.dtype());
            let part = |i: usize, grad: Result<Tensor>| -> Result<Option<Tensor>> {
                if needs(i) { sum_to(&grad?, node.input_dims(i)).map(Some) } else { Ok(None) }
            };
            Ok(smallvec![None, part(1, g.where_(&c, &zeros))?, part(2, zeros.where_(&c, g))?])
        }
        Op::Cast(_) => one(g.to(node.input_dtype(0))),
        Op::Contiguous => one(Ok(g.clone())),
        Op::View(view) => one(unview(view, node, g)),
        // y = a b: dA = g bᵀ, dB = aᵀ g
        Op::Matmul => {
            let a = || node.input(0)?.transpose(-2, -1)?.matmul(g);
            let b = || g.matmul(&node.input(1)?.transpose(-2, -1)?);
            Ok(smallvec![needs(0).then(b).transpose()?, needs(1).then(a).transpose()?])
        }
        // y = x Wᵀ + b: dx = g W, dW = gᵀ x, db = Σ g, over rows
        Op::Linear => {
            let rows = |t: &Tensor| -> Result<Tensor> {
                if t.ndim() == 2 {
                    Ok(t.clone())
                } else {
                    let (last, lead) = t.dims().split_last().unwrap_or((&1, &[]));
                    t.reshape(&[lead.iter().product::<usize>() as isize, *last as isize])
                }
            };
            let g2 = rows(g)?;
            let dx = || {
                let dx = g2.matmul(&node.input(1)?)?;
                if g.ndim() == 2 { Ok(dx) } else { dx.reshape(&signed(node.input_dims(0))) }
            };
            let dw = || dispatch(Op::LinearWeight, &[&g2, &rows(&node.input(0)?)?]);
            let db = || dispatch(Op::Reduce(Reduce::Sum, DimList::from([0].as_slice()), false), &[&g2]);
            Ok(smallvec![
                needs(0).then(dx).transpose()?,
                needs(1).then(dw).transpose()?,
                needs(2).then(db).transpose()?,
            ])
        }
        // y = aᵀ b: da = b gᵀ, db = a g
        Op::LinearWeight => {
            let da = || node.input(1)?.linear(g, None);
            let db = || node.input(0)?.matmul(g);
            Ok(smallvec![needs(0).then(da).transpose()?, needs(1).then(db).transpose()?])
        }
        Op::Reduce(f, over, keepdim) => one(reduce(*f, over, *keepdim, node, g)),
        // y_i (g_i − Σ g y)
        Op::Softmax(dim) => {
            let y = node.result()?;
            let dot = g.mul(&y)?.sum_dim(&[*dim as isize], true)?;
            one(g.sub(&dot)?.mul(&y))
        }
        // g_i − eʸⁱ Σ g
        Op::LogSoftmax(dim) => {
            let total = g.sum_dim(&[*dim as isize], true)?;
            one(g.sub(&node.result()?.exp()?.mul(&total)?))
        }
        Op::Gather(dim) => {
            let size = node.input_dims(0)[*dim];
            let add = dispatch(Op::ScatterAdd { dim: *dim, size }, &[g, &node.input(1)?])?;
            // Where the index covers less than the operand, the rest has no gradient.
            one(if add.dims() == node.input_dims(0) { Ok(add) } else { pad_to(&add, node.input_dims(0)) })
        }
        Op::MseLoss => {
            let (p, y) = (node.input(0)?, node.input(1)?);
            let dp = || dispatch(Op::MseLossGrad, &[g, &p, &y]);
            let dy = || dispatch(Op::MseLossGrad, &[g, &y, &p]);
            Ok(smallvec![needs(0).then(dp).transpose()?, needs(1).then(dy).transpose()?])
        }
        // y = s (p − y) h with s = 2 / n: dh = Σ s (p − y) g, dp = s h g, dy = −dp
        Op::MseLossGrad => {
            let s = 2.0 / g.numel() as f64;
            let dh = || g.mul(&node.input(1)?.sub(&node.input(2)?)?.mul(s)?)?.sum();
            let dp = || g.mul(s)?.mul(&node.input(0)?);
            let dy = || g.mul(-s)?.mul(&node.input(0)?);
            Ok(smallvec![
                needs(0).then(dh).transpose()?,
                needs(1).then(dp).transpose()?,
                needs(2).then(dy).transpose()?,
            ])
        }
        Op::Nll(nll) => {
            let classes = node.input_dims(0)[1];
            Ok(smallvec![Some(dispatch(Op::NllGrad(*nll, classes), &[g, &node.input(1)?])?), None])
        }
        // Linear in g: the derivative is the adjoint's adjoint.
        Op::NllGrad(nll, _) => Ok(smallvec![Some(dispatch(Op::Nll(*nll), &[g, &node.input(1)?])?), None]),
        Op::ScatterAdd { dim, .. } => one(g.gather(*dim as isize, &node.input(1)?)),
        Op::Cumsum { dim, reverse } => one(dispatch(Op::Cumsum { dim: *dim, reverse: !reverse }, &[g])),
        // Each operand's part of g
        Op::Cat(dim) => {
            let mut start = 0;
            (0..node.arity())
                .map(|i| {
                    let end = start + node.input_dims(i)[*dim];
                    let part = g.slice(*dim as isize, start, end, 1);
                    start = end;
                    if needs(i) { part.map(Some) } else { Ok(None) }
                })
                .collect()
        }
        // All three are linear in both operands, and each is the others' adjoint.
        Op::Conv2d(c) => {
            let plane = (node.input_dims(0)[2], node.input_dims(0)[3]);
            let dx = || dispatch(Op::Conv2dInput(*c, plane), &[g, &node.input(1)?]);
            let dw = || dispatch(Op::Conv2dWeight(*c), &[g, &node.input(0)?]);
            let db = || g.sum_dim(&[0, 2, 3], false);
            Ok(smallvec![
                needs(0).then(dx).transpose()?,
                needs(1).then(dw).transpose()?,
                needs(2).then(db).transpose()?,
            ])
        }
        Op::Conv2dInput(c, _) => {
            let dg = || dispatch(Op::Conv2d(*c), &[g, &node.input(1)?]);
            let dw = || dispatch(Op::Conv2dWeight(*c), &[&node.input(0)?, g]);
            Ok(smallvec![needs(0).then(dg).transpose()?, needs(1).then(dw).transpose()?])
        }
        Op::Conv2dWeight(c) => {
            let plane = (node.input_dims(1)[2], node.input_dims(1)[3]);
            let dg = || dispatch(Op::Conv2d(*c), &[&node.input(1)?, g]);
            let dx = || dispatch(Op::Conv2dInput(*c, plane), &[&node.input(0)?, g]);
            Ok(smallvec![needs(0).then(dg).transpose()?, needs(1).then(dx).transpose()?])
        }
        Op::MaxPool2d(pool) => one(dispatch(Op::MaxPool2dGrad(*pool), &[&node.input(0)?, g])),
        // Linear in its second operand: what its places have of g. (Moving x a little moves no maximum.)
        Op::MaxPool2dGrad(pool) => {
            let dg = || {
                let index = dispatch(Op::MaxPool2dIndex(*pool), &[&node.input(0)?])?;
                let &[n, c, h, w] = node.input_dims(0) else { unreachable!("Op::infer has checked it") };
                let planes = g.reshape(&signed(&[n, c, h * w]))?;
                let flat = [n, c, pool.outputs.0 * pool.outputs.1];
                planes.gather(2, &index.reshape(&signed(&flat))?)?.reshape(&signed(node.input_dims(1)))
            };
            Ok(smallvec![None, needs(1).then(dg).transpose()?])
        }
        Op::AvgPool2d(pool, by) => {
            let plane = (node.input_dims(0)[2], node.input_dims(0)[3]);
            one(dispatch(Op::AvgPool2dGrad(*pool, *by, plane), &[g]))
        }
        Op::AvgPool2dGrad(pool, by, _) => one(dispatch(Op::AvgPool2d(*pool, *by), &[g])),
        Op::Unfold(window) => {
            let dims = node.input_dims(0);
            one(dispatch(Op::Fold(*window, (dims[2], dims[3])), &[g]))
        }
        Op::Fold(window, _) => one(g.unfold(*window)),
        Op::Compare(_) | Op::Argmax(_) | Op::MaxPool2dIndex(_) => Ok(smallvec![None; node.arity()]),
    }
}

fn unary(f: Unary, node: &Rc<Node>, g: &Tensor) -> Result<Tensor> {
    let x = || node.input(0);
    let y = || node.result();
    match f {
        Unary::Neg => g.neg(),
        Unary::Abs => g.mul(&x()?.sign()?),
        Unary::Sign | Unary::Floor | Unary::Round => Ok(g.zeros_like()),
        Unary::Square => g.mul(&x()?.mul(2.0)?),
        Unary::Sqrt => g.div(&y()?.mul(2.0)?),
        Unary::Rsqrt => g.mul(&y()?.mul(&y()?.square()?)?.mul(-0.5)?),
        Unary::Reciprocal => g.mul(&y()?.square()?.neg()?),
        Unary::Exp => g.mul(&y()?),
        Unary::Expm1 => g.mul(&y()?.add(1.0)?),
        Unary::Log => g.div(&x()?),
        Unary::Log1p => g.div(&x()?.add(1.0)?),
        Unary::Sin => g.mul(&x()?.cos()?),
        Unary::Cos => g.mul(&x()?.sin()?.neg()?),
        Unary::Tanh => dispatch(Op::Binary(Binary::TanhGrad), &[g, &y()?]),
        // 2 / √π · e^(−x²)
        Unary::Erf => g.mul(&x()?.square()?.neg()?.exp()?.mul(2.0 / PI.sqrt())?),
        Unary::Sigmoid => dispatch(Op::Binary(Binary::SigmoidGrad), &[g, &y()?]),
        Unary::LogSigmoid => g.mul(&x()?.neg()?.sigmoid()?),
        Unary::Relu => dispatch(Op::Binary(Binary::ReluGrad), &[g, &y()?]),
        Unary::LeakyRelu(slope) => g.where_(&x()?.gt(0.0)?, &g.mul(slope)?),
        // α eˣ = y + α below zero
        Unary::Elu(alpha) => g.mul(&y()?.add(alpha)?)?.where_(&x()?.le(0.0)?, g),
        Unary::Softplus(threshold) => {
            let x = x()?;
            g.where_(&x.gt(threshold)?, &g.mul(&x.sigmoid()?)?)
        }
    }
}

fn scalar(f: Binary, number: f64, node: &Rc<Node>, g: &Tensor) -> Result<Tensor> {
    match f {
        Binary::Add | Binary::Sub => Ok(g.clone()),
        Binary::Mul => g.mul(number),
        Binary::Div => g.div(number),
        Binary::FloorDiv | Binary::TruncDiv => Ok(g.zeros_like()),
        Binary::Pow if number == 0.0 => Ok(g.zeros_like()),
        Binary::Pow => g.mul(&node.input(0)?.pow(number - 1.0)?.mul(number)?),
        Binary::CrossEntropy | Binary::ReluGrad | Binary::TanhGrad | Binary::SigmoidGrad => {
            unreachable!("these are for two tensors only")
        }
        // PyTorch gives a tie with a number half the gradient.
        Binary::Maximum | Binary::Minimum => {
            let x = node.input(0)?;
            let wins = if f == Binary::Maximum { x.gt(number)? } else { x.lt(number)? };
            let half = zero_unless(&g.mul(0.5)?, &x.eq(number)?)?;
            g.where_(&wins, &half)
        }
    }
}

fn binary(f: Binary, node: &Rc<Node>, g: &Tensor) -> Result<Grads> {
    let operand = |i: usize| node.input(i);
    let grads: [&dyn Fn() -> Result<Tensor>; 2] = match f {
        Binary::Add => [&|| Ok(g.clone()), &|| Ok(g.clone())],
        Binary::Sub => [&|| Ok(g.clone()), &|| g.neg()],
        Binary::Mul => [&|| g.mul(&operand(1)?), &|| g.mul(&operand(0)?)],
        // d(a/b)/db = −a / b²
        Binary::Div => {
            [&|| g.div(&operand(1)?), &|| g.neg()?.mul(&operand(0)?.div(&operand(1)?)?.div(&operand(1)?)?)]
        }
        Binary::FloorDiv | Binary::TruncDiv => [&|| Ok(g.zeros_like()), &|| Ok(g.zeros_like())],
        // d(aᵇ)/da = b aᵇ⁻¹, and 0 at b = 0; d(aᵇ)/db = aᵇ ln a, and 0 at a = 0 unless b < 0
        Binary::Pow => [
            &|| {
                let (a, b) = (operand(0)?, operand(1)?);
                let slope = b.mul(&a.pow(&b.sub(1.0)?)?)?;
                g.mul(&zero_unless(&slope, &b.ne(0.0)?)?)
            },
            &|| {
                let (a, b) = (operand(0)?, operand(1)?);
                let slope = node.result()?.mul(&a.log()?)?;
                let none = a.eq(0.0)?.mul(&b.ge(0.0)?)?;
                g.mul(&Tensor::full(&[], 0.0, g.dtype()).where_(&none, &slope)?)
            },
        ],
        // These are linear in g, the first operand.
        Binary::ReluGrad => [&|| dispatch(Op::Binary(f), &[g, &operand(1)?]), &|| Ok(g.zeros_like())],
        // d(a (1 − y²))/dy = −2 a y
        Binary::TanhGrad => [&|| dispatch(Op::Binary(f), &[g, &operand(1)?]), &|| {
            g.mul(&operand(0)?)?.mul(&operand(1)?.mul(-2.0)?)
        }],
        // d(a (1 − y) y)/dy = a (1 − 2 y)
        Binary::SigmoidGrad => [&|| dispatch(Op::Binary(f), &[g, &operand(1)?]), &|| {
            g.mul(&operand(0)?)?.mul(&operand(1)?.mul(2.0)?.rsub(1.0)?)
        }],
        // (p − y) / (p (1 − p)), the denominator kept above 1e-12 as in PyTorch; ln(1 − p) − ln p
        Binary::CrossEntropy => [
            &|| {
                let (p, y) = (operand(0)?, operand(1)?);
                g.mul(&p.sub(&y)?.div(&p.mul(&p.rsub(1.0)?)?.maximum(1e-12)?)?)
            },
            &|| {
                let p = operand(0)?;
                let (hit, miss) = (p.log()?.maximum(-100.0)?, p.neg()?.log1p()?.maximum(-100.0)?);
                g.mul(&miss.sub(&hit)?)
            },
        ],
        Binary::Maximum => [&|| winner(node, g, 0, 1), &|| winner(node, g, 1, 0)],
        Binary::Minimum => [&|| winner(node, g, 1, 0), &|| winner(node, g, 0, 1)],
    };
    let grad = |i: usize| -> Result<Option<Tensor>> {
        node.edge(i).map(|_| sum_to(&grads[i]()?, node.input_dims(i))).transpose()
    };
    Ok(smallvec![grad(0)?, grad(1)?])
}

/// g unless operand `a` is smaller than `b`, half of it where they tie: both get all of it where one is NaN.
fn winner(node: &Rc<Node>, g: &Tensor, a: usize, b: usize) -> Result<Tensor> {
    let (a, b) = (node.input(a)?, node.input(b)?);
    let shared = g.mul(0.5)?.where_(&a.eq(&b)?, g)?;
    Tensor::full(&[], 0.0, g.dtype()).where_(&a.lt(&b)?, &shared)
}

fn reduce(f: Reduce, over: &[usize], keepdim: bool, node: &Rc<Node>, g: &Tensor) -> Result<Tensor> {
    let dims = node.input_dims(0);
    // The reduced dimensions back, with size 1, so that g broadcasts.
    let kept: Dims = dims.iter().enumerate().map(|(d, &n)| if over.contains(&d) { 1 } else { n }).collect();
    let restore = |t: &Tensor| if keepdim { Ok(t.clone()) } else { t.reshape(&signed(&kept)) };
    let g = restore(g)?.expand(dims)?;
    match f {
        Reduce::Sum => Ok(g),
        // The product of the others: Π / x, which a zero would spoil. With one zero in a group only it
        // has a gradient, with two none has.
        Reduce::Prod => {
            let x = node.input(0)?;
            let over: Vec<isize> = over.iter().map(|&d| d as isize).collect();
            let zero = x.eq(0.0)?;
            let others = Tensor::full(&[], 1.0, x.dtype()).where_(&zero, &x)?;
            let product = others.prod_dim(&over, true)?;
            let zeros = zero.to(x.dtype())?.sum_dim(&over, true)?.expand(dims)?;
            let alone = zero_unless(&product.expand(dims)?, &zeros.eq(1.0)?)?;
            let slope = alone.where_(&zero, &zero_unless(&product.div(&others)?, &zeros.eq(0.0)?)?)?;
            g.mul(&slope)
        }
        // Equal extremes share the gradient.
        Reduce::Amax | Reduce::Amin | Reduce::Max | Reduce::Min => {
            let (x, y) = (node.input(0)?, restore(&node.result()?)?);
            let mut ties = x.eq(&y)?;
            if matches!(f, Reduce::Max | Reduce::Min) {
                ties = ties.maximum(&x.ne(&x)?.mul(&y.ne(&y)?)?)?;
            }
            let ties = ties.to(g.dtype())?;
            let over: Vec<isize> = over.iter().map(|&d| d as isize).collect();
            g.mul(&ties)?.div(&ties.sum_dim(&over, true)?)
        }
    }
}

/// The gradient of a view's operand.
fn unview(view: &View, node: &Node, g: &Tensor) -> Result<Tensor> {
    let dims = node.input_dims(0);
    match view {
        View::Reshape(_) => g.reshape(&signed(dims)),
        View::Expand(_) => sum_to(g, dims),
        View::Permute(order) => {
            let mut inverse = vec![0; order.len()];
            for (new, &old) in order.iter().enumerate() {
                inverse[old] = new as isize;
            }
            g.permute(&inverse)
        }
        // The operand lies densely: see `Tensor::as_strided`. g is added at the places it was taken from.
        View::Strided { dims: of, strides, shift } => {
            let numel: usize = dims.iter().product();
            let mut places = vec![*shift as i64];
            for (&size, &stride) in of.iter().zip(strides.iter()) {
                let along = |place: i64| (0..size as i64).map(move |i| place + i * stride as i64);
                places = places.into_iter().flat_map(along).collect();
            }
            let n = places.len();
            let index = Tensor::from_vec(places, &[n])?;
            dispatch(Op::ScatterAdd { dim: 0, size: numel }, &[&g.reshape(&[n as isize])?, &index])?
                .reshape(&signed(dims))
        }
        // Zeros elsewhere: g is added at the places it was taken from.
        View::Slice { dim, start, end, step } => {
            let places: Vec<i64> = (*start..*end).step_by(*step).map(|i| i as i64).collect();
            let mut shape = vec![1isize; dims.len()];
            shape[*dim] = places.len() as isize;
            let n = places.len();
            let index = Tensor::from_vec(places, &[n])?.reshape(&shape)?.expand(g.dims())?;
            dispatch(Op::ScatterAdd { dim: *dim, size: dims[*dim] }, &[g, &index])
        }
    }
}

/// Sums away what broadcasting has stretched.
fn sum_to(g: &Tensor, dims: &[usize]) -> Result<Tensor> {
    if g.dims() == dims {
        return Ok(g.clone());
    }
    let lead = g.ndim() - dims.len();
    let over: Vec<isize> = (0..g.ndim())
        .filter(|&d| d < lead || (dims[d - lead] == 1 && g.dims()[d] != 1))
        .map(|d| d as isize)
        .collect();
    g.sum_dim(&over, true)?.reshape(&signed(dims))
}

/// g in the first places of zeros of the given sizes.
fn pad_to(g: &Tensor, dims: &[usize]) -> Result<Tensor> {
    let mut out = g.clone();
    for (d, &size) in dims.iter().enumerate() {
        let n = out.dims()[d];
        if n < size {
            let mut shape = vec![1isize; dims.len()];
            shape[d] = n as isize;
            let index = Tensor::arange(n as i64).reshape(&shape)?.expand(out.dims())?;
            out = dispatch(Op::ScatterAdd { dim: d, size }, &[&out, &index])?;
        }
    }
    Ok(out)
}

/// g where the condition holds, else 0 (not g · 0, which would keep a NaN).
fn zero_unless(g: &Tensor, condition: &Tensor) -> Result<Tensor> {
    g.where_(condition, &Tensor::full(&[], 0.0, g.dtype()))
}

fn signed(dims: &[usize]) -> List<isize> {
    dims.iter().map(|&n| n as isize).collect()
}
