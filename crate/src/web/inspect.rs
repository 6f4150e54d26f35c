//! Looking into a run from JavaScript: more methods of the class `Trainer`.

use super::convert::{object, rows_from_js, run_error, set};
use super::trainer::{JsTrainer, array_of, shape_of};
use crate::experiment::inspect::Activation;
use js_sys::{Array, Float32Array, Object};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** The output of one layer. */
export interface Activation {
    /** The layer's name: `0`. */
    name: string;
    /** Its class: `ReLU`. */
    kind: string;
    /** `[rows, …]` */
    shape: number[];
    values: Float32Array;
}
"#;

#[wasm_bindgen(js_class = Trainer)]
impl JsTrainer {
    /// The output of every layer for rows of inputs, without dropout. The run is not disturbed.
    #[wasm_bindgen(unchecked_return_type = "Activation[]")]
    pub fn activations(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number[][] | Float32Array")] rows: &JsValue,
    ) -> Result<Array, JsValue> {
        to_js(self.trainer.activations(&rows_from_js(rows)?))
    }

    /// The same for so many rows of the data, from one on, counted from 0.
    #[wasm_bindgen(js_name = rowActivations, unchecked_return_type = "Activation[]")]
    pub fn row_activations(&self, from: usize, count: usize) -> Result<Array, JsValue> {
        to_js(self.trainer.row_activations(from, count))
    }

    /// The gradient of the loss over all training rows, by the parameters' names. The run is not
    /// disturbed.
    #[wasm_bindgen(unchecked_return_type = "Record<string, Float32Array>")]
    pub fn gradients(&self) -> Result<JsValue, JsValue> {
        let gradients: JsValue = Object::new().into();
        for (name, tensor) in self.trainer.gradients().map_err(|e| run_error(&e))? {
            set(&gradients, &name, &array_of(&tensor)?.into());
        }
        Ok(gradients)
    }

    /// How many rows the data have.
    #[wasm_bindgen(js_name = rowCount)]
    pub fn row_count(&self) -> usize {
        self.trainer.row_count()
    }

    /// The targets of every row of the data, row-major.
    pub fn targets(&self) -> Result<Float32Array, JsValue> {
        array_of(&self.trainer.targets().map_err(|e| run_error(&e))?)
    }
}

fn to_js(layers: crate::error::Result<Vec<Activation>>) -> Result<Array, JsValue> {
    let layer = |layer: Activation| {
        Ok(object([
            ("name", layer.name.into()),
            ("kind", layer.kind.into()),
            ("shape", shape_of(&layer.output).into()),
            ("values", array_of(&layer.output)?.into()),
        ]))
    };
    layers.map_err(|e| run_error(&e))?.into_iter().map(layer).collect()
}
