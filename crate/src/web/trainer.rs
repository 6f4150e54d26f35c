//! Training from JavaScript: the class `Trainer`.

use super::convert::{failure_error, js_error, object, read_document, rows_from_js, run_error, set};
use crate::experiment::trainer::{Arrays, Failure, Stops, Trainer};
use crate::experiment::{Experiment, ReadOptions, from_value, write};
use crate::tensor::Tensor;
use js_sys::{Array, Float32Array, Object, Promise, Reflect};
use serde_json::Value;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
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
}

/** What a slice of training gave. */
export interface Slice {
    /** The loss of each batch before its update. */
    losses: Float32Array;
    /** Pairs of an epoch, counted from 1, and the loss over the validation rows after it. */
    validation: Float32Array;
    /** Whether the last loss is not finite. */
    diverged: boolean;
}

/** Data given apart from the document, row-major. */
export interface Arrays {
    inputs?: Float32Array;
    targets?: Float32Array;
}
"#;

type Make = fn(Experiment, Option<Arrays>) -> Result<Trainer, Failure>;

/// Losses that `advance` keeps at a time.
const CHUNK: usize = 1 << 14;

/// A training run of an Experiment document.
#[wasm_bindgen(js_name = Trainer)]
pub struct JsTrainer {
    trainer: Trainer,
    /// Losses of `advance`, which hands out only the last
    losses: Vec<f32>,
}

#[wasm_bindgen(js_class = Trainer)]
impl JsTrainer {
    /// A run of a document (JSON text or an object) from its first step. Large data may be given as
    /// Float32Arrays, row-major, instead of the table's rows. Rejects with an `Error` that has
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

    fn new(document: &JsValue, data: &JsValue, make: Make) -> Result<JsTrainer, JsValue> {
        let arrays = arrays_from_js(data)?;
        let options = ReadOptions { external_rows: arrays.is_some() };
        let experiment = read_document(document, options)?;
        let trainer = make(experiment, arrays).map_err(|e| failure_error(&e))?;
        Ok(JsTrainer { trainer, losses: Vec::new() })
    }

    /// Makes `steps` updates, fewer at the end of the run, and resolves to the loss of each batch
    /// before its update. Goes on when a loss is not finite, as PyTorch does.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn run(&mut self, steps: f64) -> Promise {
        let mut losses = Vec::new();
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
        let mut left = steps as usize;
        while left > 0 && !self.trainer.position().finished {
            self.losses.clear();
            self.trainer
                .run(left.min(CHUNK), Stops::default(), &mut self.losses)
                .map_err(|e| run_error(&e))?;
            left -= self.losses.len();
            last = self.losses.last().copied();
        }
        Ok(last)
    }

    /// Trains for about so many milliseconds, at most so many steps, until the end of the run, or to
    /// the first loss that is not finite.
    #[wasm_bindgen(js_name = trainFor, unchecked_return_type = "Slice")]
    pub fn train_for(&mut self, milliseconds: f64, max_steps: f64) -> Result<JsValue, JsValue> {
        let start = now();
        let (mut losses, mut validation) = (Vec::new(), Vec::new());
        let validates = !self.trainer.validation_rows().is_empty();
        let stops = Stops { after_epoch: validates, when_diverged: true };
        let mut diverged = false;
        // As many at a time as fit the time that is left, by the pace so far, and at most twice as many
        // as the last time.
        let mut chunk = 1;
        while (losses.len() as f64) < max_steps && !diverged && !self.trainer.position().finished {
            let most = (max_steps - losses.len() as f64).min(chunk as f64);
            self.trainer.run(most as usize, stops, &mut losses).map_err(|e| run_error(&e))?;
            diverged = losses.last().is_some_and(|loss| !loss.is_finite());
            let position = self.trainer.position();
            if validates
                && position.batch == 0
                && let Some(loss) = self.trainer.validation_loss().map_err(|e| run_error(&e))?
            {
                validation.extend([position.epoch as f32, loss]);
            }
            let spent = now() - start;
            if spent >= milliseconds {
                break;
            }
            // Clocks in browsers are coarse: nothing spent so far says nothing about the pace.
            let fits = losses.len() as f64 * (milliseconds - spent) / spent.max(0.1);
            chunk = (2 * chunk).min((fits as usize).max(1));
        }
        Ok(object([
            ("losses", Float32Array::from(losses.as_slice()).into()),
            ("validation", Float32Array::from(validation.as_slice()).into()),
            ("diverged", diverged.into()),
        ]))
    }

    /// Where the run is.
    #[wasm_bindgen(unchecked_return_type = "Position")]
    pub fn position(&self) -> JsValue {
        let p = self.trainer.position();
        object([
            ("step", (p.step as f64).into()),
            ("epoch", p.epoch.into()),
            ("batch", p.batch.into()),
            ("batchesPerEpoch", p.batches_per_epoch.into()),
            ("totalSteps", (p.total_steps as f64).into()),
            ("finished", p.finished.into()),
        ])
    }

    /// The learning rate of the next update.
    #[wasm_bindgen(js_name = learningRate)]
    pub fn learning_rate(&self) -> f64 {
        self.trainer.learning_rate()
    }

    /// Changes one number of the document during the run: an option of the optimizer or of the
    /// schedule, or the number of epochs. Throws when it is out of range or needs a new run.
    pub fn set(&mut self, path: &str, value: f64) -> Result<(), JsValue> {
        let mut document = write::to_full_value(self.trainer.experiment());
        let field = path.split('.').try_fold(&mut document, |value, name| value.get_mut(name));
        let field = field.filter(|field| field.is_number());
        *field.ok_or_else(|| js_error(&format!("{path}: there is no such number in the document")))? =
            Value::from(value);
        let options = ReadOptions { external_rows: true };
        let experiment =
            from_value(&document, options).map_err(|problems| super::convert::problems_error(&problems))?;
        if self.trainer.update(experiment) {
            Ok(())
        } else {
            Err(js_error(&format!("{path}: cannot change during a run")))
        }
    }

    /// Takes over what a document changes that can change during a run: the optimizer's options, the
    /// schedule, the epochs, the rows to predict for. Returns false, and changes nothing, when anything
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
            let dims: Array = tensor.dims().iter().map(|&n| JsValue::from(n as f64)).collect();
            set(&shapes, &name, &dims);
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

fn array_of(tensor: &Tensor) -> Result<Float32Array, JsValue> {
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
