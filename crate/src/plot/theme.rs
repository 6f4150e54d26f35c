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
    /// Training curves: at least 3:1 against `surface`, as are those of the rest.
    pub train: RGBColor,
    /// Validation curves.
    pub validation: RGBColor,
    /// Curves of other runs, by their numbers, over and over again.
    pub runs: [RGBColor; 6],
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
        runs: [
            RGBColor(0xb4, 0x53, 0x09),
            RGBColor(0x15, 0x80, 0x3d),
            RGBColor(0xbe, 0x18, 0x5d),
            RGBColor(0x0e, 0x74, 0x90),
            RGBColor(0x6b, 0x6a, 0x00),
            RGBColor(0x57, 0x53, 0x4e),
        ],
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
        runs: [
            RGBColor(0xf0, 0xa0, 0x50),
            RGBColor(0x58, 0xc0, 0x8a),
            RGBColor(0xf4, 0x72, 0xb6),
            RGBColor(0x38, 0xbd, 0xc8),
            RGBColor(0xcd, 0xbb, 0x50),
            RGBColor(0xa8, 0xa2, 0x9e),
        ],
    };
}
