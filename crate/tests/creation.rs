//! New tensors against PyTorch's, bit for bit where they are not random normal ones.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::dtype::DType;
use gradus::error::Error;
use gradus::rng::{Generator, manual_seed};
use gradus::tensor::creation::{self, Options, Scalar};
use gradus::tensor::{Literal, Tensor};
use serde_json::Value;

/// Written by `tests/fixtures/creation.py`.
fn fixtures() -> Value {
    serde_json::from_str(include_str!("../../tests/data/creation.json")).unwrap()
}

fn dtype(name: &Value) -> Option<DType> {
    name.as_str().map(|name| match name {
        "f32" => DType::F32,
        "f64" => DType::F64,
        "i64" => DType::I64,
        "bool" => DType::Bool,
        other => panic!("{other}"),
    })
}

fn scalar(value: &Value) -> Scalar {
    match value {
        Value::Bool(b) => Scalar::Bool(*b),
        value => value.as_i64().map_or_else(|| Scalar::Float(value.as_f64().unwrap()), Scalar::Int),
    }
}

fn make(call: &str, args: &[Value], g: &mut Generator) -> Tensor {
    let options = dtype(args.last().unwrap());
    let float = |i: usize| args[i].as_f64().unwrap();
    let integer = |i: usize| args[i].as_i64().unwrap();
    let dims = |i: usize| -> Vec<usize> {
        args[i].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect()
    };
    match call {
        "zeros" => creation::zeros(&dims(0), options),
        "ones" => creation::ones(&dims(0), options),
        "full" => creation::full(&dims(0), scalar(&args[1]), options),
        "eye" => creation::eye(integer(0) as usize, Some(integer(1) as usize), options),
        "arange" => creation::arange(scalar(&args[0]), scalar(&args[1]), scalar(&args[2]), options),
        "linspace" => creation::linspace(float(0), float(1), integer(2) as usize, options),
        "logspace" => creation::logspace(float(0), float(1), integer(2) as usize, float(3), options),
        "rand" => creation::rand(&dims(0), Some(g), options),
        "randn" => creation::randn(&dims(0), Some(g), options),
        "normal" => creation::normal(float(0), float(1), &dims(2), Some(g), options),
        "uniform" => creation::uniform(&dims(2), float(0), float(1), Some(g), options),
        "bernoulli" => creation::linspace(0.0, 1.0, 9, options).and_then(|p| p.bernoulli(Some(g))),
        "randint" => creation::randint(integer(0), integer(1), &dims(2), Some(g), options),
        "randperm" => creation::randperm(integer(0) as usize, Some(g), options),
        other => panic!("{other}"),
    }
    .unwrap()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn tensors_are_made_and_drawn_as_in_pytorch() {
    let file = fixtures();
    let mut g = Generator::new(7);
    for case in file["cases"].as_array().unwrap() {
        let (call, args) = (case["call"].as_str().unwrap(), case["args"].as_array().unwrap());
        let what = format!("{call}({})", case["args"]);
        let got = make(call, args, &mut g);
        let dims: Vec<usize> =
            case["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
        assert_eq!((got.dims(), Some(got.dtype())), (&dims[..], dtype(&case["dtype"])), "{what}");
        let want: Vec<f64> = match got.dtype() {
            DType::F32 => bytes(&case["bits"])
                .chunks(4)
                .map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap())))
                .collect(),
            DType::F64 => {
                bytes(&case["bits"]).chunks(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect()
            }
            _ => {
                // Whole numbers keep all of their digits.
                let want: Vec<i64> = case["data"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|v| v.as_i64().unwrap_or_else(|| i64::from(v == true)))
                    .collect();
                assert_eq!(got.to(DType::I64).unwrap().to_vec::<i64>().unwrap(), want, "{what}");
                continue;
            }
        };
        // Logarithm, sine and power are PyTorch's own there; float steps are vectorised.
        let tolerance = match (call, got.dtype()) {
            ("randn" | "normal" | "logspace" | "arange" | "linspace", DType::F32) => 3e-7,
            ("randn" | "normal" | "logspace" | "arange" | "linspace", _) => 1e-15,
            _ => 0.0,
        };
        for (got, want) in got.to_f64_vec().into_iter().zip(want) {
            assert!((got - want).abs() <= tolerance * want.abs().max(1.0), "{what}: {got} is not {want}");
        }
    }
    assert!(g.get_state() == bytes(&file["state"]), "the generator's state is not PyTorch's");
}

#[test]
fn a_generator_goes_on_from_a_state_of_pytorchs() {
    let mut g = Generator::new(0);
    g.set_state(&bytes(&fixtures()["state"])).unwrap();
    assert_eq!(g.initial_seed(), 7);
    let mut copy = Generator::new(1);
    copy.set_state(&g.get_state()).unwrap();
    assert_eq!(g.normal(700), copy.normal(700));
    // Between the two numbers of a pair
    g.normal(1);
    copy.set_state(&g.get_state()).unwrap();
    assert_eq!(g.normal(3), copy.normal(3));
    assert!(g.set_state(&[0; 5056]).is_err());
    assert!(
        g.set_state(&[0; 7]).unwrap_err().to_string().starts_with("Expected either a CPUGeneratorImplState")
    );
}

#[test]
fn without_a_generator_the_default_one_is_drawn_from() {
    manual_seed(0);
    let first = creation::rand(&[2], None, None).unwrap();
    // torch.manual_seed(0); torch.rand(2)
    assert_eq!(first.to_vec::<f32>().unwrap(), [0.496_256_6, 0.768_221_8]);
    let next = creation::rand(&[2], None, None).unwrap();
    let both = creation::rand(&[4], Some(&mut Generator::new(0)), None).unwrap();
    let parts = Tensor::cat(&[first, next], 0).unwrap();
    assert_eq!(parts.to_f64_vec(), both.to_f64_vec());
}

/// A quarter of what can be counted here.
const HUGE: usize = 1 << (usize::BITS - 2);

#[test]
fn what_takes_too_much_memory_is_refused_before_it_is_tried() {
    let refused = |result: Result<Tensor, Error>| match result {
        Err(Error::Memory(message)) => message,
        other => panic!("{other:?}"),
    };
    let message = refused(creation::zeros(&[1 << 15, 1 << 15], None));
    assert_eq!(
        message,
        "can't allocate memory: you tried to allocate 4294967296 bytes, and a tensor may have 1073741824"
    );
    assert_eq!(refused(creation::ones(&[usize::MAX, 2], None)), "numel: integer multiplication overflow");
    assert_eq!(refused(creation::zeros(&[0, HUGE, 4], None)), "numel: integer multiplication overflow");
    refused(creation::randperm(usize::MAX >> 4, None, None));
    refused(creation::eye(1 << 30, None, DType::Bool));
    refused(creation::arange(0.0, 1e300, 1.0, None));
    refused(creation::linspace(0.0, 1.0, HUGE, None));
    // A view of one element takes nothing, but what is computed from it would.
    let wide = Tensor::ones(&[1]).expand(&[1usize << 15, 1 << 15]).unwrap();
    refused(wide.exp());
    refused(wide.contiguous());
    refused(Tensor::ones(&[1]).expand(&[usize::MAX >> 1, 1 << 20]));
    refused(Tensor::ones(&[2]).repeat(&[HUGE]));
    refused(Tensor::ones(&[2]).pad(&[HUGE as isize, 0], 0.0));
    refused(Tensor::scalar(1i64 << 30).one_hot(None));
    refused(Tensor::zeros(&[0]).reshape(&[0, HUGE as isize, HUGE as isize]));
}

#[test]
fn ranges_that_go_nowhere_and_numbers_that_are_none_are_refused() {
    let message = |result: Result<Tensor, Error>| result.unwrap_err().to_string();
    assert_eq!(message(creation::arange(0, 5, 0, None)), "step must be nonzero");
    let inconsistent = "upper bound and lower bound inconsistent with step sign";
    assert_eq!(message(creation::arange(5, 0, 1, None)), inconsistent);
    assert_eq!(message(creation::arange(0, 1, f64::NAN, None)), inconsistent);
    let random = "random_ expects 'from' to be less than 'to', but got from=5 >= to=5";
    assert_eq!(message(creation::randint(5, 5, &[2], None, None)), random);
    assert_eq!(
        message(creation::normal(0., -1., &[2], None, None)),
        "normal expects std >= 0.0, but found std -1"
    );
    let whole = "\"check_uniform_bounds\" not implemented for 'Long'";
    assert_eq!(message(creation::rand(&[2], None, DType::I64)), whole);
    assert!(Tensor::full(&[1], 2.0, DType::F32).bernoulli(None).is_err());
    assert!(creation::zeros(&[2], Options::new().dtype(DType::I64).requires_grad(true)).is_err());
    assert!(creation::zeros(&[1; 9], None).is_err());
}

#[test]
fn what_is_made_like_another_has_its_dtype() {
    let x = creation::zeros(&[2, 2], DType::F64).unwrap();
    let like =
        [x.full_like(7i64), x.empty_like(), x.rand_like(None), x.randn_like(None), x.new_ones(&[2, 2])];
    for tensor in like {
        let tensor = tensor.unwrap();
        assert_eq!((tensor.dims(), tensor.dtype()), ([2, 2].as_slice(), DType::F64));
    }
    assert_eq!(x.new_full(&[2], 0.5).unwrap().to_f64_vec(), [0.5, 0.5]);
    assert_eq!(Tensor::arange(3).new_zeros(&[1]).unwrap().dtype(), DType::I64);
    assert!(x.randint_like(0, 3, None).unwrap().lt(3).unwrap().to_f64_vec().iter().all(|&v| v == 1.0));
    let leaf = creation::tensor([1.0, 2.0], Options::new().requires_grad(true)).unwrap();
    assert!(leaf.requires_grad() && leaf.is_leaf());
}

#[test]
fn literals_are_read_as_torch_tensor_reads_them() {
    for (text, dtype, dims, values) in [
        ("[False, 1, 2.0]", DType::F32, &[3][..], &[0., 1., 2.][..]),
        ("[True, 2]", DType::I64, &[2], &[1., 2.]),
        ("[True, False]", DType::Bool, &[2], &[1., 0.]),
        ("5", DType::I64, &[], &[5.]),
        ("-1.5e-1", DType::F32, &[], &[f64::from(-0.15f32)]),
        ("((1, 2), (3, 4),)", DType::I64, &[2, 2], &[1., 2., 3., 4.]),
        ("[]", DType::F32, &[0], &[]),
        ("[[], []]", DType::F32, &[2, 0], &[]),
        (
            "[1_000, -inf, float('inf'), -float(\"inf\"), math.inf]",
            DType::F32,
            &[5],
            &[1000., f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY],
        ),
        (" [ [1 , (2)] , [ .5 , 4. ] ] ", DType::F32, &[2, 2], &[1., 2., 0.5, 4.]),
    ] {
        let tensor: Tensor = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!((tensor.dtype(), tensor.dims()), (dtype, dims), "{text}");
        assert_eq!(tensor.to_f64_vec(), values, "{text}");
    }
    assert!("[nan]".parse::<Tensor>().unwrap().item().unwrap().is_nan());
    let exact: Tensor = "[9223372036854775807, -9223372036854775808]".parse().unwrap();
    assert_eq!(exact.to_vec::<i64>().unwrap(), [i64::MAX, i64::MIN]);
    let arrays = creation::tensor([[1, 2], [3, 4]], None).unwrap();
    assert_eq!((arrays.dtype(), arrays.dims()), (DType::I64, [2, 2].as_slice()));
    assert_eq!(creation::tensor(vec![0.5, 0.0], DType::Bool).unwrap().to_f64_vec(), [1., 0.]);
    let json = serde_json::json!([[1, 2.5], [true, -3]]);
    let tensor = Literal::from_json(&json).unwrap().to_tensor(None).unwrap();
    assert_eq!(tensor.to_f64_vec(), [1., 2.5, 1., -3.]);
}

#[test]
fn ragged_lists_and_other_syntax_are_refused_in_pytorchs_words() {
    for (text, message) in [
        ("[[1, 2], [3]]", "expected sequence of length 2 at dim 1 (got 1)"),
        ("[[[1], [2]], [[3]]]", "expected sequence of length 2 at dim 1 (got 1)"),
        ("[[1, 2], 3]", "not a sequence"),
        ("[9223372036854775808]", "Overflow when unpacking long long"),
        ("[1, [2, 3]]", "'list' object cannot be interpreted as a number"),
        ("[1, 2", "invalid syntax: unexpected end"),
        ("[1 2]", "invalid syntax: unexpected '2'"),
        ("[1] + 1", "invalid syntax: unexpected '+'"),
        ("[abc]", "invalid syntax: unexpected 'a'"),
        ("", "invalid syntax: unexpected end"),
        ("[1,,2]", "invalid syntax: unexpected ','"),
        ("--1", "invalid syntax: unexpected '-'"),
    ] {
        assert_eq!(text.parse::<Tensor>().unwrap_err().to_string(), message, "{text}");
    }
    assert!("[".repeat(100_000).parse::<Tensor>().is_err());
    let json = serde_json::json!([1, null]);
    assert_eq!(Literal::from_json(&json).unwrap_err().to_string(), "Could not infer dtype of NoneType");
}
