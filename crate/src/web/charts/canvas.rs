//! plotters' canvas backend, made fine enough for curves.

use js_sys::Error;
use plotters::backend::DrawingBackend;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind, FontFamily, FontStyle,
    FontTransform, text_anchor,
};
use plotters_canvas::CanvasBackend;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::plot::Surface;

/// plotters' canvas backend, with [`Surface::FINE`] units for shapes.
///
/// Text is drawn in device pixels: fonts have other shapes and spacing at sixteen times the size.
pub(super) struct FineCanvas {
    context: CanvasRenderingContext2d,
    backend: CanvasBackend,
    /// The context's font.
    font: String,
}

const UNIT: f64 = Surface::FINE.subpixels as f64;

impl FineCanvas {
    /// Clears `canvas` and prepares its context, until the value is dropped.
    pub(super) fn new(canvas: &HtmlCanvasElement) -> Result<Self, JsValue> {
        let unsuitable = || Error::new("drawCurves: canvas must have a 2d context, or none yet");
        let context = canvas
            .get_context("2d")?
            .and_then(|context| context.dyn_into::<CanvasRenderingContext2d>().ok())
            .ok_or_else(unsuitable)?;
        let backend = CanvasBackend::with_canvas_object(canvas.clone()).ok_or_else(unsuitable)?;
        let (width, height) = backend.get_size();
        context.save();
        let fine = Self { context, backend, font: String::new() };
        let context = &fine.context;
        context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0)?;
        context.clear_rect(0.0, 0.0, width.into(), height.into());
        context.scale(1.0 / UNIT, 1.0 / UNIT)?;
        context.set_line_join("round");
        Ok(fine)
    }
}

impl Drop for FineCanvas {
    fn drop(&mut self) {
        self.context.restore();
    }
}

type Drawn = Result<(), DrawingErrorKind<<CanvasBackend as DrawingBackend>::ErrorType>>;

impl DrawingBackend for FineCanvas {
    type ErrorType = <CanvasBackend as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        let (width, height) = self.backend.get_size();
        let unit = u32::from(Surface::FINE.subpixels);
        (width.saturating_mul(unit), height.saturating_mul(unit))
    }

    fn ensure_prepared(&mut self) -> Drawn {
        self.backend.ensure_prepared()
    }

    fn present(&mut self) -> Drawn {
        self.backend.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.backend.draw_pixel(point, color)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.backend.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.backend.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.backend.draw_path(path, style)
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.backend.draw_circle(center, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.backend.fill_polygon(path, style)
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, pos: BackendCoord) -> Drawn {
        let pixels = |units: i32| (f64::from(units) / UNIT).round() as i32;
        let text_style = PixelText(style);
        // The backend sets the font for every text, as here: a browser takes that for no change, and otherwise a
        // quarter of a millisecond.
        let (face, family) = (text_style.style(), text_style.family());
        let font = format!("{} {}px {}", face.as_str(), text_style.size(), family.as_str());
        if font != self.font {
            self.context.set_font(&font);
            self.font = font;
        }
        self.context.save();
        let result = match self.context.scale(UNIT, UNIT) {
            Ok(()) => self.backend.draw_text(text, &text_style, (pixels(pos.0), pixels(pos.1))),
            // Only a detached canvas refuses; nobody would see the text.
            Err(_) => Ok(()),
        };
        self.context.restore();
        result
    }
}

/// A text style with its size in device pixels instead of fine units.
struct PixelText<'a, S>(&'a S);

impl<S: BackendTextStyle> BackendTextStyle for PixelText<'_, S> {
    type FontError = S::FontError;

    fn color(&self) -> BackendColor {
        self.0.color()
    }

    fn size(&self) -> f64 {
        self.0.size() / UNIT
    }

    fn transform(&self) -> FontTransform {
        self.0.transform()
    }

    fn style(&self) -> FontStyle {
        self.0.style()
    }

    fn anchor(&self) -> text_anchor::Pos {
        self.0.anchor()
    }

    fn family(&self) -> FontFamily<'_> {
        self.0.family()
    }

    fn layout_box(&self, text: &str) -> Result<((i32, i32), (i32, i32)), S::FontError> {
        self.0.layout_box(text)
    }

    fn draw<E, F: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        text: &str,
        pos: BackendCoord,
        draw: F,
    ) -> Result<Result<(), E>, S::FontError> {
        self.0.draw(text, pos, draw)
    }
}
