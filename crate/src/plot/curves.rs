//! The chart of losses over steps.

use plotters::backend::DrawingBackend;
use plotters::style::{Color, RGBColor, ShapeStyle};
use plotters_backend::{BackendCoord, DrawingErrorKind};

use super::decimate::{Point, decimate, for_each_point};
use super::layout::{Extent, FONT_SIZE, LABEL_GAP, Layout, NAME_HEIGHT, TICK_LENGTH, widest};
use super::text::{self, Align, Label};
use super::ticks::Scale;
use super::{CurvesSpec, Geometry, Kind, NearestPoint, Rect, Series};

/// Dash and gap of other runs' curves by their numbers, in CSS pixels.
const DASHES: [(f64, f64); 4] = [(6.0, 3.5), (1.5, 2.5), (12.0, 4.0), (3.0, 5.0)];
/// The same of the validation curve, which is not to differ from the training's by its colour alone.
const VALIDATION_DASH: (f64, f64) = (8.0, 3.0);
/// Enough for any curve that can be told apart from a blot; longer ones get longer dashes.
const MAX_DASHES: f64 = 1000.0;
/// What keeps a line apart from the band that it lies on, on either side, in CSS pixels.
const HALO: f64 = 1.5;
/// Fewer pixel columns are drawn as a line in any case.
const LEAST_BAND: usize = 32;

type Drawn<B> = Result<(), DrawingErrorKind<<B as DrawingBackend>::ErrorType>>;

/// Draws a chart over what is on `backend`, without filling the background.
///
/// On a surface too small for axes it draws nothing and still returns the ranges.
///
/// # Errors
/// Those of the backend.
pub fn draw_curves<B: DrawingBackend>(
    backend: &mut B,
    spec: &CurvesSpec<'_>,
) -> Result<Geometry, DrawingErrorKind<B::ErrorType>> {
    if !spec.log_x {
        return draw_linear(backend, spec);
    }
    // Everything is laid out in powers of ten, and only what the caller hears is in steps again.
    let powers: Vec<Vec<f64>> = spec.series.iter().map(powers_of_ten).collect();
    let series = spec.series.iter().zip(&powers).map(|(series, x)| Series { x: Some(x), ..*series });
    let cursor = spec.cursor.map(f64::log10);
    let geometry = draw_linear(backend, &CurvesSpec { series: series.collect(), cursor, ..spec.clone() })?;
    let step = |power: f64| 10f64.powf(power);
    let points = geometry.points.iter().map(|p| NearestPoint { x: step(p.x), ..*p }).collect();
    Ok(Geometry { x_min: step(geometry.x_min), x_max: step(geometry.x_max), points, ..geometry })
}

fn powers_of_ten(series: &Series<'_>) -> Vec<f64> {
    // Far below any step, and above any that an axis has labels for, there is nothing to draw.
    let power = |x: &f64| if (1e-9..=1e15).contains(x) { x.log10() } else { f64::NAN };
    match series.x {
        Some(x) => x.iter().map(power).collect(),
        None => (1..=series.y.len()).map(|i| (i as f64).log10()).collect(),
    }
}

fn draw_linear<B: DrawingBackend>(
    backend: &mut B,
    spec: &CurvesSpec<'_>,
) -> Result<Geometry, DrawingErrorKind<B::ErrorType>> {
    let extent = Extent::of(spec);
    let layout = Layout::new(spec, &extent);
    let points = nearest_points(spec, &layout.x);
    if layout.is_drawable() {
        backend.ensure_prepared()?;
        let mut pen = Pen { backend, spec, layout: &layout, banded: false };
        pen.axes()?;
        let mut order: Vec<usize> = (0..spec.series.len()).collect();
        order.sort_by_key(|&i| spec.series[i].kind);
        for &i in &order {
            pen.curve(&spec.series[i])?;
        }
        if let Some(cursor) = cursor_within(spec, &layout.x) {
            let snapped =
                points.iter().map(|p| p.x).min_by(|a, b| (a - cursor).abs().total_cmp(&(b - cursor).abs()));
            pen.cursor(snapped.unwrap_or(cursor))?;
            for i in order {
                if let Some(point) = points.iter().find(|p| p.series == i) {
                    pen.dot(spec.series[i].kind, (point.x, point.y))?;
                }
            }
        }
        backend.present()?;
    }
    let css = |pixels: f64| pixels / layout.ratio;
    Ok(Geometry {
        plot: Rect {
            left: css(layout.left),
            top: css(layout.top),
            right: css(layout.right),
            bottom: css(layout.bottom),
        },
        x_min: layout.x.min,
        x_max: layout.x.max,
        y_min: layout.y.min,
        y_max: layout.y.max,
        points,
    })
}

fn cursor_within(spec: &CurvesSpec<'_>, x: &Scale) -> Option<f64> {
    spec.cursor.filter(|c| (x.min..=x.max).contains(c))
}

/// For each series that has points, the one nearest to the cursor.
fn nearest_points(spec: &CurvesSpec<'_>, x: &Scale) -> Vec<NearestPoint> {
    let Some(cursor) = cursor_within(spec, x) else {
        return Vec::new();
    };
    let nearest = |(series, s): (usize, &Series<'_>)| {
        let mut best: Option<Point> = None;
        for_each_point(s.x, s.y, spec.log_y, |point| {
            if let Some(p) = point
                && best.is_none_or(|b| (p.0 - cursor).abs() < (b.0 - cursor).abs())
            {
                best = Some(p);
            }
        });
        best.map(|(x, y)| NearestPoint { series, x, y })
    };
    spec.series.iter().enumerate().filter_map(nearest).collect()
}

/// Draws in device pixels on a backend that counts in its own units.
struct Pen<'p, 's, B> {
    backend: &'p mut B,
    spec: &'p CurvesSpec<'s>,
    layout: &'p Layout,
    /// Whether a curve has filled a band, in which a line over it would be lost.
    banded: bool,
}

impl<B: DrawingBackend> Pen<'_, '_, B> {
    fn unit(&self) -> f64 {
        f64::from(self.spec.surface.subpixels.clamp(1, 64))
    }

    /// Device pixels to backend units.
    fn at(&self, x: f64, y: f64) -> BackendCoord {
        ((x * self.unit()).round() as i32, (y * self.unit()).round() as i32)
    }

    /// Data units to backend units.
    fn place(&self, point: Point) -> BackendCoord {
        let l = self.layout;
        self.at(
            l.left + l.x.fraction(point.0) * (l.right - l.left),
            l.bottom - l.y.fraction(point.1) * (l.bottom - l.top),
        )
    }

    /// CSS pixels to backend units, at least one.
    fn length(&self, css: f64) -> u32 {
        ((css * self.layout.ratio * self.unit()).round() as u32).max(1)
    }

    fn style(&self, color: RGBColor, css_width: f64) -> ShapeStyle {
        color.stroke_width(self.length(css_width))
    }

    /// A filled rectangle whose edges are on device pixels: crisp, unlike a stroke.
    fn bar(&mut self, color: RGBColor, x: f64, y: f64, width: f64, height: f64) -> Drawn<B> {
        let from = self.at(x.round(), y.round());
        let to = self.at(x.round() + width, y.round() + height);
        self.backend.draw_rect(from, to, &color, true)
    }

    fn text(&mut self, text: &str, x: f64, y: f64, align: Align) -> Drawn<B> {
        let size = FONT_SIZE * self.layout.ratio * self.unit() * self.spec.surface.font_scale;
        let label = Label::new(size, self.spec.theme.text, align);
        let pos = self.at(x.round(), y.round());
        self.backend.draw_text(text, &label, pos)
    }

    fn axes(&mut self) -> Drawn<B> {
        let (l, theme, ratio) = (self.layout, self.spec.theme, self.layout.ratio);
        let hairline = ratio.round().max(1.0);
        let tick_length = (TICK_LENGTH * ratio).round();
        let gap = LABEL_GAP * ratio;
        for tick in &l.y.ticks {
            let y = l.bottom - l.y.fraction(tick.value) * (l.bottom - l.top);
            if tick.label.is_empty() {
                let x = l.left - tick_length;
                self.bar(theme.axis, x, y, tick_length, hairline)?;
            } else {
                self.bar(theme.grid, l.left, y, l.right - l.left, hairline)?;
                self.text(&tick.label, l.left - gap, y, Align::Right)?;
            }
        }
        self.bar(theme.axis, l.left, l.bottom, l.right - l.left, hairline)?;
        let baseline = l.bottom + tick_length + (LABEL_GAP / 2.0 + FONT_SIZE / 2.0) * ratio;
        for tick in &l.x.ticks {
            let x = l.left + l.x.fraction(tick.value) * (l.right - l.left);
            self.bar(theme.axis, x, l.bottom, hairline, tick_length)?;
            if tick.label.is_empty() {
                continue;
            }
            // The last label may not leave the chart.
            let half = text::width(&tick.label) * FONT_SIZE * ratio / 2.0;
            let middle = x.min(f64::from(self.spec.width) - half);
            self.text(&tick.label, middle, baseline, Align::Center)?;
        }
        if !self.spec.x_label.is_empty() {
            let middle = f64::midpoint(l.left, l.right);
            let y = baseline + NAME_HEIGHT * ratio;
            self.text(self.spec.x_label, middle, y, Align::Center)?;
        }
        if !self.spec.y_label.is_empty() {
            let left = (l.left - gap - widest(&l.y.ticks) * ratio).max(0.0);
            let y = NAME_HEIGHT / 2.0 * ratio;
            self.text(self.spec.y_label, left, y, Align::Left)?;
        }
        Ok(())
    }

    fn curve(&mut self, series: &Series<'_>) -> Drawn<B> {
        let l = self.layout;
        let columns = (l.right - l.left) as u32;
        let range = (l.x.min, l.x.max);
        let runs = decimate(series.x, series.y, self.spec.log_y, range, columns);
        if matches!(series.kind, Kind::Points | Kind::HeldOut) {
            return runs.into_iter().flatten().try_for_each(|point| self.dot(series.kind, point));
        }
        let (color, width) = self.look(series.kind);
        let dash = match series.kind {
            Kind::Run(number) => Some(DASHES[usize::from(number) % DASHES.len()]),
            Kind::Validation => Some(VALIDATION_DASH),
            _ => None,
        };
        let style = self.style(color, width);
        let alone = runs.len() == 1;
        for run in runs {
            if let [point] = run[..] {
                // A guide of single points only says how far the axes reach.
                if series.kind == Kind::Guide {
                    continue;
                }
                if alone {
                    self.dot(series.kind, point)?;
                } else {
                    let center = self.place(point);
                    let radius = self.length(width * 0.75);
                    self.backend.draw_circle(center, radius, &color, true)?;
                }
                continue;
            }
            if dash.is_none()
                && let Some(band) = self.band(&run, width)
            {
                self.backend.fill_polygon(band, &color)?;
                self.banded = true;
                continue;
            }
            let path: Vec<_> = run.into_iter().map(|p| self.place(p)).collect();
            if self.banded && series.kind == Kind::Validation {
                let halo = self.style(self.spec.theme.surface, width + 2.0 * HALO);
                self.backend.draw_path(path.iter().copied(), &halo)?;
            }
            if let Some((on, off)) = dash {
                let (on, off) = (self.length(on), self.length(off));
                for dash in dashes(&path, f64::from(on), f64::from(off)) {
                    self.backend.draw_path(dash, &style)?;
                }
            } else {
                self.backend.draw_path(path, &style)?;
            }
        }
        Ok(())
    }

    /// The outline of a curve that goes up and down within nearly every pixel column, as the loss of small
    /// batches does. Filling it gives the picture of the stroke forty times as fast.
    fn band(&self, run: &[Point], css_width: f64) -> Option<Vec<BackendCoord>> {
        let l = self.layout;
        let per_x = (l.right - l.left) / (l.x.max - l.x.min);
        let column = |p: &Point| ((p.0 - l.x.min) * per_x) as i64;
        let columns: Vec<&[Point]> = run.chunk_by(|a, b| column(a) == column(b)).collect();
        if columns.len() < LEAST_BAND || 2 * run.len() < 5 * columns.len() {
            return None;
        }
        let half = (self.length(css_width) / 2) as i32;
        let edge = |sign: i32, extreme: fn(f64, f64) -> f64| {
            let outer = move |points: &&[Point]| {
                let y = points.iter().map(|p| p.1).fold(f64::NAN, extreme);
                let (x, y) = self.place((points[0].0, y));
                (x, y.saturating_add(sign * half))
            };
            columns.iter().map(outer).collect::<Vec<_>>()
        };
        let mut outline = edge(-1, f64::max);
        outline.extend(edge(1, f64::min).into_iter().rev());
        Some(outline)
    }

    fn look(&self, kind: Kind) -> (RGBColor, f64) {
        let theme = self.spec.theme;
        match kind {
            Kind::Train | Kind::Points => (theme.train, 2.0),
            Kind::Validation | Kind::HeldOut => (theme.validation, 1.5),
            Kind::Run(number) => (theme.runs[usize::from(number) % theme.runs.len()], 1.5),
            Kind::Guide | Kind::Raw => (theme.axis, 1.0),
        }
    }

    /// A mark with a halo, so that it stands out from the curve: discs for training, diamonds for
    /// validation, rings for other runs.
    fn dot(&mut self, kind: Kind, point: Point) -> Drawn<B> {
        let (color, _) = self.look(kind);
        let surface = self.spec.theme.surface;
        let center = self.place(point);
        let radius = |css: f64| self.length(css);
        let (small, medium, large) = (radius(2.0), radius(3.5), radius(5.0));
        if matches!(kind, Kind::Validation | Kind::HeldOut) {
            for (color, css) in [(surface, 6.5), (color, 4.75)] {
                let r = self.length(css) as i32;
                let (x, y) = center;
                let diamond = [(x, y - r), (x + r, y), (x, y + r), (x - r, y)];
                self.backend.fill_polygon(diamond, &color)?;
            }
            return Ok(());
        }
        self.backend.draw_circle(center, large, &surface, true)?;
        self.backend.draw_circle(center, medium, &color, true)?;
        if matches!(kind, Kind::Run(_)) {
            self.backend.draw_circle(center, small, &surface, true)?;
        }
        Ok(())
    }

    fn cursor(&mut self, step: f64) -> Drawn<B> {
        let l = self.layout;
        let x = l.left + l.x.fraction(step) * (l.right - l.left);
        let hairline = l.ratio.round().max(1.0);
        let length = (3.0 * l.ratio).round().max(1.0);
        let mut y = l.top;
        while y < l.bottom {
            let height = length.min(l.bottom - y);
            self.bar(self.spec.theme.cursor, x, y, hairline, height)?;
            y += 2.0 * length;
        }
        Ok(())
    }
}

/// Cuts a path into dashes of length `on` with gaps of `off`, in the path's own units.
fn dashes(path: &[BackendCoord], on: f64, off: f64) -> Vec<Vec<BackendCoord>> {
    let distance = |a: BackendCoord, b: BackendCoord| f64::from(b.0 - a.0).hypot(f64::from(b.1 - a.1));
    let total: f64 = path.windows(2).map(|w| distance(w[0], w[1])).sum();
    let stretch = (total / (on + off) / MAX_DASHES).max(1.0);
    let (on, off) = (on * stretch, off * stretch);
    let mut all = Vec::new();
    let mut dash = vec![path[0]];
    let (mut drawing, mut left) = (true, on);
    for w in path.windows(2) {
        let (from, to) = (w[0], w[1]);
        let length = distance(from, to);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let t = done / length;
            let cut = (
                from.0 + (f64::from(to.0 - from.0) * t).round() as i32,
                from.1 + (f64::from(to.1 - from.1) * t).round() as i32,
            );
            if drawing {
                dash.push(cut);
                all.push(std::mem::take(&mut dash));
            } else {
                dash = vec![cut];
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
        }
        left -= length - done;
        if drawing {
            dash.push(to);
        }
    }
    if drawing && dash.len() > 1 {
        all.push(dash);
    }
    all
}
