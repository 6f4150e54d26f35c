//! Text on charts, measured by a table.
//!
//! In the browser, plotters measures text with a span in the document: that breaks a strict
//! content-security policy (the span has a style attribute) and panics in a worker. [`Label`]
//! is a text style that never gets there: it knows no font data, only advance widths.

use std::convert::Infallible;

use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor};
use plotters_backend::{BackendColor, BackendCoord, BackendTextStyle, FontFamily};

/// The font of all chart text: the system's, as on the page.
pub const FONT: &str = "system-ui, sans-serif";

/// How a piece of text is drawn; vertically centred on its anchor.
#[derive(Debug, Clone, Copy)]
pub struct Label {
    size: f64,
    color: RGBColor,
    align: Align,
}

/// Which point of the text its anchor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// The left end.
    Left,
    /// The middle.
    Center,
    /// The right end.
    Right,
}

impl Label {
    /// Text of `size` backend units.
    pub fn new(size: f64, color: RGBColor, align: Align) -> Self {
        Self { size, color, align }
    }
}

/// A generous estimate of the width of `text`, in units of the font size.
///
/// The figures are those of DejaVu Sans and Verdana, the widest faces that `system-ui` is on
/// common systems. Text is anchored where precision matters, so this only sizes margins.
pub fn width(text: &str) -> f64 {
    text.chars()
        .map(|c| match c {
            '.' | ',' | ' ' | 'i' | 'l' | '\'' => 0.32,
            '-' | 'r' | 't' | 'f' | '(' | ')' => 0.41,
            'm' | 'w' | 'M' | 'W' => 0.98,
            '0'..='9' | 'a'..='z' => 0.64,
            c if c < '\u{2e80}' => 0.72,
            _ => 1.0,
        })
        .sum()
}

impl BackendTextStyle for Label {
    type FontError = Infallible;

    fn color(&self) -> BackendColor {
        self.color.to_backend_color()
    }

    fn size(&self) -> f64 {
        self.size
    }

    fn anchor(&self) -> Pos {
        let h_pos = match self.align {
            Align::Left => HPos::Left,
            Align::Center => HPos::Center,
            Align::Right => HPos::Right,
        };
        Pos::new(h_pos, VPos::Center)
    }

    fn family(&self) -> FontFamily<'_> {
        FontFamily::Name(FONT)
    }

    fn layout_box(&self, text: &str) -> Result<((i32, i32), (i32, i32)), Infallible> {
        let half = (self.size / 2.0).round() as i32;
        let advance = (width(text) * self.size).round() as i32;
        Ok(((0, -half), (advance, half)))
    }

    /// Nothing: backends without fonts of their own are not meant for charts with text.
    fn draw<E, F: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        _text: &str,
        _pos: BackendCoord,
        _draw: F,
    ) -> Result<Result<(), E>, Infallible> {
        Ok(Ok(()))
    }
}
