//! The elementary functions in f32 against f64.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "elementary/error.rs"]
mod error;

use error::{FUNCTIONS, largest};

#[test]
fn the_elementary_functions_keep_their_bounds_over_all_of_f32() {
    // A prime step: every exponent, and all kinds of mantissas.
    let everywhere = || (0..=u32::MAX).step_by(4099).map(f32::from_bits);
    // Where one formula gives way to another.
    let seams = [
        0.0f32,
        1e-45,
        1.17e-38,
        2e-8,
        0.3466,
        0.625,
        0.5f32.sqrt(),
        1.0,
        2f32.sqrt(),
        2.0,
        4.0,
        9.0,
        17.3,
        88.7,
        103.9,
    ];
    for function in FUNCTIONS {
        let near = seams.iter().flat_map(|&s| {
            let bits = s.to_bits();
            (bits.saturating_sub(500)..bits + 500).flat_map(|b| [f32::from_bits(b), -f32::from_bits(b)])
        });
        let (ulp, at) = largest(&function, everywhere().chain(near));
        assert!(ulp <= function.bound, "{} is {ulp} ulp off at {at:e}", function.name);
    }
}

#[test]
fn the_elementary_functions_are_exact_at_special_values() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    let cases: [(&str, &[(f32, f32)]); 7] = [
        ("exp", &[(0.0, 1.0), (-inf, 0.0), (inf, inf), (nan, nan), (89.0, inf), (-104.0, 0.0)]),
        ("expm1", &[(0.0, 0.0), (-0.0, -0.0), (-inf, -1.0), (inf, inf), (nan, nan), (1e-45, 1e-45)]),
        ("log", &[(1.0, 0.0), (0.0, -inf), (-0.0, -inf), (inf, inf), (-1.0, nan), (-inf, nan), (nan, nan)]),
        (
            "log1p",
            &[(0.0, 0.0), (-0.0, -0.0), (-1.0, -inf), (inf, inf), (-1.5, nan), (nan, nan), (1e-45, 1e-45)],
        ),
        ("tanh", &[(0.0, 0.0), (-0.0, -0.0), (inf, 1.0), (-inf, -1.0), (nan, nan), (1e-45, 1e-45)]),
        ("sigmoid", &[(0.0, 0.5), (inf, 1.0), (-inf, 0.0), (nan, nan)]),
        ("erf", &[(0.0, 0.0), (-0.0, -0.0), (inf, 1.0), (-inf, -1.0), (nan, nan)]),
    ];
    for (function, (name, cases)) in FUNCTIONS.iter().zip(cases) {
        assert_eq!(function.name, name);
        for &(x, y) in cases {
            let n = 5; // a vector and a rest
            let x = gradus::tensor::Tensor::from_vec(vec![x; n], &[n]).unwrap();
            for got in (function.f)(&x).unwrap().to_vec::<f32>().unwrap() {
                assert!(
                    got.to_bits() == y.to_bits() || (got.is_nan() && y.is_nan()),
                    "{name}: {got} is not {y}"
                );
            }
        }
    }
}
