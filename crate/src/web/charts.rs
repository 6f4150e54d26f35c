//! Charts on a canvas element, for the page's thread.

mod canvas;

use js_sys::{Array, Error, Float32Array, Float64Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

use crate::plot::{CurvesSpec, Geometry, Kind, Series, Surface, Theme, draw_curves};
use canvas::FineCanvas;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** One curve of a chart. */
export interface CurveSeries {
    label: string;
    /** The steps, ascending; null for 1, 2, 3, … */
    x: Float32Array | Float64Array | number[] | null;
    /** The values; what is not finite is a gap. */
    y: Float32Array;
    /** Lines; `points` and `heldOut` are single rows. */
    kind: 'train' | 'validation' | 'run' | 'raw' | 'guide' | 'points' | 'heldOut';
    /** Which of the looks of `run`. */
    number?: number;
}

/** A chart of values over steps. */
export interface CurvesSpec {
    dark: boolean;
    /** Device pixels per CSS pixel: `canvas.width` divided by its width on the page. */
    pixelRatio: number;
    logY: boolean;
    logX?: boolean;
    xLabel: string;
    yLabel: string;
    series: CurveSeries[];
    /** The step under the pointer. */
    cursor: number | null;
}

/** Where things are on a chart. */
export interface CurvesGeometry {
    /** The area between the axes, in CSS pixels. */
    plot: { left: number, top: number, right: number, bottom: number };
    xMin: number;
    xMax: number;
    yMin: number;
    yMax: number;
    /** For each series that has points, the one nearest to the cursor. */
    points: { label: string, x: number, y: number }[];
}
"#;

/// Clears `canvas` and draws a chart on all of it.
///
/// `canvas.width` and `canvas.height` are in device pixels: the page sets them to the size on the
/// page times `pixelRatio`. Throws an `Error` that names the argument that is wrong.
#[wasm_bindgen(js_name = drawCurves, unchecked_return_type = "CurvesGeometry")]
pub fn draw_curves_on_canvas(
    #[wasm_bindgen(unchecked_param_type = "HTMLCanvasElement")] canvas: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "CurvesSpec")] spec: &JsValue,
) -> Result<JsValue, JsValue> {
    let canvas = canvas.dyn_ref::<HtmlCanvasElement>().ok_or_else(|| wrong("canvas", "a canvas element"))?;
    let spec = SpecData::read(spec)?;
    let mut backend = FineCanvas::new(canvas)?;
    let chart = CurvesSpec {
        width: canvas.width(),
        height: canvas.height(),
        pixel_ratio: spec.pixel_ratio,
        surface: Surface::FINE,
        theme: if spec.dark { Theme::DARK } else { Theme::LIGHT },
        x_label: &spec.x_label,
        y_label: &spec.y_label,
        log_y: spec.log_y,
        log_x: spec.log_x,
        series: spec.series.iter().map(SeriesData::borrow).collect(),
        cursor: spec.cursor,
    };
    let geometry = draw_curves(&mut backend, &chart).map_err(|e| Error::new(&format!("drawCurves: {e}")))?;
    geometry_object(&geometry, &spec.series)
}

/// The chart's description, copied from JavaScript.
struct SpecData {
    dark: bool,
    pixel_ratio: f64,
    log_y: bool,
    log_x: bool,
    x_label: String,
    y_label: String,
    series: Vec<SeriesData>,
    cursor: Option<f64>,
}

struct SeriesData {
    label: String,
    x: Option<Vec<f64>>,
    y: Vec<f32>,
    kind: Kind,
}

impl SpecData {
    fn read(spec: &JsValue) -> Result<Self, JsValue> {
        if !spec.is_object() {
            return Err(wrong("spec", "an object"));
        }
        let pixel_ratio = number(spec, "pixelRatio", "spec.")?;
        if !(pixel_ratio.is_finite() && pixel_ratio > 0.0) {
            return Err(wrong("spec.pixelRatio", "a positive number"));
        }
        let list = get(spec, "series")?;
        if !Array::is_array(&list) {
            return Err(wrong("spec.series", "an array"));
        }
        let read = |(i, series): (usize, JsValue)| SeriesData::read(&series, i);
        Ok(Self {
            dark: boolean(spec, "dark")?,
            pixel_ratio,
            log_y: boolean(spec, "logY")?,
            log_x: get(spec, "logX")?.is_truthy(),
            x_label: string(spec, "xLabel", "spec.")?,
            y_label: string(spec, "yLabel", "spec.")?,
            series: Array::from(&list).iter().enumerate().map(read).collect::<Result<_, _>>()?,
            cursor: match get(spec, "cursor")? {
                cursor if is_nothing(&cursor) => None,
                _ => Some(number(spec, "cursor", "spec.")?),
            },
        })
    }
}

impl SeriesData {
    fn read(series: &JsValue, i: usize) -> Result<Self, JsValue> {
        let path = format!("spec.series[{i}].");
        if !series.is_object() {
            return Err(wrong(path.trim_end_matches('.'), "an object"));
        }
        let y = get(series, "y")?
            .dyn_into::<Float32Array>()
            .map_err(|_| wrong(&format!("{path}y"), "a Float32Array"))?
            .to_vec();
        let x = steps(&get(series, "x")?, &path)?;
        if let Some(x) = &x
            && x.len() != y.len()
        {
            let (x, y) = (x.len(), y.len());
            let message = format!("drawCurves: {path}x has {x} steps, but {path}y {y} values");
            return Err(Error::new(&message).into());
        }
        let kind = match string(series, "kind", &path)?.as_str() {
            "train" => Kind::Train,
            "validation" => Kind::Validation,
            "run" => Kind::Run(get(series, "number")?.as_f64().unwrap_or(0.0) as u8),
            "raw" => Kind::Raw,
            "guide" => Kind::Guide,
            "points" => Kind::Points,
            "heldOut" => Kind::HeldOut,
            _ => return Err(wrong(&format!("{path}kind"), "one of those that CurveSeries lists")),
        };
        Ok(Self { label: string(series, "label", &path)?, x, y, kind })
    }

    fn borrow(&self) -> Series<'_> {
        Series { x: self.x.as_deref(), y: &self.y, kind: self.kind }
    }
}

fn steps(x: &JsValue, path: &str) -> Result<Option<Vec<f64>>, JsValue> {
    if is_nothing(x) {
        return Ok(None);
    }
    let accepted = "null, a Float32Array, a Float64Array or an array of numbers";
    let wrong = || wrong(&format!("{path}x"), accepted);
    if let Some(x) = x.dyn_ref::<Float64Array>() {
        Ok(Some(x.to_vec()))
    } else if let Some(x) = x.dyn_ref::<Float32Array>() {
        Ok(Some(x.to_vec().into_iter().map(f64::from).collect()))
    } else if let Some(x) = x.dyn_ref::<Array>() {
        let numbers = x.iter().map(|v| v.as_f64().ok_or_else(wrong));
        numbers.collect::<Result<_, _>>().map(Some)
    } else {
        Err(wrong())
    }
}

fn geometry_object(geometry: &Geometry, series: &[SeriesData]) -> Result<JsValue, JsValue> {
    let points = Array::new();
    for point in &geometry.points {
        let label = JsValue::from_str(&series[point.series].label);
        points.push(&object(&[("label", label), ("x", point.x.into()), ("y", point.y.into())])?);
    }
    let plot = object(&[
        ("left", geometry.plot.left.into()),
        ("top", geometry.plot.top.into()),
        ("right", geometry.plot.right.into()),
        ("bottom", geometry.plot.bottom.into()),
    ])?;
    object(&[
        ("plot", plot),
        ("xMin", geometry.x_min.into()),
        ("xMax", geometry.x_max.into()),
        ("yMin", geometry.y_min.into()),
        ("yMax", geometry.y_max.into()),
        ("points", points.into()),
    ])
}

fn object(fields: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (key, value) in fields {
        Reflect::set(&object, &JsValue::from_str(key), value)?;
    }
    Ok(object.into())
}

fn get(from: &JsValue, key: &str) -> Result<JsValue, JsValue> {
    Reflect::get(from, &JsValue::from_str(key))
}

fn number(from: &JsValue, key: &str, path: &str) -> Result<f64, JsValue> {
    let value = get(from, key)?.as_f64();
    value.ok_or_else(|| wrong(&format!("{path}{key}"), "a number"))
}

fn string(from: &JsValue, key: &str, path: &str) -> Result<String, JsValue> {
    let value = get(from, key)?.as_string();
    value.ok_or_else(|| wrong(&format!("{path}{key}"), "a string"))
}

fn boolean(from: &JsValue, key: &str) -> Result<bool, JsValue> {
    let value = get(from, key)?.as_bool();
    value.ok_or_else(|| wrong(&format!("spec.{key}"), "true or false"))
}

fn is_nothing(value: &JsValue) -> bool {
    value.is_null() || value.is_undefined()
}

fn wrong(what: &str, accepted: &str) -> JsValue {
    Error::new(&format!("drawCurves: {what} must be {accepted}")).into()
}
