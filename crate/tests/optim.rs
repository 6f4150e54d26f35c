//! Optimizers and schedules against PyTorch.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod common;

use common::{assert_numbers, fixtures, number, numbers, optional, tensor};
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
fn grouped<U: Update + 'static>(parameters: &[Tensor], mut options: U::Options) -> Box<dyn Optimizer> {
    let mut optimizer = Grouped::<U>::new(parameters[..1].to_vec(), options).unwrap();
    options.set_lr(0.02);
    optimizer.add_param_group(parameters[1..].to_vec(), options).unwrap();
    Box::new(optimizer)
}

fn optimizer(kind: &str, a: &Value, parameters: &[Tensor]) -> Box<dyn Optimizer> {
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
    let mut scheduler = SequentialLR::new(schedules, vec![4, 12], &mut sgd);
    for (epoch, want) in numbers(&fixtures("schedules")["sequential"]).into_iter().enumerate() {
        assert_rate(&format!("epoch {epoch}"), sgd.lr(), want);
        scheduler.step(&mut sgd);
    }
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
