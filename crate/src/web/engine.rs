//! Compiled steps in the browser's own WebAssembly.

use crate::capture::compile::{self, Run};
use js_sys::{Function, Object, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::prelude::*;

/// From now on, steps of small networks are compiled. Where the browser refuses, they are replayed.
#[wasm_bindgen(start)]
pub fn use_engine() {
    compile::set_engine(|module| instantiate(module).ok());
}

fn instantiate(module: &[u8]) -> Result<Run, JsValue> {
    // Compiled at once: a module has some tens of kilobytes, and this is a worker.
    let module = WebAssembly::Module::new(&Uint8Array::from(module))?;
    let table: WebAssembly::Table = wasm_bindgen::function_table().dyn_into()?;
    let of_table = |function: unsafe extern "C" fn(u32)| table.get(function as usize as u32);
    let host = super::convert::object([
        ("memory", wasm_bindgen::memory()),
        ("call", of_table(compile::call)?.into()),
        ("update", of_table(compile::update)?.into()),
    ]);
    let imports: Object = super::convert::object([("host", host)]).dyn_into()?;
    let instance = WebAssembly::Instance::new(&module, &imports)?;
    let run: Function = Reflect::get(&instance.exports(), &"run".into())?.dyn_into()?;
    Ok(Box::new(move |steps, rows, losses| {
        let made = run.call3(&JsValue::NULL, &steps.into(), &rows.into(), &losses.into());
        made.ok().and_then(|made| made.as_f64()).unwrap_or(0.0) as u32
    }))
}
