//! An interpreter of the programs in tests/data/autograd.json: `result = verb arguments`, line by line.

use gradus::autograd::{GradOptions, grad};
use gradus::error::{Error, Result};
use gradus::tensor::{Operand, RemovableHandle, Tensor, enable_grad, with_grad};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

pub type Log = Rc<RefCell<Vec<(String, Vec<f64>)>>>;

/// What a program has made so far.
pub struct Program {
    pub tensors: BTreeMap<String, Tensor>,
    pub log: Log,
    handles: BTreeMap<String, RemovableHandle>,
    grad_enabled: bool,
}

/// An argument: a name, a number, a list of sizes or none.
fn number(text: &str) -> Option<Operand<'static>> {
    match text.parse::<i64>() {
        Ok(n) => Some(Operand::Int(n)),
        Err(_) => text.parse().ok().map(Operand::Float),
    }
}

fn float(text: &str) -> f64 {
    text.parse().unwrap()
}

fn integer(text: &str) -> isize {
    text.parse().unwrap()
}

fn sizes(text: &str) -> Vec<usize> {
    text.split(',').filter(|n| !n.is_empty()).map(|n| n.parse().unwrap()).collect()
}

impl Program {
    pub fn new() -> Program {
        Program {
            tensors: BTreeMap::new(),
            log: Log::default(),
            handles: BTreeMap::new(),
            grad_enabled: true,
        }
    }

    pub fn run(&mut self, lines: &[&str]) -> Result<()> {
        for line in lines {
            with_grad(self.grad_enabled, || self.line(line))?;
            // Views learn of their bases' histories when they are asked, here as in the fixtures.
            self.tensors.values().for_each(|t| drop(t.grad_fn()));
        }
        Ok(())
    }

    fn tensor(&self, name: &str) -> &Tensor {
        self.tensors.get(name).unwrap_or_else(|| panic!("there is no {name}"))
    }

    fn operand(&self, text: &str) -> Operand<'_> {
        number(text).unwrap_or_else(|| Operand::Tensor(self.tensor(text)))
    }

    fn line(&mut self, line: &str) -> Result<()> {
        let (results, call) = line.split_once(" = ").unwrap_or(("", line));
        let results: Vec<&str> = results.split_whitespace().collect();
        let (verb, rest) = call.split_once(' ').unwrap_or((call, ""));
        let arguments: Vec<&str> = rest.split_whitespace().collect();
        match verb {
            "no_grad" | "enable_grad" => self.grad_enabled = verb == "enable_grad",
            "log" | "scale" | "post" | "again" => self.hook(results.first(), verb, &arguments)?,
            "remove" => self.handles[arguments[0]].remove(),
            "grad_of" => {
                let grad = self.tensor(arguments[0]).grad().expect("backward has been here");
                self.tensors.insert(results[0].into(), grad);
            }
            "backward" => {
                let plain = |a: &&&str| !["retain", "create"].contains(*a);
                let names: Vec<&&str> = arguments.iter().filter(plain).collect();
                let gradient = names.get(1).map(|name| self.tensor(name));
                let asked = |option: &str| arguments.contains(&option);
                self.tensor(names[0]).backward_with(gradient, asked("retain"), asked("create"))?;
            }
            "grad" => {
                let plain = |a: &&&str| !["unused", "create"].contains(*a);
                let names: Vec<&Tensor> =
                    arguments.iter().filter(plain).map(|name| self.tensor(name)).collect();
                let options = GradOptions {
                    create_graph: arguments.contains(&"create"),
                    allow_unused: arguments.contains(&"unused"),
                    ..GradOptions::default()
                };
                let grads = grad(&names[..1], &names[1..], &options)?;
                let named = results.iter().zip(grads).filter_map(|(name, g)| Some((name.to_string(), g?)));
                self.tensors.extend(named);
            }
            _ => match self.function(verb, &arguments)? {
                Some(result) => drop(self.tensors.insert(results[0].into(), result)),
                None => self.in_place(verb, &arguments)?,
            },
        }
        Ok(())
    }

    /// The result, where the verb is a function.
    fn function(&self, verb: &str, a: &[&str]) -> Result<Option<Tensor>> {
        if matches!(verb, "leaf" | "plain") {
            let values = a[1..].iter().map(|v| float(v)).collect();
            return Tensor::from_vec(values, &sizes(a[0]))?.requires_grad_(verb == "leaf").map(Some);
        }
        if verb == "index" {
            let places: Vec<i64> = a.iter().map(|v| integer(v) as i64).collect();
            let n = places.len();
            return Tensor::from_vec(places, &[n]).map(Some);
        }
        let Some(x) = a.first().and_then(|name| self.tensors.get(*name)) else { return Ok(None) };
        match verb {
            "add" => x.add(self.operand(a[1])),
            "sub" => x.sub(self.operand(a[1])),
            "mul" => x.mul(self.operand(a[1])),
            "div" => x.div(self.operand(a[1])),
            "pow" => x.pow(self.operand(a[1])),
            "gt" => x.gt(self.operand(a[1])),
            // A copy that takes part in the graph
            "clone" => x.mul(1.0),
            "detach" => Ok(x.detach()),
            "sum" => x.sum(),
            "mean" => x.mean(),
            "matmul" => x.matmul(self.tensor(a[1])),
            "slice" => x.slice_python(
                integer(a[1]),
                Some(integer(a[2])),
                Some(integer(a[3])),
                integer(a[4]) as usize,
            ),
            "select" => x.select(integer(a[1]), integer(a[2])),
            "t" => x.t(),
            "view" => x.view(&sizes(a[1]).iter().map(|&n| n as isize).collect::<Vec<_>>()),
            "expand" => x.expand(&sizes(a[1])),
            "unsqueeze" => x.unsqueeze(integer(a[1])),
            "pick" => x.index(self.tensor(a[1])),
            "exp" => x.exp(),
            "tanh" => x.tanh(),
            "sigmoid" => x.sigmoid(),
            "relu" => x.relu(),
            "sin" => x.sin(),
            "square" => x.square(),
            "neg" => x.neg(),
            _ => return Ok(None),
        }
        .map(Some)
    }

    fn in_place(&self, verb: &str, a: &[&str]) -> Result<()> {
        let x = self.tensor(a[0]);
        let alpha = || a.get(2).map_or(1.0, |alpha| float(alpha));
        let other = |i: usize| self.tensor(a[i]);
        match verb {
            "retain" => x.retain_grad(),
            "requires_grad_" => x.clone().requires_grad_(a[1] == "true").map(drop),
            "forget" => {
                x.set_grad(None);
                Ok(())
            }
            "detach_" => x.detach_(),
            "add_" => x.add_(self.operand(a[1]), alpha()),
            "sub_" => x.sub_(self.operand(a[1]), alpha()),
            "mul_" => x.mul_(self.operand(a[1])),
            "div_" => x.div_(self.operand(a[1])),
            "pow_" => x.pow_(self.operand(a[1])),
            "copy_" => x.copy_(other(1)),
            "fill_" => x.fill_(float(a[1])),
            "zero_" => x.zero_(),
            "clamp_" => x.clamp_(number(a[1]), number(a[2])),
            "lerp_" => x.lerp_(other(1), float(a[2])),
            "addcmul_" => x.addcmul_(other(1), other(2), 1.0),
            "addcdiv_" => x.addcdiv_(other(1), other(2), 1.0),
            "masked_fill_" => x.masked_fill_(other(1), float(a[2])),
            "index_put_" => x.index_put_(other(1), other(2)),
            "neg_" => x.neg_(),
            "abs_" => x.abs_(),
            "sign_" => x.sign_(),
            "square_" => x.square_(),
            "exp_" => x.exp_(),
            "expm1_" => x.expm1_(),
            "log_" => x.log_(),
            "log1p_" => x.log1p_(),
            "sqrt_" => x.sqrt_(),
            "rsqrt_" => x.rsqrt_(),
            "reciprocal_" => x.reciprocal_(),
            "sin_" => x.sin_(),
            "cos_" => x.cos_(),
            "tanh_" => x.tanh_(),
            "sigmoid_" => x.sigmoid_(),
            "relu_" => x.relu_(),
            "floor_" => x.floor_(),
            other => panic!("unknown verb {other}"),
        }
    }

    fn hook(&mut self, result: Option<&&str>, verb: &str, a: &[&str]) -> Result<()> {
        let x = self.tensor(a[0]);
        let (log, name) = (self.log.clone(), a[0].to_string());
        let handle = match verb {
            "log" => x.register_hook(move |g| {
                log.borrow_mut().push((name.clone(), g.to_f64_vec()));
                Ok(None)
            }),
            "scale" => {
                let factor = float(a[1]);
                x.register_hook(move |g| g.mul(factor).map(Some))
            }
            "again" => {
                let other = self.tensor(a[1]).clone();
                x.register_hook(move |_| {
                    enable_grad(|| other.mul(&other)?.sum()?.backward())?;
                    Ok(None)
                })
            }
            _ => x.register_post_accumulate_grad_hook(move |t| {
                let grad = t.grad().ok_or_else(|| Error::Autograd("there is no gradient".into()))?;
                log.borrow_mut().push((name.clone(), grad.to_f64_vec()));
                Ok(())
            }),
        }?;
        if let Some(result) = result {
            self.handles.insert(result.to_string(), handle);
        }
        Ok(())
    }
}
