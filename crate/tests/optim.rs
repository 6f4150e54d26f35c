//! Optimizers and schedules against PyTorch.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod common;

use common::{assert_close, assert_numbers, fixtures, number, numbers, optional, tensor};
use gradus::optim::*;
use gradus::tensor::Tensor;
use serde_json::Value;

fn set(value: &Value, field: &mut f64) {
    if let Some(v) = value.as_f64() {
        *field = v;
    }
}

fn set_flag(value: &Value, field: &mut bool) {
    if let Some(v) = value.as_bool() {
        *field = v;
    }
}

/// Two groups, one parameter each; the second has a learning rate of 0.02.
fn grouped<U: Update + 'static>(parameters: &[Tensor], mut options: U::Options) -> Box<dyn AnyOptimizer> {
    let mut optimizer = Grouped::<U>::new(parameters[..1].to_vec(), options).unwrap();
    options.set_lr(0.02);
    optimizer.add_param_group(parameters[1..].to_vec(), options).unwrap();
    Box::new(optimizer)
}

/// What the test needs of every kind of optimizer.
trait AnyOptimizer: Optimizer {
    fn save(&self) -> OptimizerState;
    fn load(&mut self, state: &OptimizerState);
}

impl<U: Update> AnyOptimizer for Grouped<U> {
    fn save(&self) -> OptimizerState {
        self.state_dict()
    }

    fn load(&mut self, state: &OptimizerState) {
        self.load_state_dict(state).unwrap();
    }
}

fn optimizer(kind: &str, a: &Value, parameters: &[Tensor]) -> Box<dyn AnyOptimizer> {
    match kind {
        "SGD" => {
            let mut o = SgdOptions { lr: 0.05, ..Default::default() };
            set(&a["momentum"], &mut o.momentum);
            set(&a["dampening"], &mut o.dampening);
            set(&a["weight_decay"], &mut o.weight_decay);
            set_flag(&a["nesterov"], &mut o.nesterov);
            set_flag(&a["maximize"], &mut o.maximize);
            grouped::<SgdUpdate>(parameters, o)
        }
        "Adam" | "AdamW" => {
            let defaults = if kind == "Adam" { AdamOptions::default() } else { AdamOptions::adamw() };
            let mut o = AdamOptions { lr: 0.05, ..defaults };
            if let Some(betas) = a["betas"].as_array() {
                o.betas = (number(&betas[0]), number(&betas[1]));
            }
            set(&a["eps"], &mut o.eps);
            set(&a["weight_decay"], &mut o.weight_decay);
            set_flag(&a["amsgrad"], &mut o.amsgrad);
            set_flag(&a["maximize"], &mut o.maximize);
            grouped::<AdamUpdate>(parameters, o)
        }
        "RMSprop" => {
            let mut o = RMSpropOptions { lr: 0.05, ..Default::default() };
            set(&a["alpha"], &mut o.alpha);
            set(&a["eps"], &mut o.eps);
            set(&a["momentum"], &mut o.momentum);
            set(&a["weight_decay"], &mut o.weight_decay);
            set_flag(&a["centered"], &mut o.centered);
            set_flag(&a["maximize"], &mut o.maximize);
            grouped::<RMSpropUpdate>(parameters, o)
        }
        _ => {
            let mut o = AdagradOptions { lr: 0.05, ..Default::default() };
            set(&a["lr_decay"], &mut o.lr_decay);
            set(&a["initial_accumulator_value"], &mut o.initial_accumulator_value);
            set(&a["eps"], &mut o.eps);
            set(&a["weight_decay"], &mut o.weight_decay);
            set_flag(&a["maximize"], &mut o.maximize);
            grouped::<AdagradUpdate>(parameters, o)
        }
    }
}

#[test]
fn every_optimizer_with_every_option_takes_pytorchs_steps() {
    let file = fixtures("optimizers");
    for case in file["cases"].as_array().unwrap() {
        let start = file["start"].as_array().unwrap().iter().map(tensor);
        let parameters: Vec<Tensor> = start.map(|p| p.requires_grad_(true).unwrap()).collect();
        let mut optimizer = optimizer(case["kind"].as_str().unwrap(), &case["args"], &parameters);
        let steps = case["steps"].as_array().unwrap();
        assert_eq!(steps.len(), 12);
        for (i, (step, grads)) in steps.iter().zip(file["grads"].as_array().unwrap()).enumerate() {
            for (p, grad) in parameters.iter().zip(grads.as_array().unwrap()) {
                p.set_grad(optional(grad));
            }
            optimizer.step().unwrap();
            for (p, want) in parameters.iter().zip(step.as_array().unwrap()) {
                let what = format!("{} after step {}", case["name"], i + 1);
                assert_numbers(&what, &p.to_f64_vec(), &numbers(want));
            }
        }
        optimizer.zero_grad();
        assert!(parameters.iter().all(|p| p.grad().is_none()));
    }
}

/// A saved state in the form of the fixtures.
fn assert_state(what: &str, got: &OptimizerState, want: &Value) {
    let numbers_of: Vec<String> = got.state.keys().map(usize::to_string).collect();
    let mut wanted: Vec<&String> = want["state"].as_object().unwrap().keys().collect();
    wanted.sort();
    assert_eq!(numbers_of.iter().collect::<Vec<_>>(), wanted, "{what}");
    for (number, entries) in &got.state {
        let want = want["state"][number.to_string()].as_object().unwrap();
        let names: Vec<&String> = entries.iter().map(|(name, _)| name).collect();
        let mut sorted = names.clone();
        sorted.sort();
        let mut wanted: Vec<&String> = want.keys().collect();
        wanted.sort();
        assert_eq!(sorted, wanted, "{what}");
        for (name, tensor) in entries {
            assert_close(&format!("{what}: {name} of {number}"), tensor, &want[name]);
        }
    }
    let groups = want["param_groups"].as_array().unwrap();
    assert_eq!(got.param_groups.len(), groups.len());
    for (group, want) in got.param_groups.iter().zip(groups) {
        assert_eq!(serde_json::json!(group.params), want["params"]);
        assert_eq!(group.options.len() + 1, want.as_object().unwrap().len(), "{what}: {want}");
        for (name, value) in &group.options {
            let same = match *value {
                OptionValue::Number(v) => v == number(&want[name]),
                OptionValue::Bool(v) => want[name] == v,
                OptionValue::Pair(a, b) => numbers(&want[name]) == [a, b],
            };
            assert!(same, "{what}: {name} is {value:?}, not {}", want[name]);
        }
    }
}

#[test]
fn a_state_dict_has_pytorchs_names_structure_and_numbers_before_and_after_training() {
    let file = fixtures("optimizers");
    for case in file["cases"].as_array().unwrap() {
        let start = file["start"].as_array().unwrap().iter().map(tensor);
        let parameters: Vec<Tensor> = start.map(|p| p.requires_grad_(true).unwrap()).collect();
        let mut optimizer = optimizer(case["kind"].as_str().unwrap(), &case["args"], &parameters);
        let name = case["name"].as_str().unwrap();
        assert_state(&format!("{name} at first"), &optimizer.save(), &case["states"]["first"]);
        for grads in file["grads"].as_array().unwrap() {
            for (p, grad) in parameters.iter().zip(grads.as_array().unwrap()) {
                p.set_grad(optional(grad));
            }
            optimizer.step().unwrap();
        }
        assert_state(&format!("{name} at last"), &optimizer.save(), &case["states"]["last"]);
    }
}

#[test]
fn an_optimizer_that_is_loaded_goes_on_as_the_one_that_was_saved() {
    let file = fixtures("optimizers");
    let grads = file["grads"].as_array().unwrap();
    for case in file["cases"].as_array().unwrap() {
        let (kind, args) = (case["kind"].as_str().unwrap(), &case["args"]);
        let start = file["start"].as_array().unwrap().iter().map(tensor);
        let mut parameters: Vec<Tensor> = start.map(|p| p.requires_grad_(true).unwrap()).collect();
        let mut one = optimizer(kind, args, &parameters);
        for (i, grads) in grads.iter().enumerate() {
            if i == 6 {
                // Other tensors, a new optimizer with no options: everything comes from the state.
                let copies =
                    parameters.iter().map(|p| Tensor::from_vec(p.to_vec::<f32>().unwrap(), p.dims()));
                parameters = copies.map(|p| p.unwrap().requires_grad_(true).unwrap()).collect();
                let saved = one.save();
                one = optimizer(kind, &Value::Null, &parameters);
                one.load(&saved);
            }
            for (p, grad) in parameters.iter().zip(grads.as_array().unwrap()) {
                p.set_grad(optional(grad));
            }
            one.step().unwrap();
        }
        for (p, want) in parameters.iter().zip(case["steps"][11].as_array().unwrap()) {
            assert_numbers(case["name"].as_str().unwrap(), &p.to_f64_vec(), &numbers(want));
        }
    }
}

#[test]
fn a_state_that_does_not_fit_is_refused_in_pytorchs_words_and_changes_nothing() {
    let parameter = |n: usize| Tensor::zeros(&[n]).requires_grad_(true).unwrap();
    let options = SgdOptions { lr: 0.1, momentum: 0.9, ..Default::default() };
    let mut sgd = SGD::new(vec![parameter(2)], options).unwrap();
    let message = |result: gradus::error::Result<()>| result.unwrap_err().to_string();
    let two = two_groups().state_dict();
    let error = message(sgd.load_state_dict(&two));
    assert_eq!(error, "loaded state dict has a different number of parameter groups");
    let larger = SGD::new(vec![parameter(2), parameter(2)], options).unwrap().state_dict();
    let error = message(sgd.load_state_dict(&larger));
    let expected =
        "loaded state dict contains a parameter group that doesn't match the size of optimizer's group";
    assert_eq!(error, expected);
    let mut other = SGD::new(vec![parameter(3)], SgdOptions { lr: 0.5, ..options }).unwrap();
    other.parameters()[0].set_grad(Some(Tensor::ones(&[3])));
    other.step().unwrap();
    assert!(message(sgd.load_state_dict(&other.state_dict())).contains("[3]"));
    assert_eq!(sgd.lr(), 0.1);
    let mut wrong = sgd.state_dict();
    wrong.param_groups[0].options[0].1 = OptionValue::Bool(true);
    assert!(sgd.load_state_dict(&wrong).is_err());
    // What another optimizer has, as PyTorch's `foreach`, is left out.
    let mut more = sgd.state_dict();
    more.param_groups[0].options.push(("foreach".into(), OptionValue::Bool(true)));
    sgd.load_state_dict(&more).unwrap();
}

fn two_groups() -> SGD {
    let parameter = || vec![Tensor::zeros(&[1]).requires_grad_(true).unwrap()];
    let mut sgd = SGD::new(parameter(), SgdOptions { lr: 0.1, ..Default::default() }).unwrap();
    sgd.add_param_group(parameter(), SgdOptions { lr: 0.5, ..Default::default() }).unwrap();
    sgd
}

fn count(value: &Value) -> u32 {
    value.as_u64().unwrap() as u32
}

fn schedule(kind: &str, a: &Value) -> Schedule {
    match kind {
        "Step" => Schedule::Step { step_size: count(&a["step_size"]), gamma: number(&a["gamma"]) },
        "MultiStep" => Schedule::MultiStep {
            milestones: a["milestones"].as_array().unwrap().iter().map(count).collect(),
            gamma: number(&a["gamma"]),
        },
        "Exponential" => Schedule::Exponential { gamma: number(&a["gamma"]) },
        "Cosine" => Schedule::Cosine { t_max: count(&a["t_max"]), eta_min: number(&a["eta_min"]) },
        "Linear" => Schedule::Linear {
            start_factor: number(&a["start_factor"]),
            end_factor: number(&a["end_factor"]),
            total_iters: count(&a["total_iters"]),
        },
        "Polynomial" => {
            Schedule::Polynomial { total_iters: count(&a["total_iters"]), power: number(&a["power"]) }
        }
        "CosineRestarts" => Schedule::CosineRestarts {
            t_0: count(&a["t_0"]),
            t_mult: count(&a["t_mult"]),
            eta_min: number(&a["eta_min"]),
        },
        _ => Schedule::Constant { factor: number(&a["factor"]), total_iters: count(&a["total_iters"]) },
    }
}

fn assert_rate(what: &str, got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-14, "{what}: {got} is not {want}");
}

#[test]
fn every_schedule_gives_pytorchs_first_twenty_rates_to_every_group() {
    for case in fixtures("schedules")["cases"].as_array().unwrap() {
        let schedule = schedule(case["kind"].as_str().unwrap(), &case["args"]);
        let mut sgd = two_groups();
        let mut scheduler = LRScheduler::new(schedule.clone(), &mut sgd);
        let rates = case["rates"].as_array().unwrap();
        assert_eq!(rates.len(), 20);
        for (epoch, want) in rates.iter().map(numbers).enumerate() {
            for (group, base) in [0.1, 0.5].into_iter().enumerate() {
                let what = format!("{schedule:?}, epoch {epoch}, group {group}");
                assert_rate(&what, sgd.lrs()[group], want[group]);
                assert_rate(&format!("{what}, closed form"), schedule.rate(base, epoch as u32), want[group]);
            }
            scheduler.step(&mut sgd);
        }
        assert_eq!(scheduler.epoch(), 20);
    }
}

#[test]
fn schedules_in_sequence_give_pytorchs_rates() {
    let parameter = vec![Tensor::zeros(&[1]).requires_grad_(true).unwrap()];
    let mut sgd = SGD::new(parameter, SgdOptions { lr: 0.1, ..Default::default() }).unwrap();
    let schedules = vec![
        Schedule::Linear { start_factor: 0.1, end_factor: 1.0, total_iters: 4 },
        Schedule::Cosine { t_max: 6, eta_min: 0.01 },
        Schedule::Exponential { gamma: 0.5 },
    ];
    assert!(SequentialLR::new(schedules.clone(), vec![4], &mut sgd).is_err());
    let mut scheduler = SequentialLR::new(schedules, vec![4, 12], &mut sgd).unwrap();
    for (epoch, want) in numbers(&fixtures("schedules")["sequential"]).into_iter().enumerate() {
        assert_rate(&format!("epoch {epoch}"), sgd.lr(), want);
        scheduler.step(&mut sgd);
    }
}

#[test]
fn functions_of_the_epoch_give_pytorchs_rates_and_one_or_one_for_each_group_is_taken() {
    let file = fixtures("schedules");
    let check = |sgd: &SGD, want: &Value, epoch: usize| {
        for (got, want) in sgd.lrs().into_iter().zip(numbers(&want[epoch])) {
            assert_rate(&format!("epoch {epoch}"), got, want);
        }
    };
    let mut sgd = two_groups();
    let mut lambda = LambdaLR::new(
        vec![Box::new(|e| 0.95f64.powi(e as i32)), Box::new(|e| 1.0 / (1.0 + f64::from(e)))],
        &mut sgd,
    )
    .unwrap();
    for epoch in 0..12 {
        check(&sgd, &file["functions"]["lambda"], epoch);
        lambda.step(&mut sgd);
    }
    let mut sgd = two_groups();
    let factor = |e: u32| if e.is_multiple_of(2) { 1.05 } else { 0.9 };
    let mut scheduler = MultiplicativeLR::new(vec![Box::new(factor)], &sgd).unwrap();
    for epoch in 0..12 {
        check(&sgd, &file["functions"]["multiplicative"], epoch);
        scheduler.step(&mut sgd);
    }
    let three = (0..3).map(|_| Box::new(factor) as Box<dyn Fn(u32) -> f64>).collect();
    let error = MultiplicativeLR::new(three, &sgd).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "Expected 2 lr_lambdas, but got 3");
}

#[test]
fn a_scheduler_that_is_loaded_goes_on_where_the_saved_one_was() {
    let schedule = Schedule::Cosine { t_max: 7, eta_min: 0.01 };
    let mut sgd = two_groups();
    let mut scheduler = LRScheduler::new(schedule.clone(), &mut sgd);
    (0..3).for_each(|_| scheduler.step(&mut sgd));
    let mut again = two_groups();
    let mut loaded = LRScheduler::new(schedule, &mut again);
    loaded.load_state_dict(&scheduler.state_dict());
    again.load_state_dict(&sgd.state_dict()).unwrap();
    assert_eq!(scheduler.state_dict().base_lrs, [0.1, 0.5]);
    for _ in 0..10 {
        scheduler.step(&mut sgd);
        loaded.step(&mut again);
        assert_eq!(sgd.lrs(), again.lrs());
    }
    let mut plateau = ReduceLROnPlateau::new(PlateauOptions { patience: 1, ..Default::default() });
    [1.0, 0.5, 0.6].into_iter().for_each(|metric| plateau.step(metric, &mut sgd));
    let state = plateau.state_dict();
    assert_eq!((state.best, state.num_bad_epochs, state.last_epoch), (0.5, 1, 3));
    let mut loaded = ReduceLROnPlateau::new(PlateauOptions { patience: 1, ..Default::default() });
    loaded.load_state_dict(&state);
    loaded.step(0.7, &mut sgd);
    plateau.step(0.7, &mut again);
    assert_eq!(sgd.lrs(), again.lrs());
}

#[test]
fn a_plateau_lowers_the_rate_when_pytorch_lowers_it() {
    let file = fixtures("schedules");
    for case in file["plateaus"].as_array().unwrap() {
        let a = &case["args"];
        let mut o = PlateauOptions::default();
        if a["mode"] == "max" {
            o.mode = PlateauMode::Max;
        }
        if a["threshold_mode"] == "abs" {
            o.threshold_mode = ThresholdMode::Abs;
        }
        o.patience = a["patience"].as_u64().map_or(o.patience, |v| v as u32);
        o.cooldown = a["cooldown"].as_u64().map_or(o.cooldown, |v| v as u32);
        set(&a["factor"], &mut o.factor);
        set(&a["threshold"], &mut o.threshold);
        set(&a["min_lr"], &mut o.min_lr);
        set(&a["eps"], &mut o.eps);
        let parameter = vec![Tensor::zeros(&[1]).requires_grad_(true).unwrap()];
        let mut sgd = SGD::new(parameter, SgdOptions { lr: 0.1, ..Default::default() }).unwrap();
        let mut plateau = ReduceLROnPlateau::new(o);
        for (metric, want) in numbers(&file["metrics"]).into_iter().zip(numbers(&case["rates"])) {
            plateau.step(metric, &mut sgd);
            assert_rate(&format!("{a} at {metric}"), sgd.lr(), want);
        }
    }
}

#[test]
fn options_out_of_range_are_refused_in_pytorchs_words() {
    let message = |result: gradus::error::Result<()>| result.unwrap_err().to_string();
    let sgd = |o: SgdOptions| SGD::new(Vec::new(), o).map(|_| ());
    assert_eq!(message(sgd(SgdOptions { lr: -1.0, ..Default::default() })), "Invalid learning rate: -1.0");
    assert_eq!(
        message(sgd(SgdOptions { nesterov: true, ..Default::default() })),
        "Nesterov momentum requires a momentum and zero dampening"
    );
    let adam = AdamOptions { betas: (0.9, 1.0), ..Default::default() };
    assert_eq!(message(Adam::new(Vec::new(), adam).map(|_| ())), "Invalid beta parameter at index 1: 1.0");
    let p = Tensor::zeros(&[1]).requires_grad_(true).unwrap();
    let mut twice = SGD::new(vec![p.clone()], SgdOptions::default()).unwrap();
    let error = twice.add_param_group(vec![p], SgdOptions::default()).map(|_| ());
    assert_eq!(message(error), "some parameters appear in more than one parameter group");
}
