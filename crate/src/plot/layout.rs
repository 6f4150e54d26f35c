//! Where the axes of a chart of curves lie.

use super::CurvesSpec;
use super::decimate::for_each_point;
use super::text;
use super::ticks::{self, Scale, Tick};

// Sizes in CSS pixels.
pub const FONT_SIZE: f64 = 12.0;
pub const LABEL_GAP: f64 = 8.0;
pub const TICK_LENGTH: f64 = 4.0;
const EDGE: f64 = 12.0;
pub const NAME_HEIGHT: f64 = 18.0;
const MIN_LEFT: f64 = 38.0;
const MIN_PLOT: f64 = 16.0;
const X_TICK_DISTANCE: f64 = 56.0;
const Y_TICK_DISTANCE: f64 = 34.0;
const LOG_TICK_DISTANCE: f64 = 26.0;

/// The ranges of all points that can be drawn; `min > max` when there are none.
pub struct Extent {
    pub x: (f64, f64),
    y: (f64, f64),
    integral: bool,
}

impl Extent {
    pub fn of(spec: &CurvesSpec<'_>) -> Self {
        let mut x = (f64::INFINITY, f64::NEG_INFINITY);
        let mut y = x;
        let mut integral = true;
        for series in &spec.series {
            for_each_point(series.x, series.y, spec.log_y, |point| {
                if let Some(p) = point {
                    x = (x.0.min(p.0), x.1.max(p.0));
                    y = (y.0.min(p.1), y.1.max(p.1));
                    integral &= series.x.is_none() || p.0 == p.0.trunc();
                }
            });
        }
        Self { x, y, integral }
    }
}

/// The plot area in device pixels (whole numbers), and the axes.
pub struct Layout {
    pub ratio: f64,
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
    pub x: Scale,
    pub y: Scale,
}

impl Layout {
    pub fn new(spec: &CurvesSpec<'_>, extent: &Extent) -> Self {
        let ratio = if spec.pixel_ratio.is_finite() && spec.pixel_ratio > 0.0 {
            spec.pixel_ratio.clamp(0.25, 16.0)
        } else {
            1.0
        };
        let pixels = |css: f64| (css * ratio).round();
        let width = f64::from(spec.width.min(1 << 16));
        let height = f64::from(spec.height.min(1 << 16));

        let named = |name: &str| if name.is_empty() { 0.0 } else { NAME_HEIGHT };
        let top = pixels(EDGE + named(spec.y_label)).min(height);
        let below = FONT_SIZE + LABEL_GAP + TICK_LENGTH + named(spec.x_label);
        let bottom = (height - pixels(below)).max(top);

        let empty = extent.x.0 > extent.x.1;
        let plot_height = (bottom - top) / ratio;
        let distance = if spec.log_y { LOG_TICK_DISTANCE } else { Y_TICK_DISTANCE };
        let intervals = (plot_height / distance).clamp(2.0, 10.0) as usize;
        let y = match (empty, spec.log_y) {
            (true, true) => ticks::logarithmic(0.1, 1.0, intervals),
            (true, false) => ticks::linear(0.0, 1.0, intervals),
            (false, true) => ticks::logarithmic(extent.y.0, extent.y.1, intervals),
            (false, false) => ticks::linear(extent.y.0, extent.y.1, intervals),
        };
        let left = pixels((widest(&y.ticks) + LABEL_GAP + 4.0).max(MIN_LEFT)).min(width);
        let right = (width - pixels(EDGE + 4.0)).max(left);

        let (lo, hi) = if empty { (0.0, 10.0) } else { extent.x };
        let plot_width = (right - left) / ratio;
        let intervals = (plot_width / X_TICK_DISTANCE).clamp(1.0, 10.0) as usize;
        let x = if spec.log_x {
            // Labels of powers of ten are as short as those of a linear axis.
            let (lo, hi) = if empty { (0.0, 1.0) } else { (lo, hi) };
            ticks::log_steps(lo, hi, intervals)
        } else {
            ticks::steps(lo, hi, extent.integral, intervals, |ticks, spacing| {
                widest(ticks) + 2.0 * LABEL_GAP <= spacing * plot_width
            })
        };
        Self { ratio, left, top, right, bottom, x, y }
    }

    pub fn is_drawable(&self) -> bool {
        let least = MIN_PLOT * self.ratio;
        self.right - self.left >= least && self.bottom - self.top >= least
    }
}

/// The width of the widest label in CSS pixels.
pub fn widest(ticks: &[Tick]) -> f64 {
    ticks.iter().map(|t| text::width(&t.label) * FONT_SIZE).fold(0.0, f64::max)
}
