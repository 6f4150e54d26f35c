//! Operators and training runs on WebGPU, against PyTorch. Natively through Vulkan, Metal or Direct3D, where there
//! is an adapter; in Chromium with its software adapter.
#![cfg(feature = "webgpu")]

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod conformance;

use gradus::backend::{Device, gpu};
use gradus::dtype::DType;
use gradus::error::Result;
use gradus::tensor::Tensor;
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
        // Sizes for each kernel: a thread or a group for each result, tiles, and tiles with k in parts.
        for (m, k, n) in [(3, 5, 7), (1, 400, 6), (6, 400, 1), (40, 33, 50), (64, 2048, 64), (33, 1000, 17)] {
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
        on_device(&x).square().unwrap().sum().unwrap().backward().unwrap_or_else(|error| {
            // A browser cannot wait for it.
            assert!(cfg!(target_arch = "wasm32"), "{error}");
        });
        if cfg!(not(target_arch = "wasm32")) {
            let grad = x.grad().unwrap();
            assert_eq!((grad.device(), grad.to_vec::<f32>().unwrap()), (Device::Cpu, vec![2., 4., 6.]));
        }
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
}
