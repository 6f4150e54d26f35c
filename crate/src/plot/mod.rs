//! Charts, drawn on any plotters backend: a canvas in the page, SVG in tests and exports.
//!
//! The axes are laid out here instead of by plotters' `ChartBuilder`, which measures text through
//! the document and knows neither 1-2-5 ticks on logarithmic axes nor device pixels.

mod curves;
mod decimate;
mod labels;
mod layout;
#[cfg(not(target_arch = "wasm32"))]
mod svg;
mod text;
mod theme;
mod ticks;

pub use curves::draw_curves;
pub use decimate::{Point, decimate, for_each_point};
#[cfg(not(target_arch = "wasm32"))]
pub use svg::curves_svg;
pub use text::{Align, FONT, Label};
pub use theme::Theme;
pub use ticks::{Scale, Tick, linear, log_steps, logarithmic, steps};

/// A chart of values over steps.
#[derive(Debug, Clone)]
pub struct CurvesSpec<'a> {
    /// Width in device pixels.
    pub width: u32,
    /// Height in device pixels.
    pub height: u32,
    /// Device pixels per CSS pixel; scales text, strokes and margins.
    pub pixel_ratio: f64,
    /// The backend's habits.
    pub surface: Surface,
    /// Colours.
    pub theme: Theme,
    /// What the horizontal axis counts: `step`, `epoch`. May be empty.
    pub x_label: &'a str,
    /// What the vertical axis measures, with its unit if it has one. May be empty.
    pub y_label: &'a str,
    /// Whether the vertical axis is logarithmic. Values that are not positive are gaps then.
    pub log_y: bool,
    /// Whether the horizontal axis is. Points whose step is not positive are gaps then.
    pub log_x: bool,
    /// The curves.
    pub series: Vec<Series<'a>>,
    /// The step under the pointer, in data units. Nothing is marked outside the axis.
    pub cursor: Option<f64>,
}

/// One curve.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// The steps, ascending; `None` for 1, 2, 3, … Points whose step goes backwards are left out,
    /// and so is what one of `x` and `y` has more than the other.
    pub x: Option<&'a [f64]>,
    /// The values. Those that are not finite are gaps.
    pub y: &'a [f32],
    /// What the curve shows, which decides how it looks.
    pub kind: Kind,
}

/// What a series shows, which is also the order in which they are drawn: the first ones lie lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A line to compare with, such as where two values are equal: thin, in the axes' colour.
    Guide,
    /// What a smoothed curve was made from: thin, in the axes' colour.
    Raw,
    /// Another run, kept to compare with: dashed, each in a colour and with dashes of its own, by its number.
    Run(u8),
    /// Loss on the training data: the thickest line.
    Train,
    /// Loss on the data held back: a thinner line, diamonds for dots. Above, since that of small batches fills whole
    /// bands.
    Validation,
    /// Single rows that train: discs, no line.
    Points,
    /// Single rows held back: diamonds, no line.
    HeldOut,
}

/// What a backend does to coordinates and text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Surface {
    /// Backend units per device pixel. plotters' coordinates are whole numbers, so a curve drawn
    /// with one unit per pixel is a staircase; the caller scales the finer units down. 1 to 64.
    pub subpixels: u16,
    /// What the backend divides font sizes by.
    pub font_scale: f64,
}

impl Surface {
    /// One unit is one device pixel.
    pub const PIXELS: Self = Self { subpixels: 1, font_scale: 1.0 };
    /// Sixteen units to a device pixel.
    pub const FINE: Self = Self { subpixels: 16, font_scale: 1.0 };
}

/// Where things are on a chart that was drawn, for tooltips and pointer events.
#[derive(Debug, Clone, PartialEq)]
pub struct Geometry {
    /// The area between the axes.
    pub plot: Rect,
    /// The step at the left edge of `plot`.
    pub x_min: f64,
    /// The step at its right edge.
    pub x_max: f64,
    /// The value at its lower edge.
    pub y_min: f64,
    /// The value at its upper edge.
    pub y_max: f64,
    /// For each series that has points, in order, the one nearest to the cursor. Empty without a
    /// cursor on the chart.
    pub points: Vec<NearestPoint>,
}

/// A rectangle in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

/// The point of a series that is nearest to the cursor, horizontally.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearestPoint {
    /// Index into [`CurvesSpec::series`].
    pub series: usize,
    /// Its step.
    pub x: f64,
    /// Its value.
    pub y: f64,
}
