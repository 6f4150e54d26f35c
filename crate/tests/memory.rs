//! Memory returns to where it was: every byte that a training step takes is given back, whatever it used.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::autograd::{GradOptions, grad};
use gradus::error::Result;
use gradus::nn::{Linear, Loss as _, MSELoss, Module as _, ModuleExt as _};
use gradus::optim::{Adam, AdamOptions, Optimizer, SGD, SgdOptions};
use gradus::rng::Generator;
use gradus::tensor::{Tensor, no_grad};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Bytes that this thread has taken and not given back.
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

fn count(bytes: isize) {
    // A thread that ends gives back what it has after its counter.
    let _ = LIVE.try_with(|live| live.set(live.get() + bytes));
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: the system's allocator does everything; this only counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Runs `step` until memory has settled and then many times more.
fn gives_everything_back(mut step: impl FnMut() -> Result<()>) {
    for _ in 0..5 {
        step().unwrap();
    }
    let before = LIVE.get();
    for i in 0..200 {
        step().unwrap();
        assert_eq!(LIVE.get(), before, "bytes after step {i}");
    }
}

struct Example {
    layers: [Linear; 2],
    inputs: Tensor,
    targets: Tensor,
}

impl Example {
    fn new() -> Example {
        let mut generator = Generator::new(0);
        let layers = [(3, 5), (5, 2)].map(|(i, o)| Linear::new(i, o, true, &mut generator));
        let (inputs, targets) =
            (Tensor::rand(&[4, 3], &mut generator), Tensor::rand(&[4, 2], &mut generator));
        Example { layers, inputs, targets }
    }

    fn hidden(&self) -> Result<Tensor> {
        self.layers[0].forward(&self.inputs)?.tanh()
    }

    fn loss(&self, hidden: &Tensor) -> Result<Tensor> {
        MSELoss::default().forward(&self.layers[1].forward(hidden)?, &self.targets)
    }

    fn parameters(&self) -> Vec<Tensor> {
        self.layers.iter().flat_map(|layer| layer.parameters()).collect()
    }
}

#[test]
fn a_training_step_with_momentum() {
    let example = Example::new();
    let options = SgdOptions { lr: 0.01, momentum: 0.9, ..SgdOptions::default() };
    let mut optimizer = SGD::new(example.parameters(), options).unwrap();
    gives_everything_back(|| {
        optimizer.zero_grad();
        example.loss(&example.hidden()?)?.backward()?;
        optimizer.step()
    });
}

#[test]
fn gradients_that_add_up_and_adam() {
    let example = Example::new();
    let mut optimizer = Adam::new(example.parameters(), AdamOptions::default()).unwrap();
    gives_everything_back(|| {
        example.loss(&example.hidden()?)?.backward()?;
        optimizer.step()
    });
}

#[test]
fn a_graph_that_is_not_walked() {
    let example = Example::new();
    gives_everything_back(|| example.loss(&example.hidden()?).map(drop));
}

#[test]
fn hooks_and_retained_gradients() {
    let example = Example::new();
    let parameters = example.parameters();
    gives_everything_back(|| {
        let hidden = example.hidden()?;
        hidden.retain_grad()?;
        // The hook owns the tensor before, and so a part of the graph.
        let before = hidden.clone();
        let doubled = hidden.mul(2.0)?;
        doubled.register_hook(move |g| g.mul(&before.detach()).map(Some))?;
        let leaf = parameters[0].register_hook(|g| g.mul(0.5).map(Some))?;
        let after = parameters[1].register_post_accumulate_grad_hook(|p| {
            p.set_grad(None);
            Ok(())
        })?;
        example.loss(&doubled)?.backward()?;
        assert!(hidden.grad().is_some() && parameters[1].grad().is_none());
        leaf.remove();
        after.remove();
        Ok(())
    });
}

#[test]
fn gradients_of_gradients() {
    let example = Example::new();
    let parameters = example.parameters();
    gives_everything_back(|| {
        // The gradients own graphs that own the parameters, until they are taken away.
        example.loss(&example.hidden()?)?.backward_with(None, false, true)?;
        let mut penalty = Tensor::zeros(&[]);
        for p in &parameters {
            penalty = penalty.add(&p.grad().expect("backward has been here").square()?.sum()?)?;
        }
        penalty.backward_with(None, false, true)?;
        parameters.iter().for_each(|p| p.set_grad(None));
        let loss = example.loss(&example.hidden()?)?;
        let all: Vec<&Tensor> = parameters.iter().collect();
        let options = GradOptions { create_graph: true, ..GradOptions::default() };
        grad(&[&loss], &all, &options).map(drop)
    });
}

#[test]
fn writes_in_place_through_views() {
    let example = Example::new();
    gives_everything_back(|| {
        let rows = Tensor::zeros(&[4, 5]);
        let hidden = example.hidden()?;
        for i in 0..4 {
            rows.select(0, i)?.copy_(&hidden.select(0, i)?)?;
        }
        let part = rows.slice(1, 0, 2, 1)?;
        part.mul_(&hidden.slice(1, 2, 4, 1)?)?;
        rows.tanh_()?;
        part.retain_grad()?;
        example.loss(&rows)?.backward()
    });
}

#[test]
fn views_of_views_keep_only_the_base() {
    let mut x = Tensor::zeros(&[2, 3]);
    gives_everything_back(|| {
        x = x.t()?.unsqueeze(0)?.squeeze(0)?;
        Ok(())
    });
}

#[test]
fn a_walk_that_ends_in_an_error() {
    let example = Example::new();
    gives_everything_back(|| {
        let hidden = example.hidden()?;
        let loss = example.loss(&hidden)?;
        no_grad(|| hidden.fill_(0.0))?;
        assert!(loss.backward().is_err());
        hidden.register_hook(|_| Err(gradus::error::Error::Value("enough".into())))?;
        hidden.sum()?.backward().unwrap_err();
        Ok(())
    });
}
