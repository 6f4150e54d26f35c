//! Large graphs: built, walked and dropped without recursion. Natively on a small stack, in the browser on
//! WebAssembly's own.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::autograd::{GradOptions, grad};
use gradus::error::Result;
use gradus::tensor::Tensor;

const MANY: usize = 100_000;

fn leaf(value: f64) -> Tensor {
    Tensor::from_vec(vec![value], &[1]).unwrap().requires_grad_(true).unwrap()
}

fn gradient(x: &Tensor) -> f64 {
    x.grad().expect("backward has been here").item().unwrap()
}

/// Runs a test where recursion over a large graph would overflow the stack.
fn on_a_small_stack(test: fn() -> Result<()>) {
    #[cfg(target_arch = "wasm32")]
    test().unwrap();
    #[cfg(not(target_arch = "wasm32"))]
    {
        let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(move || test().unwrap());
        thread.unwrap().join().unwrap();
    }
}

#[test]
fn a_chain_of_a_hundred_thousand_nodes_is_walked_and_dropped() {
    on_a_small_stack(|| {
        let x = leaf(1.0);
        let mut y = x.clone();
        for _ in 0..MANY {
            y = y.add(1.0)?;
        }
        y.backward()?;
        assert_eq!(gradient(&x), 1.0);
        Ok(())
    });
}

#[test]
fn a_chain_is_dropped_before_it_is_walked() {
    on_a_small_stack(|| {
        let mut y = leaf(1.0);
        for _ in 0..MANY {
            y = y.sin()?;
        }
        Ok(())
    });
}

#[test]
fn the_gradient_of_a_chain_has_a_graph_that_is_walked_and_dropped() {
    on_a_small_stack(|| {
        // y = (…((x · x / x) · x / x)…) = x: y' = 1, y'' = 0
        let x = leaf(3.0);
        let mut y = x.clone();
        for _ in 0..MANY / 4 {
            y = y.mul(&x)?.div(&x)?;
        }
        y.backward_with(None, false, true)?;
        let slope = x.grad().expect("backward has been here");
        assert!((slope.item()? - 1.0).abs() < 1e-9);
        x.set_grad(None);
        slope.backward()?;
        assert!(gradient(&x).abs() < 1e-4, "{}", gradient(&x));
        Ok(())
    });
}

#[test]
fn gradients_that_own_graphs_are_dropped_with_their_leaves() {
    on_a_small_stack(|| {
        // Each leaf's gradient has a graph that owns the leaf before.
        let mut x = leaf(1.0);
        for _ in 0..MANY {
            let next = leaf(1.0);
            next.set_grad(Some(x.mul(2.0)?));
            x = next;
        }
        Ok(())
    });
}

#[test]
fn hooks_that_own_graphs_are_dropped_with_their_nodes() {
    on_a_small_stack(|| {
        let mut y = leaf(1.0);
        for _ in 0..MANY {
            let (before, next) = (y.clone(), y.detach().requires_grad_(true)?.add(1.0)?);
            next.register_hook(move |g| g.mul(&before.detach()).map(Some))?;
            y = next;
        }
        Ok(())
    });
}

#[test]
fn a_wide_graph_is_walked_and_dropped() {
    on_a_small_stack(|| {
        // All branches are made before the first is used; the gradient waits in all of them.
        let x = leaf(1.0);
        let branches = (0..MANY).map(|i| x.mul(i as f64)).collect::<Result<Vec<_>>>()?;
        let mut sum = x.mul(0.0)?;
        for branch in &branches {
            sum = sum.add(branch)?;
        }
        drop(branches);
        sum.backward()?;
        // 0 + 1 + … + 99,999
        assert_eq!(gradient(&x), 4_999_950_000.0);
        Ok(())
    });
}

#[test]
fn a_graph_of_many_leaves_with_hooks_is_walked_and_dropped() {
    on_a_small_stack(|| {
        let leaves: Vec<Tensor> = (0..MANY / 2).map(|_| leaf(1.0)).collect();
        let mut sum = Tensor::from_vec(vec![0.0], &[1])?;
        for leaf in &leaves {
            leaf.register_hook(|g| g.mul(2.0).map(Some))?;
            sum = sum.add(leaf)?;
        }
        sum.backward()?;
        assert!(leaves.iter().all(|leaf| gradient(leaf) == 2.0));
        Ok(())
    });
}

#[test]
fn a_graph_with_more_paths_than_can_be_counted_is_walked_node_by_node() {
    on_a_small_stack(|| {
        // Each level is the mean of the two before, both used twice: 2^50,000 paths. Every level has the
        // slope 1, since both before have.
        let x = leaf(1.0);
        let (mut a, mut b) = (x.mul(1.0)?, x.mul(1.0)?);
        for _ in 0..MANY / 2 {
            (a, b) = (b.clone(), a.add(&b)?.mul(0.5)?);
        }
        let slope = grad(&[&b], &[&x], &GradOptions::default())?.remove(0).expect("it was used");
        assert!((slope.item()? - 1.0).abs() < 1e-9);
        Ok(())
    });
}

#[test]
fn many_writes_in_place_make_a_long_history() {
    on_a_small_stack(|| {
        let x = leaf(1.0);
        let y = x.mul(1.0)?;
        let view = y.view(&[1, 1])?;
        for i in 0..MANY / 2 {
            if i % 2 == 0 { y.add_(1.0, 1.0)? } else { view.add_(&x, 1.0)? }
        }
        // One slope from y itself and one for each time that x was added
        y.backward()?;
        assert_eq!(gradient(&x), 1.0 + MANY as f64 / 4.0);
        assert_eq!(y.item()?, 1.0 + MANY as f64 / 2.0);
        Ok(())
    });
}
