//! `autograd::grad` and `autograd::backward`, and hooks that do what they should not have to.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::autograd::{BackwardOptions, GradOptions, backward, grad};
use gradus::dtype::DType;
use gradus::error::{Error, Result};
use gradus::tensor::{RemovableHandle, Tensor, enable_grad, is_grad_enabled, no_grad};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

fn leaf(values: &[f64]) -> Tensor {
    Tensor::from_vec(values.to_vec(), &[values.len()]).unwrap().requires_grad_(true).unwrap()
}

fn gradient(x: &Tensor) -> Vec<f64> {
    x.grad().expect("backward has been here").to_f64_vec()
}

fn message<T>(result: Result<T>) -> String {
    result.err().expect("an error").to_string()
}

#[test]
fn the_gradients_of_several_outputs_are_summed() {
    let x = leaf(&[1.0, 2.0]);
    // Σ x² · 3 and x · [10, 20]: 6x + [10, 20]
    let (a, b) = (x.square().unwrap().sum().unwrap(), x.mul(10.0).unwrap());
    let weights = Tensor::from_vec(vec![1.0, 2.0], &[2]).unwrap();
    let three = Tensor::scalar(3.0);
    let both = [Some(&three), Some(&weights)];
    let options = GradOptions { grad_outputs: &both, retain_graph: true, ..GradOptions::default() };
    let found = grad(&[&a, &b], &[&x], &options).unwrap();
    assert_eq!(found[0].as_ref().unwrap().to_f64_vec(), [16.0, 32.0]);
    assert!(x.grad().is_none());
    let options = BackwardOptions { grad_tensors: &both, ..BackwardOptions::default() };
    backward(&[&a, &b], &options).unwrap();
    assert_eq!(gradient(&x), [16.0, 32.0]);
}

#[test]
fn one_output_may_be_an_operand_of_another() {
    let x = leaf(&[3.0]);
    let y = x.square().unwrap();
    let z = y.mul(&y).unwrap();
    backward(&[&y, &z, &x], &BackwardOptions::default()).unwrap();
    // 2x + 4x³ + 1
    assert_eq!(gradient(&x), [6.0 + 108.0 + 1.0]);
}

#[test]
fn only_the_named_inputs_get_gradients() {
    let (x, w) = (leaf(&[2.0]), leaf(&[5.0]));
    let y = x.mul(&w).unwrap();
    let z = y.square().unwrap();
    let options = BackwardOptions { inputs: Some(&[&y, &x]), ..BackwardOptions::default() };
    backward(&[&z], &options).unwrap();
    assert_eq!((gradient(&y), gradient(&x)), (vec![20.0], vec![100.0]));
    assert!(w.grad().is_none());
    let options = BackwardOptions { inputs: Some(&[]), ..BackwardOptions::default() };
    assert_eq!(message(backward(&[&z], &options)), "`inputs` argument to `backward()` cannot be empty.");
}

#[test]
fn inputs_that_are_not_used_are_none_or_zeros_when_asked() {
    let (x, w) = (leaf(&[2.0]), leaf(&[5.0, 6.0]));
    let y = x.square().unwrap();
    let ask =
        |options: GradOptions<'_>| grad(&[&y], &[&x, &w], &GradOptions { retain_graph: true, ..options });
    let allowed = ask(GradOptions { allow_unused: true, ..GradOptions::default() }).unwrap();
    assert!(allowed[0].is_some() && allowed[1].is_none());
    let zeros = ask(GradOptions { materialize_grads: true, ..GradOptions::default() }).unwrap();
    assert_eq!(zeros[1].as_ref().unwrap().to_f64_vec(), [0.0, 0.0]);
    assert_eq!(
        message(ask(GradOptions::default())),
        "The differentiated Tensor at index 1 appears to not have been used in the graph. Set allow_unused=True \
         if this is the desired behavior."
    );
}

#[test]
fn what_cannot_be_differentiated_is_an_error() {
    let x = leaf(&[1.0, 2.0]);
    let y = x.mul(2.0).unwrap();
    let plain = Tensor::ones(&[1]);
    let with = |grads: &[Option<&Tensor>]| {
        message(grad(&[&y], &[&x], &GradOptions { grad_outputs: grads, ..GradOptions::default() }))
    };
    assert_eq!(with(&[]), "grad can be implicitly created only for scalar outputs");
    assert_eq!(with(&[None, None]), "got 1 tensors and 2 gradients");
    assert_eq!(
        with(&[Some(&plain)]),
        "Mismatch in shape: grad_output[0] has a shape of torch.Size([1]) and output[0] has a shape of \
         torch.Size([2])."
    );
    let total = y.sum().unwrap();
    let plainly = GradOptions::default();
    assert_eq!(
        message(grad(&[&total, &plain], &[&x], &plainly)),
        "element 1 of tensors does not require grad and does not have a grad_fn"
    );
    assert_eq!(
        message(grad(&[&total], &[&plain], &plainly)),
        "One of the differentiated Tensors does not require grad"
    );
    assert_eq!(message(grad(&[&total], &[], &plainly)), "`inputs` argument to `grad()` cannot be empty.");
}

#[test]
fn gradients_with_graphs_do_not_share_storage() {
    let (a, b) = (leaf(&[1.0]), leaf(&[1.0]));
    a.add(&b).unwrap().backward_with(None, false, true).unwrap();
    // Added in place: a's must not change with b's.
    b.mul(1.0).unwrap().backward().unwrap();
    assert_eq!((gradient(&a), gradient(&b)), (vec![1.0], vec![2.0]));
}

#[test]
fn a_hook_may_give_only_what_has_the_size_and_type_of_the_gradient() {
    let x = leaf(&[1.0, 2.0]);
    let other = |g: Tensor| {
        let y = x.mul(2.0).unwrap();
        y.register_hook(move |_| Ok(Some(g.clone()))).unwrap();
        message(y.sum().unwrap().backward())
    };
    assert_eq!(other(Tensor::full(&[3], 1.0, DType::F64)), "hook has changed the size of value");
    assert_eq!(
        other(Tensor::ones(&[2])),
        "hook has changed the type of value (was torch.DoubleTensor got torch.FloatTensor)"
    );
}

#[test]
fn the_error_of_a_hook_ends_backward_and_nothing_else() {
    let x = leaf(&[1.0]);
    let y = x.square().unwrap();
    let fails = Rc::new(Cell::new(true));
    let when = fails.clone();
    y.register_hook(move |_| if when.get() { Err(Error::Value("not now".into())) } else { Ok(None) })
        .unwrap();
    assert_eq!(message(y.backward()), "not now");
    assert!(x.grad().is_none() && is_grad_enabled());
    fails.set(false);
    y.backward().unwrap();
    assert_eq!(gradient(&x), [2.0]);
}

#[test]
fn a_hook_may_walk_the_graph_that_is_being_walked() {
    let x = leaf(&[3.0]);
    let y = x.square().unwrap();
    let z = y.mul(5.0).unwrap();
    let again = y.clone();
    let entered = Cell::new(false);
    y.register_hook(move |_| {
        if !entered.replace(true) {
            again.backward_with(None, true, false)?;
        }
        Ok(None)
    })
    .unwrap();
    z.backward_with(None, true, false).unwrap();
    // 2x from within, 5 · 2x from without
    assert_eq!(gradient(&x), [36.0]);
}

#[test]
fn a_hook_may_read_set_and_forget_gradients() {
    let (x, w) = (leaf(&[3.0]), leaf(&[4.0]));
    w.set_grad(Some(leaf(&[7.0]).detach()));
    let (own, other) = (x.clone(), w.clone());
    let within = Cell::new(false);
    x.register_hook(move |g| {
        assert!(!is_grad_enabled());
        if !within.replace(true) {
            own.set_grad(Some(g.mul(100.0)?));
            other.set_grad(None);
            // Calls this hook again.
            enable_grad(|| own.square()?.backward())?;
        }
        Ok(None)
    })
    .unwrap();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = seen.clone();
    x.register_post_accumulate_grad_hook(move |x| {
        log.borrow_mut().push(gradient(x));
        Ok(())
    })
    .unwrap();
    x.mul(&w).unwrap().backward().unwrap();
    // 100 · 4 set, 2x from within, then 4; w gets its own after it was forgotten.
    assert_eq!(*seen.borrow(), [[406.0], [410.0]]);
    assert_eq!(gradient(&w), [3.0]);
}

#[test]
fn a_hook_may_register_and_remove_hooks_also_itself() {
    let x = leaf(&[1.0]);
    let calls = Rc::new(Cell::new(0));
    let handle: Rc<RefCell<Option<RemovableHandle>>> = Rc::default();
    let (own, count, leaf) = (handle.clone(), calls.clone(), x.clone());
    let registered = x
        .register_hook(move |_| {
            count.set(count.get() + 1);
            if let Some(handle) = own.borrow_mut().take() {
                handle.remove();
            }
            let count = count.clone();
            leaf.register_hook(move |_| {
                count.set(count.get() + 10);
                Ok(None)
            })?;
            Ok(None)
        })
        .unwrap();
    *handle.borrow_mut() = Some(registered);
    for expected in [1, 11, 21] {
        x.mul(2.0).unwrap().backward().unwrap();
        assert_eq!(calls.get(), expected);
    }
}

#[test]
fn what_a_hook_owned_may_look_at_gradients_when_it_is_dropped() {
    struct Looks(Tensor, Rc<Cell<bool>>);
    impl Drop for Looks {
        fn drop(&mut self) {
            self.1.set(self.0.grad().is_none());
        }
    }
    let x = leaf(&[1.0]);
    let looked = Rc::new(Cell::new(false));
    let looks = Looks(x.clone(), looked.clone());
    let y = x.mul(2.0).unwrap();
    y.register_hook(move |_| {
        let _ = &looks;
        Ok(None)
    })
    .unwrap();
    // The gradient owns the graph with the hook, and goes.
    x.set_grad(Some(y));
    x.set_grad(None);
    assert!(looked.get());
}

#[test]
fn recording_can_be_turned_on_within_no_grad() {
    let x = leaf(&[2.0]);
    let y = no_grad(|| enable_grad(|| x.square())).unwrap();
    assert!(y.requires_grad() && is_grad_enabled());
}

#[test]
fn a_result_in_place_cannot_have_another_type_or_shape() {
    let whole = Tensor::arange(3);
    let cast = "result type Float can't be cast to the desired output type Long";
    assert_eq!(message(whole.add_(1.5, 1.0)), cast);
    assert_eq!(message(whole.exp_()), cast);
    assert_eq!(message(whole.div_(2)), cast);
    whole.add_(&Tensor::arange(3), 2.0).unwrap();
    whole.mul_(2).unwrap();
    assert_eq!(whole.to_vec::<i64>().unwrap(), [0, 6, 12]);
    let x = Tensor::zeros(&[3]);
    let broadcast = "output with shape [3] doesn't match the broadcast shape [2, 3]";
    assert_eq!(message(x.add_(&Tensor::ones(&[2, 3]), 1.0)), broadcast);
    assert_eq!(message(x.copy_(&Tensor::ones(&[2, 3]))), broadcast);
    assert_eq!(message(x.mul_(&Tensor::ones(&[2, 3]))), broadcast);
    let sizes = "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 0";
    assert_eq!(message(x.add_(&Tensor::ones(&[2]), 1.0)), sizes);
    x.add_(&Tensor::full(&[3], 1.0, DType::F64), 1.0).unwrap();
    assert_eq!(x.to_vec::<f32>().unwrap(), [1.0; 3]);
    let expanded = Tensor::zeros(&[1]).expand(&[3]).unwrap();
    assert!(message(expanded.add_(1.0, 1.0)).starts_with("unsupported operation: more than one element"));
    expanded.fill_(1.0).unwrap();
}
