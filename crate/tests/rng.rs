//! Random numbers against PyTorch 2.15's, which printed every number here.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::data::{loader_order, split_indices};
use gradus::nn::{Linear, Module, SharedGenerator};
use gradus::rng::Generator;
use gradus::tensor::Tensor;
use std::cell::RefCell;
use std::rc::Rc;

#[test]
fn rand_is_pytorchs_bit_for_bit() {
    let zero = [
        0.49625658988952637f64,
        0.7682217955589294,
        0.08847743272781372,
        0.13203048706054688,
        0.30742281675338745,
        0.6340786814689636,
    ];
    let forty_two = [
        0.8822692632675171f64,
        0.9150039553642273,
        0.38286375999450684,
        0.9593056440353394,
        0.3904482126235962,
        0.600895345211029,
    ];
    for (seed, expected) in [(0, zero), (42, forty_two)] {
        let values = Tensor::rand(&[6], &mut Generator::new(seed)).to_f64_vec();
        assert_eq!(values, expected, "seed {seed}");
    }
}

#[test]
fn few_normal_numbers_are_pytorchs_and_the_second_of_a_pair_outlives_the_call() {
    let mut generator = Generator::new(0);
    let five = Tensor::randn(&[5], &mut generator).to_f64_vec();
    let four = Tensor::randn(&[4], &mut generator).to_f64_vec();
    let expected = [
        1.5409960746765137,
        -0.293428897857666,
        -2.1787893772125244,
        0.5684312582015991,
        -1.0845223665237427,
    ];
    assert_eq!(five, expected);
    let expected = [-1.3985954523086548, 0.40334683656692505, 0.8380263447761536, -0.7192575931549072];
    assert_eq!(four, expected);
}

#[test]
fn many_normal_numbers_agree_with_pytorchs_vectorised_ones() {
    let expected = [
        -1.1258398294448853,
        -1.152360200881958,
        -0.2505785822868347,
        -0.4338788092136383,
        0.5988394618034363,
        -1.5550950765609741,
        -0.3413603901863098,
        1.85300612449646,
        0.46809640526771545,
        -0.1577124446630478,
        1.4436601400375366,
        0.26604941487312317,
        1.3893661499023438,
        1.586334228515625,
        0.946298360824585,
        -0.843676745891571,
        0.9318265914916992,
        1.2590092420578003,
        2.0049805641174316,
        0.05373690277338028,
    ];
    let values = Tensor::randn(&[20], &mut Generator::new(0)).to_f64_vec();
    for (got, want) in values.iter().zip(expected) {
        assert!((got - want).abs() <= 3e-7, "{got} is not {want}");
    }
}

#[test]
fn randint_and_randperm_are_pytorchs() {
    let mut generator = Generator::new(0);
    let integers: Vec<i64> = (0..12).map(|_| generator.randint(0, 10)).collect();
    assert_eq!(integers, [4, 9, 3, 0, 3, 9, 7, 3, 7, 3, 1, 6]);
    assert_eq!(Generator::new(0).randperm(12), [8, 0, 5, 9, 7, 4, 2, 10, 3, 1, 11, 6]);
    assert_eq!(Generator::new(42).randperm(12), [6, 8, 1, 7, 0, 2, 10, 11, 4, 3, 5, 9]);
}

#[test]
fn a_linear_layer_starts_with_the_chapters_weights() {
    let layer = Linear::new(2, 3, true, &mut Generator::new(0));
    let weight = [
        -0.005293981172144413,
        0.37932288646698,
        -0.5819807648658752,
        -0.5203874707221985,
        -0.27234524488449097,
        0.1896158903837204,
    ];
    assert_eq!(layer.weight.to_f64_vec(), weight);
    let bias = [-0.014010033570230007, 0.5606575012207031, -0.06275151669979095];
    assert_eq!(layer.bias.unwrap().to_f64_vec(), bias);
}

#[test]
fn the_loaders_three_passes_are_in_pytorchs_order() {
    let mut generator = Generator::new(0);
    let passes: Vec<Vec<usize>> = (0..3).map(|_| loader_order(8, true, &mut generator)).collect();
    let expected = [[2, 0, 5, 3, 1, 4, 7, 6], [0, 3, 7, 1, 6, 2, 5, 4], [5, 7, 1, 6, 2, 0, 3, 4]];
    assert_eq!(passes, expected);
}

#[test]
fn a_loader_that_does_not_shuffle_still_draws_its_base_seed() {
    let mut generator = Generator::new(0);
    assert_eq!(loader_order(3, false, &mut generator), [0, 1, 2]);
    let mut other = Generator::new(0);
    other.u64();
    assert_eq!(generator.u32(), other.u32());
}

#[test]
fn dropout_keeps_the_elements_that_pytorch_keeps() {
    let generator: SharedGenerator = Rc::new(RefCell::new(Generator::new(0)));
    let kept = gradus::nn::Dropout::new(0.3, generator).forward(&Tensor::ones(&[12])).unwrap();
    let expected = [0., 0., 1., 0., 1., 0., 1., 1., 1., 1., 1., 1.].map(|k: f64| k * f64::from(1.0f32 / 0.7));
    for (got, want) in kept.to_f64_vec().iter().zip(expected) {
        assert!((got - want).abs() < 1e-6, "{got} is not {want}");
    }
}

#[test]
fn a_split_takes_the_first_rows_of_a_permutation_for_training() {
    // randperm(12) of seed 0, as above; ⌊12 · 0.25⌋ = 3 rows validate.
    let parts = split_indices(12, &[9, 3], &mut Generator::new(0)).unwrap();
    let [train, validation] = &parts[..] else { panic!("two parts") };
    assert_eq!(*train, [8, 0, 5, 9, 7, 4, 2, 10, 3]);
    assert_eq!(*validation, [1, 11, 6]);
}
