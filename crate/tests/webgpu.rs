//! Operators and training runs on WebGPU, against PyTorch. Natively through Vulkan, Metal or Direct3D, where there
//! is an adapter; in Chromium with its software adapter.
#![cfg(feature = "webgpu")]

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod conformance;

use gradus::backend::{Device, gpu};
use gradus::dtype::DType;
use gradus::error::Result;
use gradus::experiment::trainer::{Stops, Trainer, values};
use gradus::experiment::{ReadOptions, from_value};
use gradus::nn::Conv2dOptions;
use gradus::nn::functional as F;
use gradus::tensor::Tensor;
use serde_json::{Value, json};
use std::rc::Rc;

/// The device, installed. In a browser it has to be there; natively a machine may have none, which is said.
async fn device() -> Option<Rc<gpu::Gpu>> {
    match gpu::Gpu::request().await {
        Ok(device) => {
            gpu::install(Some(device.clone()));
            Some(device)
        }
        Err(why) if cfg!(target_arch = "wasm32") => panic!("{why}"),
        Err(why) => {
            println!("SKIPPED: {why}");
            None
        }
    }
}

/// Declares tests that need a device: natively they wait for it, in a browser they are asynchronous.
macro_rules! on_a_device {
    ($($name:ident($device:ident) $body:block)+) => {
        $(
            #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
            #[cfg(target_arch = "wasm32")]
            async fn $name() {
                if let Some($device) = device().await $body
            }

            #[test]
            #[cfg(not(target_arch = "wasm32"))]
            fn $name() {
                gpu::block_on(async { if let Some($device) = device().await $body });
                gpu::install(None);
            }
        )+
    };
}

async fn assert_all_agree(file: &str) -> conformance::Outcome {
    let outcome = conformance::run_on(Device::Gpu, file).await.unwrap();
    let failures: Vec<String> = outcome.failed.iter().map(|(name, why)| format!("{name}: {why}")).collect();
    assert_eq!(failures, Vec::<String>::new());
    outcome
}

fn vector(values: &[f32]) -> Tensor {
    Tensor::from_vec(values.to_vec(), &[values.len()]).unwrap()
}

fn on_device(tensor: &Tensor) -> Tensor {
    tensor.to_device(Device::Gpu).unwrap()
}

/// A step that mixes products, convolutions, sums and classes, and its gradients.
async fn some_gradients(rows: usize) -> Result<Vec<f32>> {
    let ramp = |n: usize| -> Vec<f32> { (0..n).map(|i| ((i * 7919) % 1000) as f32 / 500.0 - 1.0).collect() };
    let tensor = |dims: &[usize]| -> Result<Tensor> {
        let values = Tensor::from_vec(ramp(dims.iter().product()), dims)?;
        values.to_device(Device::Gpu)?.requires_grad_(true)
    };
    let (x, weight) = (tensor(&[rows, 70])?, tensor(&[50, 70])?);
    let loss = x.linear(&weight, None)?.relu()?.log_softmax(1)?.square()?.mean()?;
    loss.backward()?;
    let (gx, gw) = (x.grad().unwrap(), weight.grad().unwrap());
    let mut all = gx.to_vec_async::<f32>().await?;
    all.extend(gw.to_vec_async::<f32>().await?);
    all.push(loss.item_async().await? as f32);
    Ok(all)
}

/// A ramp of small numbers.
fn ramp(dims: &[usize]) -> Tensor {
    let values = (0..dims.iter().product()).map(|i: usize| ((i * 37) % 61) as f32 / 32.0 - 1.0).collect();
    Tensor::from_vec(values, dims).unwrap()
}

fn assert_close(what: &str, got: &[f32], want: &[f32], tolerance: f32) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let close = (got - want).abs() <= tolerance * (1.0 + want.abs()) || (got.is_nan() && want.is_nan());
        assert!(close || got == want, "{what}[{i}]: {got}, expected {want}");
    }
}

/// The result and the gradients of a convolution.
async fn convolution(
    device: Device,
    x: &[usize],
    weight: &[usize],
    options: &Conv2dOptions,
) -> Vec<Vec<f32>> {
    let leaf = |dims: &[usize]| ramp(dims).to_device(device).unwrap().requires_grad_(true).unwrap();
    let (x, weight, bias) = (leaf(x), leaf(weight), leaf(&weight[..1]));
    let y = F::conv2d(&x, &weight, Some(&bias), options).unwrap();
    y.square().unwrap().mean().unwrap().backward().unwrap();
    let mut all = vec![y.detach().to_vec_async().await.unwrap()];
    for leaf in [x, weight, bias] {
        all.push(leaf.grad().unwrap().to_vec_async().await.unwrap());
    }
    all
}

/// An experiment of 40 rows of 3 inputs, and what is to be different in it.
fn experiment(change: Value) -> Value {
    let rows: Vec<Vec<f64>> = (0..40)
        .map(|i| {
            let at = |k: i32| f64::from((i * (k + 3) * 7) % 19) / 10.0 - 0.9;
            vec![at(0), at(1), at(2), at(0) - 0.5 * at(1) * at(2)]
        })
        .collect();
    let mut document = json!({
        "version": 1, "seed": 3,
        "data": { "kind": "table", "inputs": ["a", "b", "c"], "targets": ["y"], "rows": rows },
        "model": [{ "type": "linear", "out": 20 }, { "type": "tanh" }, { "type": "linear", "out": 1 }],
        "loss": { "type": "mse" }, "optimizer": { "type": "sgd", "lr": 0.05 },
        "epochs": 6, "batch_size": 20,
    });
    for (name, value) in change.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

fn trainer(document: &Value) -> Trainer {
    Trainer::new(from_value(document, ReadOptions::default()).unwrap(), None).unwrap()
}

fn parameters(trainer: &Trainer) -> Vec<f32> {
    values(trainer.parameters()).unwrap().into_iter().flat_map(|(_, values)| values).collect()
}

const ON: Stops = Stops { after_epoch: false, when_diverged: false };
const DIVERGED: Stops = Stops { after_epoch: false, when_diverged: true };

/// The whole run on the CPU: losses and parameters.
fn on_the_cpu(document: &Value, stops: Stops) -> (Vec<f32>, Vec<f32>) {
    let (mut trainer, mut losses) = (trainer(document), Vec::new());
    trainer.run(usize::MAX, stops, &mut losses).unwrap();
    let parameters = parameters(&trainer);
    (losses, parameters)
}

on_a_device! {
    every_f32_operator_is_pytorchs_with_its_gradient(_device) {
        let outcome = assert_all_agree(include_str!("../../tests/data/ops.json")).await;
        assert_eq!(outcome.passed + outcome.skipped.len(), 373);
        println!("skipped: {:?}", outcome.skipped);
    }

    so_is_every_f32_operator_with_all_of_its_arguments(_device) {
        let outcome = assert_all_agree(include_str!("../../tests/data/ops_more.json")).await;
        assert_eq!(outcome.passed + outcome.skipped.len(), 1128);
    }

    a_device_repeats_its_results_bit_for_bit(_device) {
        let first = some_gradients(300).await.unwrap();
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert!(first.iter().all(|v| v.is_finite()));
        assert_eq!(bits(&first), bits(&some_gradients(300).await.unwrap()));
    }

    products_of_every_size_are_those_of_the_cpu(_device) {
        // Sizes for each kernel: a thread or a group for each result, a row in parts, tiles, and tiles in parts.
        let row = [(1, 400, 6), (1, 3, 4), (1, 1000, 64), (1, 130, 333)];
        let sizes = [(3, 5, 7), (6, 400, 1), (40, 33, 50), (64, 2048, 64), (33, 1000, 17)];
        for (m, k, n) in row.into_iter().chain(sizes) {
            let ramp = |rows: usize, columns: usize| {
                let values = (0..rows * columns).map(|i| ((i * 37) % 61) as f32 / 16.0 - 2.0).collect();
                Tensor::from_vec(values, &[rows, columns]).unwrap()
            };
            let (a, b) = (ramp(m, k), ramp(k, n));
            let pairs = [(a.clone(), b), (ramp(k, m).t().unwrap(), ramp(n, k).t().unwrap())];
            for (a, b) in pairs {
                let want = a.matmul(&b).unwrap().to_vec::<f32>().unwrap();
                let got = on_device(&a).matmul(&on_device(&b)).unwrap().to_vec_async::<f32>().await.unwrap();
                for (got, want) in got.iter().zip(&want) {
                    // Products of sixteenths are exact as long as sums stay below 2^16.
                    assert_eq!(got, want, "{m} {k} {n}");
                }
            }
        }
    }

    long_sums_are_those_of_the_cpu(_device) {
        for n in [1, 63, 64, 65, 5000, 100_000] {
            let x = Tensor::from_vec((0..n).map(|i| (i % 7) as f32).collect(), &[n]).unwrap();
            let sum = on_device(&x).sum().unwrap().item_async().await.unwrap();
            assert_eq!(sum, x.sum().unwrap().item().unwrap());
            let most = on_device(&x).max().unwrap().item_async().await.unwrap();
            assert_eq!(most, x.max().unwrap().item().unwrap());
        }
    }

    an_index_that_does_not_exist_is_told_when_elements_are_read(_device) {
        let x = on_device(&vector(&[1., 2., 3.]));
        let index = Tensor::from_vec(vec![0i64, 3], &[2]).unwrap();
        let picked = x.gather(0, &index).unwrap();
        let error = picked.to_vec_async::<f32>().await.unwrap_err().to_string();
        assert_eq!(error, "index 3 is out of bounds for dimension 0 with size 3");
        // And only once.
        assert_eq!(x.to_vec_async::<f32>().await.unwrap(), [1., 2., 3.]);
    }

    operands_on_two_devices_are_refused_and_numbers_are_not(_device) {
        let x = on_device(&vector(&[1., 2.]));
        let error = x.add(&vector(&[1., 2.])).unwrap_err().to_string();
        assert_eq!(
            error,
            "Expected all tensors to be on the same device, but found at least two devices, webgpu and cpu!"
        );
        let sum = x.add(&Tensor::scalar(1f32)).unwrap();
        assert_eq!(sum.device(), Device::Gpu);
        assert_eq!(sum.to_vec_async::<f32>().await.unwrap(), [2., 3.]);
    }

    there_is_no_float64_and_no_integer_beyond_32_bits(_device) {
        let double = Tensor::from_vec(vec![1f64, 2.], &[2]).unwrap();
        assert!(double.to_device(Device::Gpu).unwrap_err().to_string().contains("no float64"));
        assert!(on_device(&vector(&[1.])).to(DType::F64).unwrap_err().to_string().contains("no float64"));
        let large = Tensor::from_vec(vec![1i64 << 31, 0], &[2]).unwrap();
        let error = large.to_device(Device::Gpu).unwrap_err().to_string();
        assert_eq!(error, "2147483648 is beyond the integers of WebGPU, which have 32 bits");
    }

    a_gradient_goes_back_to_the_device_that_its_tensor_is_on(_device) {
        let x = vector(&[1., 2., 3.]).requires_grad_(true).unwrap();
        let result = on_device(&x).square().unwrap().sum().unwrap().backward();
        if cfg!(target_arch = "wasm32") {
            // A browser cannot wait for it.
            assert!(result.unwrap_err().to_string().contains("to_vec_async"));
            return;
        }
        result.unwrap();
        let grad = x.grad().unwrap();
        assert_eq!((grad.device(), grad.to_vec::<f32>().unwrap()), (Device::Cpu, vec![2., 4., 6.]));
    }

    a_lost_device_is_an_error_and_not_a_wrong_number(device) {
        let x = on_device(&vector(&[1., 2.]));
        device.destroy();
        let doubled = x.mul(2.0);
        let read = match doubled {
            Ok(doubled) => doubled.to_vec_async::<f32>().await,
            Err(error) => Err(error),
        };
        let error = read.unwrap_err().to_string();
        assert!(error.contains("WebGPU"), "{error}");
        assert!(!device.health().is_well());
    }

    convolutions_of_every_size_are_those_of_the_cpu(_device) {
        let plain = Conv2dOptions::new(3);
        let padded = Conv2dOptions { padding: (1, 2), stride: (2, 1), ..plain };
        let grouped = Conv2dOptions { groups: 2, dilation: (2, 1), ..plain };
        let cases: [([usize; 4], [usize; 4], Conv2dOptions); 4] = [
            // Tiles, and tiles with k in parts for the weight.
            ([8, 16, 12, 12], [32, 16, 3, 3], plain),
            ([3, 16, 9, 8], [16, 16, 3, 3], padded),
            ([2, 32, 9, 9], [32, 16, 3, 3], grouped),
            // A group for each result.
            ([2, 64, 5, 5], [4, 64, 3, 3], plain),
        ];
        for (x, weight, options) in cases {
            let want = convolution(Device::Cpu, &x, &weight, &options).await;
            let got = convolution(Device::Gpu, &x, &weight, &options).await;
            for (i, (got, want)) in got.iter().zip(&want).enumerate() {
                assert_close(&format!("{x:?} {weight:?} {i}"), got, want, 1e-4);
            }
        }
    }

    whole_runs_are_pytorchs(device) {
        let before = device.counts().0;
        let outcome = assert_all_agree(include_str!("../../tests/data/experiments.json")).await;
        assert_eq!((outcome.passed, outcome.skipped.len()), (10, 0));
        // They did run there.
        assert!(device.counts().0 - before > 20);
    }

    every_optimizer_and_schedule_trains_as_on_the_cpu(device) {
        for change in [
            json!({ "optimizer": { "type": "sgd", "lr": 0.02, "momentum": 0.9, "nesterov": true, "weight_decay": 0.01 } }),
            json!({ "optimizer": { "type": "sgd", "lr": 0.02, "momentum": 0.5, "dampening": 0.1 } }),
            json!({ "optimizer": { "type": "adam", "lr": 0.01, "amsgrad": true, "weight_decay": 0.1 } }),
            json!({ "optimizer": { "type": "adamw", "lr": 0.01 }, "schedule": { "type": "step", "step_size": 2, "gamma": 0.5 } }),
            json!({ "optimizer": { "type": "rmsprop", "lr": 0.01 }, "schedule": { "type": "cosine", "T_max": 6 } }),
            json!({ "optimizer": { "type": "rmsprop", "lr": 0.01, "centered": true } }),
            json!({ "optimizer": { "type": "rmsprop", "lr": 0.01, "momentum": 0.5, "centered": true } }),
            json!({ "optimizer": { "type": "adagrad", "lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.2 } }),
            json!({ "batch_size": null, "epochs": 30 }),
        ] {
            let document = experiment(change.clone());
            let (want, last) = on_the_cpu(&document, ON);
            let (mut trainer, mut losses) = (trainer(&document), Vec::new());
            trainer.run_on(&device, usize::MAX, ON, &mut losses).await.unwrap();
            assert!(trainer.position().finished);
            assert_close(&format!("{change}: loss"), &losses, &want, 1e-4);
            assert_close(&format!("{change}: parameters"), &parameters(&trainer), &last, 1e-3);
        }
    }

    layers_with_state_and_draws_train_as_on_the_cpu(device) {
        let document = experiment(json!({ "model": [
            { "type": "linear", "out": 24 }, { "type": "batch_norm" }, { "type": "relu" }, { "type": "dropout", "p": 0.3 },
            { "type": "linear", "out": 12 }, { "type": "layer_norm" }, { "type": "silu" }, { "type": "linear", "out": 1 },
        ] }));
        let (want, last) = on_the_cpu(&document, ON);
        let (mut trainer, mut losses) = (trainer(&document), Vec::new());
        trainer.run_on(&device, usize::MAX, ON, &mut losses).await.unwrap();
        assert_close("loss", &losses, &want, 1e-4);
        // Also the running averages of batch norm.
        assert_close("parameters", &parameters(&trainer), &last, 1e-3);
    }

    a_run_goes_from_one_device_to_the_other_and_back(device) {
        // Also with a last, smaller batch.
        let document = experiment(json!({ "optimizer": { "type": "adam", "lr": 0.01 }, "batch_size": 16 }));
        let (want, last) = on_the_cpu(&document, ON);
        let (mut trainer, mut losses) = (trainer(&document), Vec::new());
        for steps in [2, 4, 1, 3, 2, 10] {
            trainer.run_on(&device, steps, ON, &mut losses).await.unwrap();
            trainer.run(1, ON, &mut losses).unwrap();
            assert_eq!(losses.len() as u64, trainer.position().step);
        }
        assert_close("loss", &losses, &want[..losses.len()], 1e-4);
        assert_eq!(losses.len(), want.len());
        assert_close("parameters", &parameters(&trainer), &last, 1e-3);
    }

    a_device_that_is_lost_in_the_middle_loses_no_step_and_counts_none_twice(device) {
        let document = experiment(json!({ "optimizer": { "type": "adam", "lr": 0.01 } }));
        let (want, last) = on_the_cpu(&document, ON);
        let (mut trainer, mut losses) = (trainer(&document), Vec::new());
        trainer.run_on(&device, 7, ON, &mut losses).await.unwrap();
        device.destroy();
        let error = trainer.run_on(&device, 5, ON, &mut losses).await.unwrap_err();
        assert!(error.to_string().contains("WebGPU"), "{error}");
        assert_eq!((losses.len(), trainer.position().step), (7, 7));
        trainer.run(usize::MAX, ON, &mut losses).unwrap();
        assert_eq!(losses.len(), want.len());
        assert_close("loss", &losses, &want, 1e-4);
        assert_close("parameters", &parameters(&trainer), &last, 1e-3);
    }

    a_run_ends_at_the_first_loss_that_is_not_finite(device) {
        let document = experiment(json!({
            "model": [{ "type": "linear", "out": 1 }], "optimizer": { "type": "sgd", "lr": 90.0 }, "epochs": 40,
        }));
        let (want, _) = on_the_cpu(&document, DIVERGED);
        let (mut trainer, mut losses) = (trainer(&document), Vec::new());
        trainer.run_on(&device, usize::MAX, DIVERGED, &mut losses).await.unwrap();
        assert!(!trainer.position().finished && !losses.last().unwrap().is_finite());
        assert_eq!(losses.len() as u64, trainer.position().step);
        assert!(losses[..losses.len() - 1].iter().all(|loss| loss.is_finite()));
        // Another order of sums may overflow a step earlier or later.
        assert!(losses.len().abs_diff(want.len()) <= 1, "{} and {}", losses.len(), want.len());
    }

    many_steps_are_one_submission(device) {
        let document = experiment(json!({ "epochs": 400 }));
        let (mut trainer, mut losses) = (trainer(&document), Vec::new());
        // The first step is recorded on the CPU.
        trainer.run_on(&device, 3, ON, &mut losses).await.unwrap();
        trainer.run_on(&device, 300, ON, &mut losses).await.unwrap();
        let (_, before) = device.counts();
        trainer.run_on(&device, 200, ON, &mut losses).await.unwrap();
        assert_eq!((device.counts().1 - before, losses.len()), (1, 503));
    }

    many_steps_of_a_small_network_are_one_dispatch(device) {
        let document = experiment(json!({ "epochs": 400, "batch_size": 8 }));
        let (mut trainer, mut losses) = (trainer(&document), Vec::new());
        // 40 rows are 5 batches of 8: one plan.
        trainer.run_on(&device, 20, ON, &mut losses).await.unwrap();
        let (before, _) = device.counts();
        trainer.run_on(&device, 500, ON, &mut losses).await.unwrap();
        assert_eq!((device.counts().0 - before, losses.len()), (1, 520));
    }

    networks_beyond_the_memory_of_a_group_train_as_on_the_cpu(device) {
        let document = experiment(json!({ "model": [
            { "type": "linear", "out": 90 }, { "type": "relu" }, { "type": "linear", "out": 70 }, { "type": "gelu" },
            { "type": "linear", "out": 1 },
        ] }));
        let (want, last) = on_the_cpu(&document, ON);
        let before = device.counts().0;
        let (mut trainer, mut losses) = (trainer(&document), Vec::new());
        trainer.run_on(&device, usize::MAX, ON, &mut losses).await.unwrap();
        // Many dispatches for each of 12 steps.
        assert!(device.counts().0 - before > 150);
        assert_close("loss", &losses, &want, 1e-4);
        assert_close("parameters", &parameters(&trainer), &last, 1e-3);
    }
}
