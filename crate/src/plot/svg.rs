//! Charts as SVG text.

use plotters::backend::{DrawingBackend, SVGBackend};
use plotters_backend::DrawingErrorKind;

use super::{CurvesSpec, Geometry, Surface, draw_curves};

/// plotters' SVG backend divides font sizes by this.
const FONT_SCALE: f64 = 1.24;

/// Draws a chart as an SVG document of `spec.width` by `spec.height` pixels on the theme's
/// surface; `spec.surface` is not used.
pub fn curves_svg(spec: &CurvesSpec<'_>) -> Result<(String, Geometry), DrawingErrorKind<std::io::Error>> {
    let spec = CurvesSpec { surface: Surface { font_scale: FONT_SCALE, ..Surface::FINE }, ..spec.clone() };
    let unit = u32::from(spec.surface.subpixels);
    let (width, height) = (spec.width.min(1 << 16), spec.height.min(1 << 16));
    let size = (width * unit, height * unit);
    let mut svg = String::new();
    let geometry = {
        let mut backend = SVGBackend::with_string(&mut svg, size);
        let corner = (size.0 as i32, size.1 as i32);
        backend.draw_rect((0, 0), corner, &spec.theme.surface, true)?;
        let geometry = draw_curves(&mut backend, &spec)?;
        backend.present()?;
        geometry
    };
    // The backend's size is that of its units; strokes meet at round joints, as on the canvas.
    let root = format!(r#"width="{}" height="{}""#, size.0, size.1);
    let scaled = format!(r#"width="{width}" height="{height}" stroke-linejoin="round""#);
    Ok((svg.replacen(&root, &scaled, 1), geometry))
}
