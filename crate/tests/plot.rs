//! Charts: ticks, decimation, and what ends up on a drawing backend.
#![cfg(feature = "charts")]

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use std::convert::Infallible;

use gradus::plot::{
    CurvesSpec, Geometry, Kind, Scale, Series, Surface, Theme, decimate, draw_curves, linear, log_steps,
    logarithmic, steps,
};
use plotters::backend::DrawingBackend;
use plotters::style::RGBColor;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};
use proptest::prelude::*;

type Rgb = (u8, u8, u8);
/// Points, colour, stroke width.
type Path = (Vec<BackendCoord>, Rgb, u32);

/// A backend that remembers what it was asked to draw.
#[derive(Default)]
struct Recorder {
    paths: Vec<Path>,
    circles: Vec<(BackendCoord, Rgb)>,
    rects: Vec<(BackendCoord, BackendCoord, Rgb)>,
    polygons: Vec<Vec<BackendCoord>>,
    /// How many polygons there were before each path.
    bands_before_paths: Vec<usize>,
    texts: Vec<(String, f64)>,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Recorder {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (0, 0)
    }
    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }
    fn present(&mut self) -> Drawn {
        Ok(())
    }
    fn draw_pixel(&mut self, _: BackendCoord, _: BackendColor) -> Drawn {
        panic!("charts are not drawn pixel by pixel")
    }
    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        assert!(fill);
        self.rects.push((from, to, style.color().rgb));
        Ok(())
    }
    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let path = path.into_iter().collect();
        let look = (style.color().rgb, style.stroke_width());
        self.paths.push((path, look.0, look.1));
        self.bands_before_paths.push(self.polygons.len());
        Ok(())
    }
    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, _: u32, style: &S, _: bool) -> Drawn {
        self.circles.push((center, style.color().rgb));
        Ok(())
    }
    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        outline: I,
        _: &S,
    ) -> Drawn {
        self.polygons.push(outline.into_iter().collect());
        Ok(())
    }
    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, _: BackendCoord) -> Drawn {
        self.texts.push((text.to_owned(), style.size()));
        Ok(())
    }
}

fn rgb(color: RGBColor) -> Rgb {
    (color.0, color.1, color.2)
}

fn chart<'a>(series: Vec<Series<'a>>) -> CurvesSpec<'a> {
    CurvesSpec {
        width: 420,
        height: 240,
        pixel_ratio: 1.0,
        surface: Surface::PIXELS,
        theme: Theme::LIGHT,
        x_label: "step",
        y_label: "loss",
        log_y: false,
        log_x: false,
        series,
        cursor: None,
    }
}

fn train(y: &[f32]) -> Series<'_> {
    let kind = Kind::Train;
    Series { x: None, y, kind }
}

fn draw(spec: &CurvesSpec<'_>) -> (Recorder, Geometry) {
    let mut recorder = Recorder::default();
    let geometry = draw_curves(&mut recorder, spec).expect("a recorder never fails");
    (recorder, geometry)
}

fn labels(scale: &Scale) -> Vec<&str> {
    scale.ticks.iter().map(|t| t.label.as_str()).collect()
}

fn step_axis(lo: f64, hi: f64, integral: bool) -> Scale {
    steps(lo, hi, integral, 5, |_, _| true)
}

#[test]
fn a_loss_that_falls_from_132_gets_an_axis_from_zero_with_plain_labels() {
    // 132 in at most four intervals: 132 / 4 = 33, so steps of 50.
    let axis = linear(0.12, 132.0, 4);
    assert_eq!(labels(&axis), ["0", "50", "100", "150"]);
    assert_eq!((axis.min, axis.max), (0.0, 150.0));
}

#[test]
fn labels_have_the_digits_of_the_step_and_no_rounding_noise() {
    assert_eq!(labels(&linear(0.0, 0.76, 4)), ["0", "0.2", "0.4", "0.6", "0.8"]);
    assert_eq!(labels(&linear(0.0, 4e-4, 4)), ["0", "1e-4", "2e-4", "3e-4", "4e-4"]);
    assert_eq!(labels(&linear(0.0, 3e-3, 6)), ["0", "5e-4", "1e-3", "1.5e-3", "2e-3", "2.5e-3", "3e-3"]);
    assert_eq!(labels(&linear(0.0, 2e23, 2)), ["0", "1e23", "2e23"]);
    assert_eq!(labels(&linear(-1.0, 1.0, 4)), ["-1.0", "-0.5", "0", "0.5", "1.0"]);
    assert_eq!(labels(&linear(0.6995, 0.701, 3)), ["0.6995", "0.7000", "0.7005", "0.7010"]);
}

#[test]
fn thousands_and_millions_are_abbreviated() {
    assert_eq!(labels(&step_axis(0.0, 1200.0, true)), ["0", "500", "1k"]);
    assert_eq!(labels(&step_axis(1000.0, 2000.0, true)), ["1k", "1.2k", "1.4k", "1.6k", "1.8k", "2k"]);
    assert_eq!(labels(&step_axis(0.0, 1e6, true)), ["0", "200k", "400k", "600k", "800k", "1M"]);
    assert_eq!(labels(&step_axis(0.0, 5e6, true)), ["0", "1M", "2M", "3M", "4M", "5M"]);
    // Steps of 10 need all their digits.
    assert_eq!(labels(&step_axis(2000.0, 2040.0, true)), ["2000", "2010", "2020", "2030", "2040"]);
}

#[test]
fn steps_are_counted_in_whole_numbers_unless_the_data_have_fractions() {
    assert_eq!(labels(&step_axis(1.0, 3.0, true)), ["1", "2", "3"]);
    assert_eq!(labels(&step_axis(1.0, 3.0, false)), ["1.0", "1.5", "2.0", "2.5", "3.0"]);
}

#[test]
fn the_step_axis_ends_where_the_data_end_and_starts_at_zero_when_they_nearly_do() {
    let axis = step_axis(1.0, 437.0, true);
    assert_eq!((axis.min, axis.max), (0.0, 437.0));
    let axis = step_axis(100.0, 437.0, true);
    assert_eq!((axis.min, axis.max), (100.0, 437.0));
}

#[test]
fn a_constant_gets_a_band_of_half_its_size_around_it() {
    let axis = linear(4.0, 4.0, 4);
    assert_eq!((axis.min, axis.max), (2.0, 6.0));
    let axis = linear(-4.0, -4.0, 4);
    assert_eq!((axis.min, axis.max), (-6.0, -2.0));
    let axis = linear(0.0, 0.0, 4);
    assert_eq!((axis.min, axis.max), (0.0, 1.0));
    let axis = logarithmic(1.0, 1.0, 6);
    assert_eq!((axis.min, axis.max), (0.5, 2.0));
}

#[test]
fn a_few_decades_have_ticks_at_1_2_and_5() {
    let axis = logarithmic(0.03, 0.9, 6);
    assert_eq!(labels(&axis), ["0.02", "0.05", "0.1", "0.2", "0.5", "1"]);
    // Over three decades only powers of ten are labelled; 2 and 5 stay as minor ticks.
    let axis = logarithmic(1.0, 1000.0, 5);
    assert_eq!(labels(&axis), ["1", "", "", "10", "", "", "100", "", "", "1k"]);
}

#[test]
fn many_decades_have_ticks_at_every_few_powers_of_ten() {
    // 1e-30 to 1e38 is 68 decades: every 20th fits into five intervals.
    let axis = logarithmic(1e-30, 1e38, 5);
    assert_eq!(labels(&axis), ["1e-20", "1", "1e20"]);
    assert!(axis.fraction(1e-30).abs() < 1e-12);
    assert!((axis.fraction(1e38) - 1.0).abs() < 1e-12);
    // 1e4 is 34 decades above 1e-30.
    assert!((axis.fraction(1e4) - 0.5).abs() < 1e-12);
}

#[test]
fn less_than_a_factor_of_two_on_a_log_axis_has_linear_ticks() {
    let axis = logarithmic(0.72, 0.88, 4);
    assert_eq!(labels(&axis), ["0.70", "0.75", "0.80", "0.85", "0.90"]);
    assert!(axis.log && axis.min > 0.0);
}

/// The mantissa of a step written as `m * 10^e` with 1 <= m < 10.
fn mantissa(step: f64) -> f64 {
    let m = step / 10f64.powf(step.log10().floor());
    if m > 9.999 { m / 10.0 } else { m }
}

proptest! {
    #[test]
    fn linear_ticks_are_1_2_5_steps_that_cover_the_range(
        a in any::<f32>(), b in any::<f32>(), intervals in 2usize..12
    ) {
        prop_assume!(a.is_finite() && b.is_finite());
        let (lo, hi) = (f64::from(a.min(b)), f64::from(a.max(b)));
        let axis = linear(lo, hi, intervals);
        prop_assert!(axis.min <= lo && hi <= axis.max && axis.min < axis.max);
        prop_assert!((2..=intervals + 1).contains(&axis.ticks.len()));
        let step = axis.ticks[1].value - axis.ticks[0].value;
        let m = mantissa(step);
        prop_assert!([1.0, 2.0, 5.0].iter().any(|n| (m - n).abs() < 1e-3), "{step}");
        prop_assert!(axis.ticks[0].value <= lo + 0.02 * step);
        prop_assert!(axis.ticks[axis.ticks.len() - 1].value >= hi - 0.02 * step);
        // Labels tell ticks apart.
        let mut texts = labels(&axis);
        texts.dedup();
        prop_assert_eq!(texts.len(), axis.ticks.len());
        prop_assert!(texts.iter().all(|t| t.len() <= 12), "{:?}", texts);
    }

    #[test]
    fn logarithmic_axes_cover_any_positive_range(
        a in any::<f32>(), b in any::<f32>(), intervals in 2usize..12
    ) {
        let (a, b) = (a.abs(), b.abs());
        prop_assume!(a.is_finite() && b.is_finite() && a > 0.0 && b > 0.0);
        let (lo, hi) = (f64::from(a.min(b)), f64::from(a.max(b)));
        let axis = logarithmic(lo, hi, intervals);
        prop_assert!(axis.min > 0.0 && axis.min < axis.max);
        prop_assert!(axis.min <= lo && hi <= axis.max);
        let labelled = axis.ticks.iter().filter(|t| !t.label.is_empty()).count();
        prop_assert!(labelled >= 1 && labelled <= intervals.max(4) + 1);
    }

    #[test]
    fn decimation_keeps_the_lowest_and_highest_value_of_every_column_and_the_ends(
        y in prop::collection::vec(-1e3f32..1e3, 2..400), columns in 1u32..40
    ) {
        let n = y.len();
        let range = (1.0, n as f64);
        let runs = decimate(None, &y, false, range, columns);
        prop_assert_eq!(runs.len(), 1);
        let kept = &runs[0];
        // One more column than asked for: the last point stands on the right edge.
        prop_assert!(kept.len() <= 4 * (columns as usize + 1));
        prop_assert!(kept.is_sorted_by(|a, b| a.0 < b.0));
        prop_assert_eq!(kept[0], (1.0, f64::from(y[0])));
        prop_assert_eq!(kept[kept.len() - 1], (n as f64, f64::from(y[n - 1])));
        let column = |x: f64| ((x - 1.0) * (f64::from(columns) / (n - 1) as f64)) as u32;
        for c in 0..=columns {
            let extremes = |points: &mut dyn Iterator<Item = (f64, f64)>| {
                points.filter(|p| column(p.0) == c).fold(
                    (f64::INFINITY, f64::NEG_INFINITY),
                    |e, p| (e.0.min(p.1), e.1.max(p.1)),
                )
            };
            let all = extremes(&mut y.iter().enumerate().map(|(i, &y)| ((i + 1) as f64, f64::from(y))));
            prop_assert_eq!(extremes(&mut kept.iter().copied()), all);
        }
    }

    #[test]
    fn nothing_in_the_data_makes_drawing_fail(
        y in prop::collection::vec(any::<f32>(), 0..50),
        x in prop::option::of(prop::collection::vec(any::<f64>(), 0..50)),
        cursor in prop::option::of(any::<f64>()),
        (width, height) in (0u32..500, 0u32..300),
        pixel_ratio in any::<f64>(),
        (log_y, log_x) in any::<(bool, bool)>(),
    ) {
        for kind in [Kind::Train, Kind::Validation, Kind::Run(0), Kind::Points] {
            let spec = CurvesSpec {
                width, height, pixel_ratio, log_y, log_x, cursor,
                ..chart(vec![Series { x: x.as_deref(), y: &y, kind }])
            };
            let (_, g) = draw(&spec);
            prop_assert!(g.x_min < g.x_max && g.y_min < g.y_max);
            prop_assert!([g.x_min, g.x_max, g.y_min, g.y_max].iter().all(|v| v.is_finite()));
            prop_assert!(g.plot.left <= g.plot.right && g.plot.top <= g.plot.bottom);
        }
    }
}

#[test]
fn a_loss_that_jumps_within_every_pixel_is_one_filled_band() {
    // Between 0 and 1 all the time, each a few times within a pixel; once up to 2.
    let mut noisy: Vec<f32> = (0..40_000).map(|i| ((i as u64 * 7919) % 101) as f32 / 100.0).collect();
    noisy[20_000] = 2.0;
    let (recorder, geometry) = draw(&chart(vec![train(&noisy)]));
    assert!(recorder.paths.is_empty());
    let [band] = &recorder.polygons[..] else { panic!("{} polygons", recorder.polygons.len()) };
    let columns = (geometry.plot.right - geometry.plot.left) as usize;
    assert!(band.len() <= 2 * (columns + 1), "{} points for {columns} columns", band.len());
    // A stroke is two pixels wide: the band reaches one further than its values on either side.
    let y = |value: f64| {
        let share = (value - geometry.y_min) / (geometry.y_max - geometry.y_min);
        (geometry.plot.bottom - share * (geometry.plot.bottom - geometry.plot.top)).round() as i32
    };
    let (lowest, highest) = (band.iter().map(|p| p.1).max(), band.iter().map(|p| p.1).min());
    assert_eq!((lowest, highest), (Some(y(0.0) + 1), Some(y(2.0) - 1)));
    assert!(band[..band.len() / 2].is_sorted_by_key(|p| p.0), "once there and once back");

    let smooth: Vec<f32> = (0..40_000).map(|i| 1.0 / (1.0 + i as f32)).collect();
    let (recorder, _) = draw(&chart(vec![train(&smooth)]));
    assert_eq!((recorder.paths.len(), recorder.polygons.len()), (1, 0));
}

#[test]
fn the_validation_loss_is_seen_on_the_band_of_the_training_loss() {
    // An epoch of 400 batches, whose losses fill the pixels between 0 and 1.
    let noisy: Vec<f32> = (0..40_000).map(|i| ((i as u64 * 7919) % 101) as f32 / 100.0).collect();
    let ends: Vec<f64> = (1..=100).map(|epoch| f64::from(epoch * 400)).collect();
    let held: Vec<f32> = vec![0.5; 100];
    let validation = Series { x: Some(&ends), y: &held, kind: Kind::Validation };
    // Whatever comes first in the chart.
    for series in [vec![train(&noisy), validation], vec![validation, train(&noisy)]] {
        let (recorder, _) = draw(&chart(series));
        assert_eq!(recorder.polygons.len(), 1);
        assert!(recorder.bands_before_paths.iter().all(|&bands| bands == 1), "the band lies below all lines");
        let theme = Theme::LIGHT;
        let [halo, dashes @ ..] = &recorder.paths[..] else { panic!("nothing was drawn") };
        assert_eq!(halo.1, rgb(theme.surface));
        for dash in dashes {
            assert_eq!(dash.1, rgb(theme.validation));
            assert!(halo.2 >= dash.2 + 2, "one pixel more on either side, at least");
        }
        assert_eq!(halo.0.first(), dashes[0].0.first());
    }
    // Beside a line it needs none.
    let smooth: Vec<f32> = (0..40_000).map(|i| 1.0 / (1.0 + i as f32)).collect();
    let (recorder, _) = draw(&chart(vec![train(&smooth), validation]));
    let mut colors: Vec<_> = recorder.paths.iter().map(|path| path.1).collect();
    colors.dedup();
    assert_eq!(colors, [rgb(Theme::LIGHT.train), rgb(Theme::LIGHT.validation)]);
}

#[test]
fn one_spike_among_a_million_points_is_drawn() {
    let mut y = vec![1.0f32; 1_000_000];
    y[654_321] = 9.0;
    let runs = decimate(None, &y, false, (0.0, 1e6), 400);
    assert!(runs[0].contains(&(654_322.0, 9.0)));
    assert!(runs[0].len() < 1000);
}

#[test]
fn hostile_values_and_sizes_neither_panic_nor_hang() {
    const HOSTILE: [f32; 10] = [
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::MAX,
        f32::MIN,
        f32::MIN_POSITIVE,
        1e-45,
        -1e-45,
        0.0,
        -0.0,
    ];
    let wide = [f64::NAN, -1e300, -1e15, 0.0, 5e-324, 1e-323, 1e15, f64::MAX, f64::INFINITY, 1.0];
    for size in [(420, 240), (20, 10), (0, 100), (100, 0), (u32::MAX, u32::MAX)] {
        for (log_y, log_x) in [(false, false), (true, false), (false, true)] {
            for first in 0..HOSTILE.len() {
                for n in 0..HOSTILE.len() - first {
                    let y = &HOSTILE[first..first + n];
                    for x in [None, Some(&wide[first..first + n])] {
                        let kind = Kind::Run(0);
                        let spec = CurvesSpec {
                            width: size.0,
                            height: size.1,
                            log_y,
                            log_x,
                            cursor: Some(2.0),
                            ..chart(vec![Series { x, y, kind }, train(y)])
                        };
                        let (_, g) = draw(&spec);
                        assert!(g.x_min < g.x_max && g.y_min < g.y_max);
                    }
                }
            }
        }
    }
}

#[test]
fn a_curve_that_reaches_2e23_fits_a_linear_and_a_log_axis() {
    // y = 3x at rate 1: the loss grows by orders of magnitude per step until f32 ends.
    let y: Vec<f32> = (0..20).map(|i| 10f32.powi(2 * i - 1)).collect();
    for log_y in [false, true] {
        let spec = CurvesSpec { log_y, ..chart(vec![train(&y)]) };
        let (recorder, g) = draw(&spec);
        assert!(g.y_max >= f64::from(y[19]));
        let (path, ..) = &recorder.paths[0];
        assert_eq!(path.len(), 20);
        assert!(path.iter().all(|p| (0..=420).contains(&p.0) && (0..=240).contains(&p.1)));
    }
}

#[test]
fn values_that_cannot_be_drawn_leave_a_gap() {
    let y = [3.0, 2.0, f32::NAN, 1.5, 1.2, -1.0, 1.0, 0.5];
    // Without a log axis only the NaN is a gap; with it, -1 is one, too.
    let (recorder, _) = draw(&chart(vec![train(&y)]));
    let lengths = |r: &Recorder| r.paths.iter().map(|p| p.0.len()).collect::<Vec<_>>();
    assert_eq!(lengths(&recorder), [2, 5]);
    let spec = CurvesSpec { log_y: true, ..chart(vec![train(&y)]) };
    assert_eq!(lengths(&draw(&spec).0), [2, 2, 2]);
}

#[test]
fn a_single_point_is_a_dot() {
    let (recorder, _) = draw(&chart(vec![train(&[0.5])]));
    let color = rgb(Theme::LIGHT.train);
    assert!(recorder.paths.is_empty());
    assert_eq!(recorder.circles.iter().filter(|c| c.1 == color).count(), 1);
}

#[test]
fn the_cursor_marks_the_nearest_point_of_each_series() {
    let every_second = [2.0, 4.0, 6.0];
    let validation = Series { x: Some(&every_second), y: &[0.5, 0.25, 0.125], kind: Kind::Validation };
    let series = vec![train(&[6.0, 5.0, 4.0, f32::NAN, 2.0, 1.0]), validation, train(&[])];
    // At 4.4 the training value of step 4 is missing: 5 is 0.6 away. For validation, 4 is nearest.
    let spec = CurvesSpec { cursor: Some(4.4), ..chart(series) };
    let (recorder, g) = draw(&spec);
    let found: Vec<_> = g.points.iter().map(|p| (p.series, p.x, p.y)).collect();
    assert_eq!(found, [(0, 5.0, 2.0), (1, 4.0, 0.25)]);
    // The line stands on the nearest of them: at 4, that is 3/5 of the way from 1 to 6.
    let line = rgb(Theme::LIGHT.cursor);
    let dashes: Vec<_> = recorder.rects.iter().filter(|r| r.2 == line).collect();
    assert!(dashes.len() > 10);
    let at = g.plot.left + (g.plot.right - g.plot.left) * 3.0 / 5.0;
    assert!(dashes.iter().all(|d| f64::from(d.0.0) == at.round()));
    assert_eq!(recorder.polygons.len(), 2, "a diamond and its halo");

    let outside = CurvesSpec { cursor: Some(7.0), ..spec };
    assert!(draw(&outside).1.points.is_empty());
}

#[test]
fn the_geometry_maps_pointer_positions_to_steps() {
    let y: Vec<f32> = (0..100).map(|i| 1.0 / (i + 1) as f32).collect();
    let at_1 = draw(&chart(vec![train(&y)])).1;
    let spec = CurvesSpec { width: 840, height: 480, pixel_ratio: 2.0, ..chart(vec![train(&y)]) };
    // CSS pixels: the same at any pixel ratio.
    assert_eq!(draw(&spec).1, at_1);
    assert_eq!((at_1.x_min, at_1.x_max), (0.0, 100.0));
    assert_eq!((at_1.y_min, at_1.y_max), (0.0, 1.0));
}

#[test]
fn everything_grows_with_the_pixel_ratio_and_stays_on_whole_pixels() {
    let y = [1.0, 0.5, 0.25];
    let pinned = Series { x: None, y: &y, kind: Kind::Run(0) };
    for ratio in [1.0, 1.25, 2.0, 3.0] {
        let spec = CurvesSpec {
            width: (420.0 * ratio) as u32,
            height: (240.0 * ratio) as u32,
            pixel_ratio: ratio,
            surface: Surface::FINE,
            ..chart(vec![train(&y), pinned])
        };
        let (recorder, _) = draw(&spec);
        // 12 px text and a 2 px line, in sixteenths of a device pixel.
        assert!(recorder.texts.iter().all(|t| t.1 == 12.0 * 16.0 * ratio));
        let widest = recorder.paths.iter().map(|p| p.2).max();
        assert_eq!(widest, Some((2.0 * 16.0 * ratio) as u32));
        let whole = |p: BackendCoord| p.0 % 16 == 0 && p.1 % 16 == 0;
        assert!(recorder.rects.iter().all(|r| whole(r.0) && whole(r.1)));
    }
}

#[test]
fn kinds_differ_in_more_than_colour() {
    let y: Vec<f32> = (0..50).map(|i| 1.0 / (i + 1) as f32).collect();
    let look = |kind| {
        let (recorder, _) = draw(&chart(vec![Series { x: None, y: &y, kind }]));
        (recorder.paths.len(), recorder.paths[0].2)
    };
    let (train, validation, pinned) = (look(Kind::Train), look(Kind::Validation), look(Kind::Run(0)));
    assert_eq!(train.0, 1);
    assert!(validation.0 > 10 && pinned.0 > validation.0, "dashes, longer ones for validation");
    let fine = CurvesSpec { surface: Surface::FINE, ..chart(vec![]) };
    let width = |kind| {
        let series = vec![Series { x: None, y: &y, kind }];
        draw(&CurvesSpec { series, ..fine.clone() }).0.paths[0].2
    };
    assert!(width(Kind::Train) > width(Kind::Validation));
}

#[test]
fn runs_differ_from_each_other_in_colour_and_in_dashes() {
    let y: Vec<f32> = (0..50).map(|i| 1.0 / (i + 1) as f32).collect();
    let look = |number| {
        let (recorder, _) = draw(&chart(vec![Series { x: None, y: &y, kind: Kind::Run(number) }]));
        (recorder.paths[0].1, recorder.paths.len())
    };
    let looks: Vec<_> = (0..4).map(look).collect();
    for (i, one) in looks.iter().enumerate() {
        for other in &looks[..i] {
            assert!(one.0 != other.0 && one.1 != other.1, "{one:?} {other:?}");
        }
    }
}

#[test]
fn rows_are_marks_without_a_line_and_lie_on_top() {
    let x = [-1.0, 0.5, 2.0];
    let y = [0.1, 0.2, 0.3];
    let of = |kind| Series { x: Some(&x), y: &y, kind };
    let (recorder, g) = draw(&chart(vec![of(Kind::Points), of(Kind::Guide)]));
    assert_eq!((g.x_min, g.x_max), (-1.0, 2.0));
    // A halo and a disc for each row, and the line of the guide alone.
    assert_eq!((recorder.circles.len(), recorder.paths.len()), (6, 1));
    assert_eq!(draw(&chart(vec![of(Kind::HeldOut)])).0.polygons.len(), 6, "diamonds and their halos");
    assert!(Kind::Guide < Kind::Train && Kind::Train < Kind::Points, "drawn in this order");
}

#[test]
fn on_a_logarithmic_step_axis_equal_ratios_are_equal_distances() {
    let y = vec![1.0f32; 1000];
    let spec = CurvesSpec { log_x: true, cursor: Some(10.0), ..chart(vec![train(&y)]) };
    let (recorder, g) = draw(&spec);
    let close = |a: f64, b: f64| (a - b).abs() < 1e-9 * b;
    assert!(close(g.x_min, 1.0) && close(g.x_max, 1000.0), "{} {}", g.x_min, g.x_max);
    assert!(close(g.points[0].x, 10.0));
    // Ten is a third of the way from 1 to 1,000.
    let at = g.plot.left + (g.plot.right - g.plot.left) / 3.0;
    let line = rgb(Theme::LIGHT.cursor);
    let dashes: Vec<_> = recorder.rects.iter().filter(|r| r.2 == line).collect();
    assert!(!dashes.is_empty() && dashes.iter().all(|d| f64::from(d.0.0) == at.round()));
    assert_eq!(labels(&log_steps(0.0, 3.0, 6)), ["1", "", "", "10", "", "", "100", "", "", "1k"]);
    // Where the data end, not at the next power of ten.
    let axis = log_steps(0.0, 2.5, 6);
    assert_eq!((axis.min, axis.max), (0.0, 2.5));
    // What stands at no positive step is a gap; one step alone is no empty axis.
    let x = [0.0, 1.0, 2.0];
    let zero = Series { x: Some(&x), y: &[1.0, 2.0, 3.0], kind: Kind::Train };
    let spec = CurvesSpec { log_x: true, ..chart(vec![zero]) };
    assert_eq!(draw(&spec).0.paths[0].0.len(), 2);
    let spec = CurvesSpec { log_x: true, ..chart(vec![train(&[1.0])]) };
    assert!(draw(&spec).1.x_min < 1.0);
}

#[test]
fn dashes_stay_few_when_a_curve_is_noise() {
    let y: Vec<f32> = (0..100_000).map(|i| (i % 2) as f32).collect();
    let (recorder, _) = draw(&chart(vec![Series { x: None, y: &y, kind: Kind::Run(0) }]));
    assert!((500..=1001).contains(&recorder.paths.len()));
}

/// Relative luminance and contrast as WCAG 2.2 defines them.
fn contrast(a: RGBColor, b: RGBColor) -> f64 {
    let luminance = |c: RGBColor| {
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(c.0) + 0.7152 * linear(c.1) + 0.0722 * linear(c.2)
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn lines_and_text_stand_out_in_both_themes() {
    for t in [Theme::LIGHT, Theme::DARK] {
        assert!(contrast(t.text, t.surface) >= 4.5);
        for line in [t.train, t.validation, t.cursor].into_iter().chain(t.runs) {
            assert!(contrast(line, t.surface) >= 3.0, "{line:?}");
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn an_svg_has_the_axis_names_tick_labels_and_one_polyline_per_curve() {
    let y = [0.76, 0.5, 0.3, 0.2];
    let (svg, _) = gradus::plot::curves_svg(&chart(vec![train(&y)])).expect("strings do not fail");
    assert!(
        svg.starts_with(r#"<svg width="420" height="240" stroke-linejoin="round" viewBox="0 0 6720 3840""#)
    );
    let texts: Vec<&str> = svg.split("<text").skip(1).filter_map(|t| t.split('\n').nth(1)).collect();
    assert_eq!(texts, ["0", "0.2", "0.4", "0.6", "0.8", "1", "2", "3", "4", "step", "loss"]);
    assert_eq!(svg.matches("<polyline").count(), 1);
    let points = svg.split("points=\"").nth(1).and_then(|p| p.split('"').next());
    assert_eq!(points.expect("a polyline has points").split_whitespace().count(), 4);
}

#[cfg(target_arch = "wasm32")]
mod canvas {
    use gradus::web::charts::draw_curves_on_canvas;
    use js_sys::{Array, Float32Array, JSON, Object, Reflect};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_test::wasm_bindgen_test as test;
    use web_sys::HtmlCanvasElement;

    fn element() -> HtmlCanvasElement {
        let document = web_sys::window().and_then(|w| w.document()).expect("a page");
        let canvas = document.create_element("canvas").expect("an element");
        let canvas: HtmlCanvasElement = canvas.unchecked_into();
        canvas.set_width(840);
        canvas.set_height(480);
        canvas
    }

    fn spec(json: &str, y: &[f32]) -> JsValue {
        let spec = JSON::parse(json).expect("JSON");
        let series = Reflect::get(&spec, &"series".into()).expect("an object");
        let first = Array::from(&series).get(0);
        Reflect::set(&first, &"y".into(), &Float32Array::from(y)).expect("an object");
        spec
    }

    const SPEC: &str = r#"{"dark": false, "pixelRatio": 2, "logY": false, "xLabel": "step",
        "yLabel": "loss", "cursor": 2, "series": [{"label": "train", "x": [1, 2, 3],
        "kind": "train"}]}"#;

    #[test]
    fn a_chart_on_a_canvas_says_where_its_points_are() {
        let canvas = element();
        let empty = canvas.to_data_url().expect("a picture");
        let spec = spec(SPEC, &[4.0, 2.0, 1.0]);
        let geometry = draw_curves_on_canvas(&canvas, &spec).expect("a chart");
        let geometry = String::from(JSON::stringify(&geometry).expect("JSON"));
        assert!(geometry.contains(r#""points":[{"label":"train","x":2,"y":2}]"#), "{geometry}");
        assert!(geometry.contains(r#""xMin":1,"xMax":3,"yMin":0,"yMax":4"#), "{geometry}");
        let drawn = canvas.to_data_url().expect("a picture");
        assert_ne!(drawn, empty);
        // Drawn again it is the same picture: nothing is left of the first one.
        draw_curves_on_canvas(&canvas, &spec).expect("a chart");
        assert_eq!(canvas.to_data_url().expect("a picture"), drawn);
    }

    #[test]
    fn a_wrong_argument_is_an_error_that_names_it() {
        let error = |canvas: &JsValue, spec: &JsValue| {
            let error = draw_curves_on_canvas(canvas, spec).expect_err("an error");
            String::from(error.unchecked_into::<js_sys::Error>().message())
        };
        let canvas: JsValue = element().into();
        let good = spec(SPEC, &[4.0, 2.0, 1.0]);
        assert_eq!(error(&JsValue::NULL, &good), "drawCurves: canvas must be a canvas element");
        assert_eq!(error(&canvas, &JsValue::NULL), "drawCurves: spec must be an object");
        let nothing: JsValue = Object::new().into();
        assert_eq!(error(&canvas, &nothing), "drawCurves: spec.pixelRatio must be a number");
        assert_eq!(
            error(&canvas, &spec(SPEC, &[1.0])),
            "drawCurves: spec.series[0].x has 3 steps, but spec.series[0].y 1 values"
        );
        let kind = SPEC.replace(r#""kind": "train""#, r#""kind": "test""#);
        assert_eq!(
            error(&canvas, &spec(&kind, &[4.0, 2.0, 1.0])),
            "drawCurves: spec.series[0].kind must be one of those that CurveSeries lists"
        );
    }
}
