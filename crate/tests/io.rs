//! Files of tensors. The fixtures in `tests/data/pth` were written by PyTorch and safetensors
//! (`tests/fixtures/make.py`, which also checks in PyTorch what is written here).

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "io/hostile.rs"]
mod hostile;
#[path = "io/made.rs"]
mod made;
#[path = "io/refused.rs"]
mod refused;

use gradus::dtype::DType;
use gradus::io::{pth, safetensors};
use gradus::tensor::{Tensor, no_grad};
use proptest::prelude::*;
use serde_json::Value;

macro_rules! fixtures {
    ($($name:literal),+ $(,)?) => {
        /// Name, `.pth` file and `.safetensors` file.
        const FIXTURES: &[(&str, &[u8], &[u8])] = &[$((
            $name,
            include_bytes!(concat!("../../tests/data/pth/", $name, ".pth")),
            include_bytes!(concat!("../../tests/data/pth/", $name, ".safetensors")),
        )),+];
    };
}

fixtures!["linear", "conv", "strided", "tied", "dtypes", "shapes", "parameters"];

const EXPECTED: &str = include_str!("../../tests/data/pth/expected.json");

type Named = Vec<(String, Tensor)>;

fn fixture(name: &str) -> (&'static [u8], &'static [u8]) {
    let found = FIXTURES.iter().find(|f| f.0 == name).unwrap();
    (found.1, found.2)
}

fn get<'a>(tensors: &'a Named, name: &str) -> &'a Tensor {
    &tensors.iter().find(|(n, _)| n == name).unwrap().1
}

/// All elements as the bits that PyTorch's text of them stands for.
fn bits(dtype: &str, values: &Value) -> Vec<u64> {
    let values = values.as_array().unwrap().iter().map(|v| v.as_str().unwrap());
    match dtype {
        "torch.float32" => values.map(|v| u64::from((v.parse::<f64>().unwrap() as f32).to_bits())).collect(),
        "torch.float64" => values.map(|v| v.parse::<f64>().unwrap().to_bits()).collect(),
        "torch.int64" => values.map(|v| v.parse::<i64>().unwrap() as u64).collect(),
        "torch.bool" => values.map(|v| u64::from(v == "True")).collect(),
        other => panic!("{other}"),
    }
}

fn bits_of(tensor: &Tensor) -> Vec<u64> {
    match tensor.dtype() {
        DType::F32 => tensor.to_vec::<f32>().unwrap().iter().map(|v| v.to_bits().into()).collect(),
        DType::F64 => tensor.to_vec::<f64>().unwrap().iter().map(|v| v.to_bits()).collect(),
        DType::I64 => tensor.to_vec::<i64>().unwrap().iter().map(|&v| v as u64).collect(),
        DType::Bool => tensor.to_vec::<bool>().unwrap().iter().map(|&v| v.into()).collect(),
    }
}

fn assert_is(tensor: &Tensor, expected: &Value, name: &str) {
    assert_eq!(tensor.dtype().to_string(), expected["dtype"], "{name}");
    let shape: Vec<u64> = tensor.dims().iter().map(|&n| n as u64).collect();
    assert_eq!(serde_json::json!(shape), expected["shape"], "{name}");
    assert_eq!(bits_of(tensor), bits(expected["dtype"].as_str().unwrap(), &expected["values"]), "{name}");
}

fn assert_equal(a: &Tensor, b: &Tensor, name: &str) {
    assert_eq!((a.dims(), a.dtype()), (b.dims(), b.dtype()), "{name}");
    assert_eq!(bits_of(a), bits_of(b), "{name}");
}

#[test]
fn what_torch_saved_is_read_to_the_bit() {
    let expected: Value = serde_json::from_str(EXPECTED).unwrap();
    for (name, bytes, _) in FIXTURES {
        let tensors = pth::load(bytes).unwrap();
        assert_eq!(tensors.len(), expected[name].as_object().unwrap().len(), "{name}");
        for (key, tensor) in &tensors {
            assert_is(tensor, &expected[name][key], key);
            assert_eq!(tensor.requires_grad(), expected[name][key]["requires_grad"], "{name}: {key}");
        }
    }
}

#[test]
fn what_safetensors_saved_is_read_to_the_bit() {
    let expected: Value = serde_json::from_str(EXPECTED).unwrap();
    for (name, _, bytes) in FIXTURES {
        let tensors = safetensors::load(bytes).unwrap();
        assert_eq!(tensors.len(), expected[name].as_object().unwrap().len(), "{name}");
        for (key, tensor) in &tensors {
            assert_is(tensor, &expected[name][key], key);
        }
    }
}

#[test]
fn a_state_dict_keeps_its_order() {
    let names = |tensors: Named| tensors.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let expected = [
        "0.weight",
        "0.bias",
        "1.weight",
        "1.bias",
        "1.running_mean",
        "1.running_var",
        "1.num_batches_tracked",
        "4.weight",
        "4.bias",
    ];
    let tensors = pth::load(fixture("conv").0).unwrap();
    assert_eq!(get(&tensors, "1.num_batches_tracked").dtype(), DType::I64);
    let again = pth::load(&pth::save(&tensors).unwrap()).unwrap();
    assert_eq!(names(tensors), expected);
    assert_eq!(names(again), expected);
}

#[test]
fn tensors_that_shared_a_storage_share_it_again() {
    let shared = |tensors: &Named| {
        no_grad(|| get(tensors, "base").fill_(9.0)).unwrap();
        for (name, tensor) in tensors {
            let changed = tensor.to_f64_vec().iter().all(|&v| v == 9.0);
            assert_eq!(changed, name != "expanded", "{name}");
        }
    };
    let tensors = pth::load(fixture("strided").0).unwrap();
    let saved = pth::save(&tensors).unwrap();
    assert!(!get(&tensors, "transposed").is_contiguous());
    shared(&tensors);
    shared(&pth::load(&saved).unwrap());
}

#[test]
fn storages_start_at_multiples_of_64_bytes() {
    let tensor = Tensor::from_vec(vec![1234.5f32, -0.25], &[2]).unwrap();
    let pattern: Vec<u8> = [1234.5f32, -0.25].iter().flat_map(|v| v.to_le_bytes()).collect();
    for name in ["a", "a longer name than that"] {
        let file = pth::save(&[(name.to_string(), tensor.clone())]).unwrap();
        let at = file.windows(8).position(|w| w == pattern).unwrap();
        assert_eq!(at % 64, 0);
    }
}

#[test]
fn a_name_can_be_saved_only_once() {
    let twice = ["a", "a"].map(|name| (name.to_string(), Tensor::ones(&[1])));
    for error in [pth::save(&twice).unwrap_err(), safetensors::save(&twice).unwrap_err()] {
        assert_eq!(error.to_string(), "two tensors cannot both be saved as \"a\"");
    }
}

#[test]
fn no_tensors_are_a_file_too() {
    assert!(pth::load(&pth::save(&[]).unwrap()).unwrap().is_empty());
    assert!(safetensors::load(&safetensors::save(&[]).unwrap()).unwrap().is_empty());
}

fn config(cases: u32) -> ProptestConfig {
    // A fixed seed: the same cases everywhere, and no system randomness in a browser.
    ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(11),
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    }
}

/// A tensor of any dtype and up to four dimensions, some transposed and some cut.
fn any_tensor() -> impl Strategy<Value = Tensor> {
    let dims = prop::collection::vec(0usize..4, 0..=4);
    (dims, 0usize..4, any::<u64>(), any::<bool>(), any::<bool>()).prop_map(
        |(dims, dtype, seed, turn, cut)| {
            let n = dims.iter().product::<usize>() as u64;
            let raw: Vec<u64> = (0..n).map(|i| seed.wrapping_mul(2 * i + 1).rotate_left(17)).collect();
            let tensor = match dtype {
                0 => Tensor::from_vec(raw.iter().map(|&v| f32::from_bits(v as u32)).collect(), &dims),
                1 => Tensor::from_vec(raw.iter().map(|&v| f64::from_bits(v)).collect(), &dims),
                2 => Tensor::from_vec(raw.iter().map(|&v| v as i64).collect(), &dims),
                _ => Tensor::from_vec(raw.iter().map(|&v| v & 1 == 1).collect(), &dims),
            };
            let mut tensor = tensor.unwrap();
            if turn && dims.len() > 1 {
                tensor = tensor.transpose(0, -1).unwrap();
            }
            match tensor.dims().first() {
                Some(&size) if cut && size > 1 => tensor.slice(0, 1, size, 2).unwrap(),
                _ => tensor,
            }
        },
    )
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn whatever_is_saved_is_loaded(tensors in prop::collection::btree_map(".{0,8}", any_tensor(), 0..6)) {
        let tensors: Named = tensors.into_iter().collect();
        let loaded = pth::load(&pth::save(&tensors).unwrap()).unwrap();
        prop_assert_eq!(loaded.len(), tensors.len());
        for ((name, tensor), (loaded_name, loaded)) in tensors.iter().zip(&loaded) {
            prop_assert_eq!(name, loaded_name);
            assert_equal(tensor, loaded, name);
        }
        let loaded = safetensors::load(&safetensors::save(&tensors).unwrap()).unwrap();
        prop_assert_eq!(loaded.len(), tensors.len());
        for (name, tensor) in &tensors {
            assert_equal(tensor, get(&loaded, name), name);
        }
    }
}
