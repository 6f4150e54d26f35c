//! Colours of the charts. They repeat the page's palette (a canvas cannot read custom
//! properties); `tests/plot.rs` checks their contrast against `surface`.

use plotters::style::RGBColor;

/// The colours of one theme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Theme {
    /// What the chart lies on. Charts do not paint it, except for halos and SVG exports.
    pub surface: RGBColor,
    /// Tick labels and axis names: at least 4.5:1 against `surface`.
    pub text: RGBColor,
    /// Horizontal grid lines, faint on purpose: they carry no information of their own.
    pub grid: RGBColor,
    /// The horizontal axis and its tick marks.
    pub axis: RGBColor,
    /// The vertical line under the pointer.
    pub cursor: RGBColor,
    /// Training curves: at least 3:1 against `surface`, as are the next two.
    pub train: RGBColor,
    /// Validation curves.
    pub validation: RGBColor,
    /// Curves of earlier runs, kept to compare with.
    pub pinned: RGBColor,
}

impl Theme {
    /// Dark ink on a light page.
    pub const LIGHT: Self = Self {
        surface: RGBColor(0xfb, 0xfb, 0xf9),
        text: RGBColor(0x5c, 0x63, 0x6b),
        grid: RGBColor(0xe6, 0xe6, 0xe1),
        axis: RGBColor(0xb9, 0xbd, 0xc1),
        cursor: RGBColor(0x8a, 0x91, 0x98),
        train: RGBColor(0x0b, 0x62, 0xc4),
        validation: RGBColor(0x7a, 0x4f, 0xb5),
        pinned: RGBColor(0x82, 0x89, 0x91),
    };

    /// Light ink on a dark page.
    pub const DARK: Self = Self {
        surface: RGBColor(0x14, 0x17, 0x1a),
        text: RGBColor(0x9a, 0xa3, 0xab),
        grid: RGBColor(0x2a, 0x30, 0x36),
        axis: RGBColor(0x4a, 0x52, 0x5a),
        cursor: RGBColor(0x7b, 0x83, 0x8b),
        train: RGBColor(0x5a, 0xa7, 0xff),
        validation: RGBColor(0xb7, 0x94, 0xf4),
        pinned: RGBColor(0x7f, 0x88, 0x90),
    };
}
