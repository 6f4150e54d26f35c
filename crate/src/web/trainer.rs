//! Training from JavaScript: the class `Trainer`.

use super::checkpoint::{Curves, checkpoint_from_js, checkpoint_to_js, curve_to_js};
use super::convert::{
    failure_error, js_error, json_text, object, problems_error, read_document, rows_from_js, run_error, set,
    to_js,
};
use crate::experiment::history::{EpochMeans, History};
use crate::experiment::trainer::{Arrays, Failure, Stops, Trainer};
use crate::experiment::{Experiment, Problems, ReadOptions, compare};
use crate::tensor::Tensor;
use js_sys::{Array, Float32Array, Object, Promise, Reflect};
use serde_json::Value;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    pub(super) fn now() -> f64;
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Where a training run is. */
export interface Position {
    /** Updates done. */
    step: number;
    /** Whole passes over the training rows. */
    epoch: number;
    /** Updates done in the current pass. */
    batch: number;
    batchesPerEpoch: number;
    totalSteps: number;
    finished: boolean;
    /** What stopped it before all epochs were done: the loss, or the patience with the validation loss. */
    over: 'loss' | 'patience' | null;
}

/** How a slice of training ended. */
export interface Slice {
    /** The last batch's loss before its update; NaN when no step was made. */
    loss: number;
    /** Whether it is not finite. */
    diverged: boolean;
}

/**
 * What a curve has become since the last time. The first 16,384 losses are kept one by one; where there are
 * more, in at most 4,096 buckets of as many as a power of two, whatever the portions were in which they came.
 */
export interface CurveChange {
    /** Losses in all. */
    length: number;
    /** Losses that a bucket stands for; the last bucket can still have fewer. */
    bucket: number;
    /** The first bucket that has changed, counted from 0: those from here on are below. */
    from: number;
    /** The lowest and the highest finite loss of each bucket in their order: their numbers, from 1 on. Empty
     * where a bucket is one loss. */
    x: Float64Array;
    /** These losses. */
    y: Float32Array;
    /** The last loss of each bucket. */
    last: Float32Array;
}

/** Losses of steps, and losses over the validation rows after each epoch. */
export interface Changes {
    train: CurveChange;
    validation: CurveChange;
    /** The mean of each epoch's losses; nothing where an epoch is one step. */
    epochs: CurveChange;
}

/** Data given apart from the document, row-major. */
export interface Arrays {
    inputs?: Float32Array;
    targets?: Float32Array;
}
"#;

type Make = fn(Experiment, Option<Arrays>) -> Result<Trainer, Failure>;

/// Losses that `advance` and `trainFor` have before them at a time.
const CHUNK: usize = 1 << 14;

/// Losses that `run` gives at most: 400 MB.
const MOST_LOSSES: u64 = 100_000_000;

/// A training run of an Experiment document.
#[wasm_bindgen(js_name = Trainer)]
pub struct JsTrainer {
    pub(super) trainer: Trainer,
    /// Losses of `advance` and `trainFor`, a portion at a time
    pub(super) losses: Vec<f32>,
    /// What the steps of `trainFor` have left behind
    curves: Curves,
    /// Batches of the epoch that the last steps were of
    batches: usize,
    /// Steps a millisecond on WebGPU, by the last slice there
    #[cfg(feature = "webgpu")]
    pub(super) device_pace: f64,
}

#[wasm_bindgen(js_class = Trainer)]
impl JsTrainer {
    /// A run of a document (JSON text or an object) from its first step. Large data may be given as
    /// Float32Arrays, row-major, instead of the rows of a table or of a bundled set. Rejects with an `Error` that has
    /// `problems: Problem[]`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Trainer>")]
    pub fn create(
        #[wasm_bindgen(unchecked_param_type = "string | object")] document: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Arrays")] data: JsValue,
    ) -> Promise {
        promise(JsTrainer::new(document, &data, Trainer::new).map(JsValue::from))
    }

    /// As `create`, but every step goes through the tensors themselves, with nothing captured: slower, to
    /// the same numbers.
    #[wasm_bindgen(js_name = createEager, unchecked_return_type = "Promise<Trainer>")]
    pub fn create_eager(
        #[wasm_bindgen(unchecked_param_type = "string | object")] document: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Arrays")] data: JsValue,
    ) -> Promise {
        promise(JsTrainer::new(document, &data, Trainer::eager).map(JsValue::from))
    }

    /// A run that goes on from what `checkpoint` gave, here or in another page, for the same document with
    /// the same data: to the numbers of the run itself, bit for bit. Rejects when it does not fit.
    #[wasm_bindgen(unchecked_return_type = "Promise<Trainer>")]
    pub fn resume(
        #[wasm_bindgen(unchecked_param_type = "string | object")] document: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Arrays | undefined")] data: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Checkpoint")] from: &JsValue,
    ) -> Promise {
        let resumed = JsTrainer::new(document, data, Trainer::new).and_then(|mut run| {
            let (checkpoint, curves) = checkpoint_from_js(from)?;
            run.trainer.resume(&checkpoint).map_err(|e| failure_error(&e))?;
            run.curves = curves;
            Ok(JsValue::from(run))
        });
        promise(resumed)
    }

    /// What the run has become, its curves included; a structured clone can be kept or sent. Throws for
    /// runs by finite differences.
    #[wasm_bindgen(unchecked_return_type = "Checkpoint")]
    pub fn checkpoint(&mut self) -> Result<JsValue, JsValue> {
        let checkpoint = self.trainer.checkpoint().map_err(|e| run_error(&e))?;
        Ok(checkpoint_to_js(&checkpoint, &self.curves))
    }

    fn new(document: &JsValue, data: &JsValue, make: Make) -> Result<JsTrainer, JsValue> {
        let arrays = arrays_from_js(data)?;
        let options = ReadOptions { external_rows: arrays.is_some() };
        let experiment = read_document(document, options)?;
        let trainer = make(experiment, arrays).map_err(|e| failure_error(&e))?;
        Ok(JsTrainer {
            trainer,
            losses: Vec::new(),
            curves: Curves::default(),
            batches: 1,
            #[cfg(feature = "webgpu")]
            device_pace: 0.0,
        })
    }

    /// Makes `steps` updates, fewer at the end of the run, and resolves to the loss of each batch
    /// before its update. Goes on when a loss is not finite, as PyTorch does. Rejects when that would be
    /// more losses than a browser has room for; `advance` has no such bound.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn run(&mut self, steps: f64) -> Promise {
        let mut losses = Vec::new();
        let position = self.trainer.position();
        let asked = (steps as u64).min(position.total_steps - position.step);
        if asked > MOST_LOSSES {
            let message = format!("run: at most {MOST_LOSSES} losses at a time, got {asked} steps");
            return promise(Err(js_error(&message)));
        }
        match self.trainer.run(steps as usize, Stops::default(), &mut losses) {
            Ok(()) => promise(Ok(Float32Array::from(losses.as_slice()).into())),
            Err(error) => promise(Err(run_error(&error))),
        }
    }

    /// Makes `steps` updates, fewer at the end of the run, and returns the last batch's loss before
    /// its update: what `run` resolves to at its end, without the way of the others to JavaScript.
    /// Undefined when no step was made.
    pub fn advance(&mut self, steps: f64) -> Result<Option<f32>, JsValue> {
        let mut last = None;
        let mut left = steps as u64;
        while left > 0 && !self.trainer.position().finished {
            self.losses.clear();
            let most = left.min(CHUNK as u64) as usize;
            self.trainer.run(most, Stops::default(), &mut self.losses).map_err(|e| run_error(&e))?;
            left -= self.losses.len() as u64;
            last = self.losses.last().copied();
        }
        Ok(last)
    }

    /// Trains for about so many milliseconds, at most so many steps, until the end of the run, or to
    /// the first loss that is not finite. The losses are in `changes`.
    #[wasm_bindgen(js_name = trainFor, unchecked_return_type = "Slice")]
    pub fn train_for(&mut self, milliseconds: f64, max_steps: f64) -> Result<JsValue, JsValue> {
        let start = now();
        let validates = !self.trainer.validation_rows().is_empty();
        let (most, mut made) = (max_steps as u64, 0);
        let (mut loss, mut diverged) = (f32::NAN, false);
        // As many at a time as fit the time that is left, by the pace so far, and at most twice as many
        // as the last time.
        let mut chunk = 1;
        while made < most && !diverged && !self.trainer.position().finished {
            let mut left = chunk.min(CHUNK as u64).min(most - made);
            made += left;
            while left > 0 && !diverged && !self.trainer.position().finished {
                let last = self.train(left as usize, validates)?;
                (loss, diverged) = (last, !last.is_finite());
                left -= self.losses.len() as u64;
            }
            let spent = now() - start;
            if spent >= milliseconds {
                break;
            }
            // Clocks in browsers are coarse: nothing spent so far says nothing about the pace.
            let fits = made as f64 * (milliseconds - spent) / spent.max(0.1);
            chunk = (2 * chunk).min((fits as u64).max(1));
        }
        Ok(object([("loss", loss.into()), ("diverged", diverged.into())]))
    }

    /// Up to so many steps, to the end of the epoch where something `validates` then, or to a loss that is
    /// not finite: the last loss.
    fn train(&mut self, steps: usize, validates: bool) -> Result<f32, JsValue> {
        let stops = self.before_steps(validates);
        let result = self.trainer.run(steps, stops, &mut self.losses);
        self.after_steps(result.map_err(|e| run_error(&e)), validates)
    }

    /// What ends the next steps.
    pub(super) fn before_steps(&mut self, validates: bool) -> Stops {
        // All of these losses are of epochs with as many batches.
        let changes = self.trainer.changes_batches();
        let batches = self.trainer.position().batches_per_epoch;
        if batches > 1 && self.trainer.position().epoch > 0 && self.curves.epochs.history().length() == 0 {
            // The epochs before had one each.
            self.curves.epochs = EpochMeans::of(&self.curves.history);
        }
        self.losses.clear();
        self.batches = batches;
        Stops { after_epoch: validates || changes, when_diverged: true }
    }

    /// Takes the losses of steps into the curves: the last one.
    pub(super) fn after_steps(
        &mut self,
        result: Result<(), JsValue>,
        validates: bool,
    ) -> Result<f32, JsValue> {
        self.curves.history.extend(&self.losses);
        if self.batches > 1 || self.curves.epochs.history().length() > 0 {
            self.curves.epochs.extend(&self.losses, self.batches);
        }
        result?;
        if validates
            && self.trainer.position().batch == 0
            && let Some(loss) = self.trainer.validation_loss().map_err(|e| run_error(&e))?
        {
            self.curves.validation.extend(&[loss]);
        }
        Ok(self.losses.last().copied().unwrap_or(f32::NAN))
    }

    /// What the steps of `trainFor` have added to the curves since the last call, or since `reset`.
    #[wasm_bindgen(unchecked_return_type = "Changes")]
    pub fn changes(&mut self) -> JsValue {
        object([
            ("train", changes(&mut self.curves.history)),
            ("validation", changes(&mut self.curves.validation)),
            ("epochs", changes(self.curves.epochs.history())),
        ])
    }

    /// Where the run is.
    #[wasm_bindgen(unchecked_return_type = "Position")]
    pub fn position(&self) -> JsValue {
        to_js(&self.trainer.position())
    }

    /// The learning rate of the next update.
    #[wasm_bindgen(js_name = learningRate)]
    pub fn learning_rate(&self) -> f64 {
        self.trainer.learning_rate()
    }

    /// Changes one number of the document during the run: an option of the optimizer or of the
    /// schedule, or the number of epochs. Throws when it is out of range or needs a new run.
    pub fn set(&mut self, path: &str, value: f64) -> Result<(), JsValue> {
        self.take_over(&[(path.to_string(), Value::from(value))])
    }

    /// Changes several fields of the document during the run, named by their paths: whatever `update` takes over.
    /// All of them, or, where one is wrong or needs a new run, none: then it throws.
    pub fn change(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Record<string, unknown>")] fields: &JsValue,
    ) -> Result<(), JsValue> {
        let fields: Value = serde_json::from_str(&json_text(fields)?).unwrap_or_default();
        let fields = fields.as_object().ok_or_else(|| js_error("change: expected an object of fields"))?;
        let set: Vec<_> = fields.iter().map(|(path, value)| (path.clone(), value.clone())).collect();
        self.take_over(&set)
    }

    fn take_over(&mut self, set: &[(String, Value)]) -> Result<(), JsValue> {
        let failed = |problems: Problems| problems_error(&problems);
        if self.trainer.update(compare::changed(self.trainer.experiment(), set).map_err(failed)?) {
            return Ok(());
        }
        let paths: Vec<&str> = set.iter().map(|(path, _)| path.as_str()).collect();
        Err(js_error(&format!("{}: cannot change during a run", paths.join(", "))))
    }

    /// Sets one element of a parameter (`0.weight`, row-major); the run goes on from there.
    #[wasm_bindgen(js_name = setParameter)]
    pub fn set_parameter(&mut self, name: &str, index: usize, value: f32) -> Result<(), JsValue> {
        self.trainer.set_parameter(name, index, value).map_err(|e| run_error(&e))
    }

    /// Takes over what a document changes that can change during a run: the optimizer's options, the
    /// schedule, the epochs, when it stops, batch size and shuffling, the rows to predict for. Returns false, and changes nothing, when anything
    /// else differs: that needs a new Trainer.
    pub fn update(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "string | object")] document: &JsValue,
    ) -> Result<bool, JsValue> {
        let options = ReadOptions { external_rows: true };
        Ok(self.trainer.update(read_document(document, options)?))
    }

    /// Back to the first step and the same initial parameters.
    pub fn reset(&mut self) -> Result<(), JsValue> {
        self.curves = Curves::default();
        self.trainer.reset().map_err(|e| failure_error(&e))
    }

    /// The model's raw outputs for rows of inputs, row-major.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn predict(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number[][] | Float32Array")] rows: &JsValue,
    ) -> Promise {
        let output = rows_from_js(rows)
            .and_then(|rows| self.trainer.predict(&rows).map_err(|e| run_error(&e)))
            .and_then(|output| array_of(&output));
        promise(output.map(JsValue::from))
    }

    /// The model's raw outputs for every row of the data, in its order, row-major.
    pub fn predictions(&self) -> Result<Float32Array, JsValue> {
        array_of(&self.trainer.predictions().map_err(|e| run_error(&e))?)
    }

    /// Which rows of the data are held out for validation.
    #[wasm_bindgen(js_name = validationRows)]
    pub fn validation_rows(&self) -> Vec<u32> {
        self.trainer.validation_rows().into_iter().map(|i| i as u32).collect()
    }

    /// The parameters now, by PyTorch's names, row-major; with the floating-point buffers.
    #[wasm_bindgen(unchecked_return_type = "Record<string, Float32Array>")]
    pub fn parameters(&self) -> Result<JsValue, JsValue> {
        let parameters: JsValue = Object::new().into();
        for (name, tensor) in self.trainer.parameters() {
            set(&parameters, &name, &array_of(&tensor)?.into());
        }
        Ok(parameters)
    }

    /// The parameters before the first step.
    #[wasm_bindgen(js_name = initialParameters, unchecked_return_type = "Record<string, Float32Array>")]
    pub fn initial_parameters(&self) -> JsValue {
        let initial = self.trainer.initial_parameters();
        object(initial.iter().map(|(name, v)| (name.as_str(), Float32Array::from(v.as_slice()).into())))
    }

    /// The shapes of the parameters.
    #[wasm_bindgen(unchecked_return_type = "Record<string, number[]>")]
    pub fn shapes(&self) -> JsValue {
        let shapes: JsValue = Object::new().into();
        for (name, tensor) in self.trainer.parameters() {
            set(&shapes, &name, &shape_of(&tensor));
        }
        shapes
    }
}

fn promise(result: Result<JsValue, JsValue>) -> Promise {
    match result {
        Ok(value) => Promise::resolve(&value),
        Err(error) => Promise::reject(&error),
    }
}

fn changes(history: &mut History) -> JsValue {
    let (length, size) = (history.length(), history.bucket_size());
    let (from, buckets) = history.changes();
    curve_to_js(length, size, from, buckets)
}

pub(super) fn shape_of(tensor: &Tensor) -> Array {
    tensor.dims().iter().map(|&n| JsValue::from(n as f64)).collect()
}

pub(super) fn array_of(tensor: &Tensor) -> Result<Float32Array, JsValue> {
    let values = tensor.to_vec::<f32>().map_err(|e| run_error(&e))?;
    Ok(Float32Array::from(values.as_slice()))
}

/// `{inputs, targets}`, both or none.
fn arrays_from_js(data: &JsValue) -> Result<Option<Arrays>, JsValue> {
    if data.is_undefined() || data.is_null() {
        return Ok(None);
    }
    let array = |name: &str| -> Result<Option<Vec<f32>>, JsValue> {
        let value = Reflect::get(data, &JsValue::from_str(name))
            .map_err(|_| js_error("data: expected an object with inputs and targets"))?;
        if value.is_undefined() || value.is_null() {
            return Ok(None);
        }
        let array = value.dyn_ref::<Float32Array>();
        array
            .map(|a| Some(a.to_vec()))
            .ok_or_else(|| js_error(&format!("data.{name}: expected a Float32Array")))
    };
    match (array("inputs")?, array("targets")?) {
        (Some(inputs), Some(targets)) => Ok(Some(Arrays { inputs, targets })),
        (None, None) => Ok(None),
        (None, _) => Err(js_error("data.inputs: is required with data.targets")),
        (_, None) => Err(js_error("data.targets: is required with data.inputs")),
    }
}
