//! Random operands and arguments, and the comparison of derivatives with differences.

use gradus::autograd::{GradOptions, grad};
use gradus::error::Result;
use gradus::rng::Generator;
use gradus::tensor::{Tensor, no_grad};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

/// What one case is drawn from. Numbers come from a pool without repetition, so that none tie and none is
/// near a kink: functions here have theirs at multiples of 0.01 and at what other operands hold.
pub struct Draw {
    generator: Generator,
    pool: Vec<usize>,
}

const POOL: usize = 320;

impl Draw {
    fn new(seed: u64) -> Draw {
        let mut generator = Generator::new(seed);
        let pool = generator.randperm(POOL);
        Draw { generator, pool }
    }

    /// A whole number from `low` to `high`, both included.
    pub fn int(&mut self, low: i64, high: i64) -> i64 {
        self.generator.randint(low, high + 1)
    }

    pub fn size(&mut self, low: usize, high: usize) -> usize {
        self.int(low as i64, high as i64) as usize
    }

    pub fn flag(&mut self) -> bool {
        self.int(0, 1) == 1
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.size(0, from.len() - 1)]
    }

    /// A dimension, counted from either end.
    pub fn dim(&mut self, ndim: usize) -> isize {
        let n = ndim.max(1) as i64;
        self.int(-n, n - 1) as isize
    }

    /// Some dimensions; none means all.
    pub fn dims(&mut self, ndim: usize) -> Vec<isize> {
        (0..ndim as isize).filter(|_| self.flag()).collect()
    }

    /// Dimensions that broadcast to the given ones.
    pub fn narrower(&mut self, dims: &[usize]) -> Vec<usize> {
        let skip = self.size(0, dims.len());
        dims[skip..].iter().map(|&n| if self.int(0, 3) == 0 { 1 } else { n }).collect()
    }

    fn values(&mut self, dims: &[usize], f: impl Fn(f64) -> f64) -> Tensor {
        let n = dims.iter().product::<usize>();
        let values = (0..n).map(|_| f(self.pool.pop().expect("operands are small") as f64)).collect();
        Tensor::from_vec::<f64>(values, dims).unwrap()
    }

    /// −1.595 to 1.595
    pub fn any(&mut self, dims: &[usize]) -> Tensor {
        self.values(dims, |k| 0.01 * (k - 160.0) + 0.005)
    }

    /// 0.3 to 1.9
    pub fn positive(&mut self, dims: &[usize]) -> Tensor {
        self.values(dims, |k| 0.3 + 0.005 * k + 0.0025)
    }

    /// Probabilities that are not near 0 or 1
    pub fn unit(&mut self, dims: &[usize]) -> Tensor {
        self.values(dims, |k| 0.1 + 0.8 * (k + 0.5) / POOL as f64)
    }

    /// Indices below `size`
    pub fn index(&mut self, dims: &[usize], size: usize) -> Tensor {
        let n = dims.iter().product::<usize>();
        let values = (0..n).map(|_| self.int(0, size as i64 - 1)).collect();
        Tensor::from_vec::<i64>(values, dims).unwrap()
    }

    pub fn mask(&mut self, dims: &[usize]) -> Tensor {
        let n = dims.iter().product::<usize>();
        let values = (0..n).map(|_| self.flag()).collect();
        Tensor::from_vec::<bool>(values, dims).unwrap()
    }
}

type Function = Box<dyn Fn(&[Tensor]) -> Result<Tensor>>;

/// A function of some operands with its other arguments drawn.
pub struct Case {
    operands: Vec<Tensor>,
    function: Function,
}

/// `case(operands, |t| …)`
pub fn case(operands: Vec<Tensor>, function: impl Fn(&[Tensor]) -> Result<Tensor> + 'static) -> Case {
    Case { operands, function: Box::new(function) }
}

/// An operator: its name, and a case of it for operands of about these sizes.
pub type Check = (&'static str, fn(&mut Draw, &[usize]) -> Case);

/// Up to three dimensions, seldom without elements.
fn shapes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![24 => 1usize..=3, 1 => Just(0usize)], 0..=3)
}

/// Compares derivatives with differences for random cases of each operator; second derivatives, too, where
/// `smooth`.
pub fn check(cases: u32, smooth: bool, checks: &[Check]) {
    for (name, make) in checks {
        let config = ProptestConfig {
            rng_seed: RngSeed::Fixed(7),
            failure_persistence: None,
            ..ProptestConfig::with_cases(cases)
        };
        let result = TestRunner::new(config).run(&(shapes(), any::<u64>()), |(dims, seed)| {
            let mut draw = Draw::new(seed);
            let case = make(&mut draw, &dims);
            first(&case, &mut draw).map_err(TestCaseError::fail)?;
            if smooth {
                second(&case, &mut draw).map_err(TestCaseError::fail)?;
            }
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

fn leaves(operands: &[Tensor]) -> Vec<Tensor> {
    operands.iter().map(|t| t.detach().requires_grad_(true).unwrap()).collect()
}

/// Weights of a sum: −1 to 1.
fn weights(dims: &[usize], draw: &mut Draw) -> Tensor {
    let n = dims.iter().product::<usize>();
    let values = (0..n).map(|_| 2.0 * draw.generator.rand_f64() - 1.0).collect();
    Tensor::from_vec::<f64>(values, dims).unwrap()
}

/// The slopes of `f` in every element of every operand: (f(x + h) − f(x − h)) / 2 h.
fn slopes(operands: &[Tensor], f: impl Fn(&[Tensor]) -> Result<f64>) -> Result<Vec<Vec<f64>>> {
    const H: f64 = 1e-5;
    let mut all = Vec::new();
    for (i, operand) in operands.iter().enumerate() {
        let values = operand.to_f64_vec();
        let at = |j: usize, h: f64| -> Result<f64> {
            let mut moved = values.clone();
            moved[j] += h;
            let mut operands = operands.to_vec();
            operands[i] = Tensor::from_vec(moved, operand.dims())?;
            f(&operands)
        };
        let slope = |j: usize| Ok((at(j, H)? - at(j, -H)?) / (2.0 * H));
        all.push((0..values.len()).map(slope).collect::<Result<Vec<f64>>>()?);
    }
    Ok(all)
}

fn compare(what: &str, got: &[Tensor], want: &[Vec<f64>], tolerance: f64) -> Result<(), String> {
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        for (j, (a, b)) in got.to_f64_vec().iter().zip(want).enumerate() {
            // Not written the other way round: NaN is not close.
            let close = (a - b).abs() <= tolerance * (1.0 + b.abs());
            if !close {
                return Err(format!("{what} in element {j} of operand {i}: {a}, and by differences {b}"));
            }
        }
    }
    Ok(())
}

fn text<T>(result: Result<T>) -> Result<T, String> {
    result.map_err(|e| e.to_string())
}

/// The gradient of a weighted sum of the result.
fn first(case: &Case, draw: &mut Draw) -> Result<(), String> {
    let leaves = leaves(&case.operands);
    let empty = leaves.iter().any(|t| t.numel() == 0);
    let result = match (case.function)(&leaves) {
        // Some operators want elements.
        Err(_) if empty => return Ok(()),
        result => text(result)?,
    };
    let weights = weights(result.dims(), draw);
    text(result.backward_with(Some(&weights), false, false))?;
    let got: Vec<Tensor> =
        leaves.iter().map(|leaf| leaf.grad().unwrap_or_else(|| leaf.zeros_like())).collect();
    for (leaf, grad) in leaves.iter().zip(&got) {
        if (leaf.dims(), leaf.dtype()) != (grad.dims(), grad.dtype()) {
            return Err(format!("the gradient of {:?} has shape {:?}", leaf.dims(), grad.dims()));
        }
    }
    let sum = |operands: &[Tensor]| no_grad(|| (case.function)(operands)?.mul(&weights)?.sum()?.item());
    compare("the gradient", &got, &text(slopes(&case.operands, sum))?, 1e-7)
}

/// The gradient of a weighted sum of that gradient's elements.
fn second(case: &Case, draw: &mut Draw) -> Result<(), String> {
    let sizes = match no_grad(|| (case.function)(&case.operands)) {
        Err(_) => return Ok(()), // seen by `first`
        Ok(result) => result.dims().to_vec(),
    };
    let outer = weights(&sizes, draw);
    let inner: Vec<Tensor> = case.operands.iter().map(|t| weights(t.dims(), draw)).collect();
    let sum = |leaves: &[Tensor], create_graph: bool| -> Result<Tensor> {
        let result = (case.function)(leaves)?;
        let inputs: Vec<&Tensor> = leaves.iter().collect();
        let options = GradOptions {
            grad_outputs: &[Some(&outer)],
            create_graph,
            materialize_grads: true,
            ..Default::default()
        };
        let gradients = grad(&[&result], &inputs, &options)?;
        let mut total = Tensor::scalar(0f64);
        for (gradient, weight) in gradients.iter().flatten().zip(&inner) {
            total = total.add(&gradient.mul(weight)?.sum()?)?;
        }
        Ok(total)
    };
    let leaves_ = leaves(&case.operands);
    let total = text(sum(&leaves_, true))?;
    let inputs: Vec<&Tensor> = leaves_.iter().collect();
    let got: Vec<Tensor> = if total.requires_grad() {
        let options = GradOptions { materialize_grads: true, ..Default::default() };
        text(grad(&[&total], &inputs, &options))?.into_iter().flatten().collect()
    } else {
        leaves_.iter().map(Tensor::zeros_like).collect() // linear
    };
    let value = |operands: &[Tensor]| sum(&leaves(operands), false)?.item();
    compare("the second derivative", &got, &text(slopes(&case.operands, value))?, 1e-6)
}
