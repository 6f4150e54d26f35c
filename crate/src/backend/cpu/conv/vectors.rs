//! Convolution in f32, four neighbours at a time.
//!
//! An image is seen as *rows*: number k of the window of the output at (row, column) lies at row · width
//! plus column plus offset(k), with the same offsets for all outputs, so that four neighbouring outputs take
//! four neighbouring numbers, for every k. The image itself is like that; padding and strides need it laid
//! out anew. No matrix of windows is made, but for strides.

use super::Sizes;
use crate::backend::cpu::f32x4::F32x4;
use crate::backend::cpu::storage::Element;

/// Output channels (of the weight: of the adjoint's) that are computed together
const CHANNELS: usize = 4;
/// What can be read behind the last number
const SLACK: usize = 4;

/// How rows lie.
#[derive(Clone, Copy)]
struct Rows {
    /// From one row of outputs to the next
    width: usize,
    /// Numbers of a channel
    plane: usize,
    /// Rows and columns of outputs
    outputs: (usize, usize),
    /// Whether every window has been laid out as a column, since strides are not 1
    columns: bool,
}

impl Rows {
    /// Of the input of a convolution.
    fn of_input(s: &Sizes) -> Rows {
        if s.stride != (1, 1) {
            let n = s.output.0 * s.output.1;
            return Rows { width: n, plane: n, outputs: (1, n), columns: true };
        }
        let width = s.input.1 + 2 * s.padding.1;
        Rows { width, plane: (s.input.0 + 2 * s.padding.0) * width, outputs: s.output, columns: false }
    }

    /// Of the gradient of an output, with what its strides have left out, for the input's gradient.
    fn of_gradient(s: &Sizes) -> Rows {
        let around = |kernel: usize, dilation: usize| (kernel - 1) * dilation;
        let width = s.input.1 + around(s.kernel.1, s.dilation.1);
        let height = s.input.0 + around(s.kernel.0, s.dilation.0);
        Rows { width, plane: height * width, outputs: s.input, columns: false }
    }

    /// Numbers of all channels, or of all columns.
    fn len(&self, s: &Sizes) -> usize {
        self.plane * if self.columns { s.window() } else { s.channels.0 }
    }

    /// Where number k of the first window lies.
    fn offset(&self, s: &Sizes, k: usize) -> usize {
        if self.columns {
            return k * self.plane;
        }
        let (c, ky, kx) = s.place(k);
        c * self.plane + ky * s.dilation.0 * self.width + kx * s.dilation.1
    }

    /// An image's rows: where they are, or in `rows`, which is zero where there is padding.
    fn of<'a>(&self, s: &Sizes, x: &'a [f32], part: usize, rows: &'a mut [f32]) -> &'a [f32] {
        let start = part * s.x_part();
        // Numbers behind the end are read, if not used: there must be some.
        if !self.columns && s.padding == (0, 0) && start + s.x_part() + SLACK <= x.len() {
            return &x[start..start + s.x_part() + SLACK];
        }
        self.fill(s, &x[start..start + s.x_part()], rows);
        rows
    }

    fn fill(&self, s: &Sizes, x: &[f32], rows: &mut [f32]) {
        let (h, w) = s.input;
        if self.columns {
            for k in 0..s.window() {
                let (c, ky, kx) = s.place(k);
                for row in 0..s.output.0 {
                    let to = &mut rows[k * self.plane + row * s.output.1..][..s.output.1];
                    let y = (row * s.stride.0 + ky * s.dilation.0).wrapping_sub(s.padding.0);
                    for (column, to) in to.iter_mut().enumerate() {
                        let at = (column * s.stride.1 + kx * s.dilation.1).wrapping_sub(s.padding.1);
                        *to = if y < h && at < w { x[(c * h + y) * w + at] } else { 0.0 };
                    }
                }
            }
            return;
        }
        for (c, plane) in x.chunks_exact(h * w).enumerate() {
            for (y, row) in plane.chunks_exact(w).enumerate() {
                let at = c * self.plane + (y + s.padding.0) * self.width + s.padding.1;
                copy(row, &mut rows[at..at + w]);
            }
        }
    }
}

/// A short copy, without a call.
fn copy(from: &[f32], to: &mut [f32]) {
    let ((from, from_rest), (to, to_rest)) = (from.as_chunks::<4>(), to.as_chunks_mut::<4>());
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
    for (to, from) in to_rest.iter_mut().zip(from_rest) {
        *to = *from;
    }
}

/// Weights of four channels side by side, for each k; 0 for channels that there are not. `at` says where
/// the weight of (channel, k) lies.
fn pack(packed: &mut [[f32; CHANNELS]], weight: &[f32], channels: usize, at: impl Fn(usize, usize) -> usize) {
    let window = packed.len() / channels.div_ceil(CHANNELS);
    for (i, four) in packed.iter_mut().enumerate() {
        let (block, k) = (i / window, i % window);
        *four = std::array::from_fn(|j| {
            let channel = block * CHANNELS + j;
            if channel < channels { weight[at(channel, k)] } else { 0.0 }
        });
    }
}

/// Where a tile's outputs go: planes of several channels.
struct Place<'a> {
    planes: &'a mut [f32],
    plane: usize,
    at: usize,
}

/// V vectors of outputs (at most three) of four channels.
///
/// # Safety
/// Behind `rows` there are 4 V numbers at every offset, and for every offset there are four weights.
#[inline(always)]
unsafe fn tile<const V: usize>(
    rows: *const f32,
    offsets: &[i64],
    mut weights: *const f32,
    [a, b, c, d]: [f32; CHANNELS],
    mut to: Place<'_>,
) {
    let first = [F32x4::splat(a), F32x4::splat(b), F32x4::splat(c), F32x4::splat(d)];
    let [mut left, mut middle, mut right] = [first; 3];
    for &offset in offsets {
        // SAFETY: the caller's.
        unsafe {
            let x = rows.add(offset as usize);
            let w = [
                F32x4::splat_at(weights),
                F32x4::splat_at(weights.add(1)),
                F32x4::splat_at(weights.add(2)),
                F32x4::splat_at(weights.add(3)),
            ];
            left = add_products(left, w, F32x4::read(x));
            if V > 1 {
                middle = add_products(middle, w, F32x4::read(x.add(4)));
            }
            if V > 2 {
                right = add_products(right, w, F32x4::read(x.add(8)));
            }
            weights = weights.add(CHANNELS);
        }
    }
    store(&mut to, 0, left);
    if V > 1 {
        store(&mut to, 4, middle);
    }
    if V > 2 {
        store(&mut to, 8, right);
    }
}

/// Stores four outputs of each channel. Those behind the end of a row are in the next one, which comes
/// later; behind the end of a plane there is no room.
#[inline(always)]
fn store(to: &mut Place<'_>, from: usize, sums: [F32x4; CHANNELS]) {
    let at = to.at + from;
    let n = to.plane.saturating_sub(at).min(4);
    let channels = to.planes.len() / to.plane;
    let mut put = |channel: usize, sum: F32x4| {
        let start = channel * to.plane + at;
        if channel >= channels {
        } else if n == 4 {
            to.planes[start..start + 4].copy_from_slice(&sum.array());
        } else {
            to.planes[start..start + n].iter_mut().zip(sum.array()).for_each(|(to, v)| *to = v);
        }
    };
    let [a, b, c, d] = sums;
    put(0, a);
    put(1, b);
    put(2, c);
    put(3, d);
}

/// (Spelt out, since small builds unroll no loops.)
#[inline(always)]
fn add_products([a, b, c, d]: [F32x4; CHANNELS], w: [F32x4; CHANNELS], x: F32x4) -> [F32x4; CHANNELS] {
    [a + w[0] * x, b + w[1] * x, c + w[2] * x, d + w[3] * x]
}

/// All outputs of an image: `out` has a plane for each channel.
fn correlate(
    layout: &Rows,
    rows: &[f32],
    offsets: &[i64],
    packed: &[[f32; CHANNELS]],
    start: Option<&[f32]>,
    out: &mut [f32],
) {
    let (height, width) = layout.outputs;
    let farthest = offsets.iter().max().map_or(0, |&o| o as usize);
    assert!(farthest + (height - 1) * layout.width + width.next_multiple_of(4) <= rows.len());
    let plane = height * width;
    let blocks = out.chunks_mut(CHANNELS * plane).zip(packed.chunks_exact(offsets.len()));
    for (block, (planes, weights)) in blocks.enumerate() {
        let of = |j: usize| start.and_then(|s| s.get(block * CHANNELS + j)).copied().unwrap_or(0.0);
        let start = [of(0), of(1), of(2), of(3)];
        let weights = weights.as_flattened().as_ptr();
        for row in 0..height {
            let mut column = 0;
            while column < width {
                let left = width - column;
                // SAFETY: a tile ends at most three numbers behind its row, which is in the rows for the
                // farthest offset, as asserted above; there are as many weights as offsets.
                let n = unsafe {
                    let from = rows.as_ptr().add(row * layout.width + column);
                    let to = Place { planes: &mut *planes, plane, at: row * width + column };
                    match left {
                        1..=4 => {
                            tile::<1>(from, offsets, weights, start, to);
                            4
                        }
                        // Two of eight are less than one of twelve and one of four.
                        5..=8 | 13..=16 => {
                            tile::<2>(from, offsets, weights, start, to);
                            8
                        }
                        _ => {
                            tile::<3>(from, offsets, weights, start, to);
                            12
                        }
                    }
                };
                column += n;
            }
        }
    }
}

/// Calls `f` with offsets, packed weights and an empty buffer for rows.
fn with_buffers(
    (window, channels, rows): (usize, usize, usize),
    f: impl FnOnce(&mut [i64], &mut [[f32; CHANNELS]], &mut [f32]),
) {
    let packed = window * channels.div_ceil(CHANNELS) * CHANNELS;
    i64::with_scratch(window, |offsets| {
        f32::with_scratch(packed + rows + SLACK, |buffer| {
            let (packed, rows) = buffer.split_at_mut(packed);
            rows.fill(0.0);
            f(offsets, packed.as_chunks_mut().0, rows);
        });
    });
}

/// As [`super::plain::forward`].
pub(super) fn forward(s: &Sizes, x: &[f32], weight: &[f32], bias: Option<&[f32]>, out: &mut [f32]) {
    let layout = Rows::of_input(s);
    let (window, channels) = (s.window(), s.channels.1);
    with_buffers((window, channels, layout.len(s)), |offsets, packed, rows| {
        offsets.iter_mut().enumerate().for_each(|(k, o)| *o = layout.offset(s, k) as i64);
        for group in 0..s.groups {
            let weight = &weight[group * s.weight_part()..][..s.weight_part()];
            pack(packed, weight, channels, |channel, k| channel * window + k);
            let bias = bias.map(|b| &b[group * channels..][..channels]);
            for image in 0..s.images {
                let part = image * s.groups + group;
                let out = &mut out[part * s.y_part()..][..s.y_part()];
                correlate(&layout, layout.of(s, x, part, rows), offsets, packed, bias, out);
            }
        }
    });
}

/// As [`super::plain::input`]: a convolution of the gradient, spread to where its windows were, with the
/// window turned around.
pub(super) fn input(s: &Sizes, g: &[f32], weight: &[f32], _: Option<&[f32]>, out: &mut [f32]) {
    let layout = Rows::of_gradient(s);
    let (kh, kw) = s.kernel;
    let window = s.channels.1 * kh * kw;
    // Where the first window's first element would be
    let corner = ((kh - 1) * s.dilation.0, (kw - 1) * s.dilation.1);
    with_buffers((window, s.channels.0, s.channels.1 * layout.plane), |offsets, packed, rows| {
        for (k, offset) in offsets.iter_mut().enumerate() {
            let (o, ky, kx) = s.place(k);
            let (down, right) = (corner.0 - ky * s.dilation.0, corner.1 - kx * s.dilation.1);
            *offset = (o * layout.plane + down * layout.width + right) as i64;
        }
        for group in 0..s.groups {
            let weight = &weight[group * s.weight_part()..][..s.weight_part()];
            pack(packed, weight, s.channels.0, |channel, k| {
                let (o, within) = (k / (kh * kw), k % (kh * kw));
                o * s.window() + channel * kh * kw + within
            });
            for image in 0..s.images {
                let part = image * s.groups + group;
                let g = &g[part * s.y_part()..][..s.y_part()];
                spread(s, &layout, g, corner, rows);
                let out = &mut out[part * s.x_part()..][..s.x_part()];
                correlate(&layout, rows, offsets, packed, None, out);
            }
        }
    });
}

/// Every gradient to the place of its window's corner, where that is in the rows.
fn spread(s: &Sizes, layout: &Rows, g: &[f32], corner: (usize, usize), rows: &mut [f32]) {
    let (height, width) = s.output;
    // The places grow with the window's number, so those inside are neighbours.
    let places = |corner: usize, stride: usize, padding: usize, windows: usize, size: usize| {
        let first = padding.saturating_sub(corner).div_ceil(stride);
        let last = (size + padding).saturating_sub(corner).div_ceil(stride).min(windows);
        (first.min(last), last)
    };
    let plane_height = layout.plane / layout.width;
    let (first_row, last_row) = places(corner.0, s.stride.0, s.padding.0, height, plane_height);
    let (first, last) = places(corner.1, s.stride.1, s.padding.1, width, layout.width);
    for (o, plane) in g.chunks_exact(height * width).enumerate() {
        for row in first_row..last_row {
            let y = row * s.stride.0 + corner.0 - s.padding.0;
            let at = o * layout.plane + y * layout.width + first * s.stride.1 + corner.1 - s.padding.1;
            let from = &plane[row * width + first..row * width + last];
            if s.stride.1 == 1 {
                copy(from, &mut rows[at..at + from.len()]);
            } else {
                for (i, &v) in from.iter().enumerate() {
                    rows[at + i * s.stride.1] = v;
                }
            }
        }
    }
}

/// Output channels and numbers of the window in a tile of the weight's gradient
const TILE: (usize, usize) = (2, 3);

/// As [`super::plain::weight`].
pub(super) fn weight(s: &Sizes, g: &[f32], x: &[f32], _: Option<&[f32]>, out: &mut [f32]) {
    let layout = Rows::of_input(s);
    let window = s.window();
    let (height, width) = layout.outputs;
    // Positions of outputs, gaps between rows included, as vectors
    let vectors = ((height - 1) * layout.width + width).div_ceil(4);
    let tiles = (s.channels.1.div_ceil(TILE.0), window.div_ceil(TILE.1));
    let sums = tiles.0 * tiles.1 * TILE.0 * TILE.1;
    let size = 4 * (sums + s.channels.1 * vectors) + layout.len(s) + SLACK;
    let mut run = |offsets: &mut [i64], buffer: &mut [f32]| {
        offsets.iter_mut().enumerate().for_each(|(k, o)| *o = layout.offset(s, k) as i64);
        let (sums, buffer) = buffer.split_at_mut(4 * sums);
        let (spaced, rows) = buffer.split_at_mut(4 * s.channels.1 * vectors);
        let (sums, spaced) = (sums.as_chunks_mut::<4>().0, spaced.as_chunks_mut::<4>().0);
        rows.fill(0.0);
        spaced.as_flattened_mut().fill(0.0);
        for group in 0..s.groups {
            sums.as_flattened_mut().fill(0.0);
            for image in 0..s.images {
                let part = image * s.groups + group;
                for (channel, plane) in
                    g[part * s.y_part()..][..s.y_part()].chunks_exact(height * width).enumerate()
                {
                    let to = &mut spaced[channel * vectors..][..vectors].as_flattened_mut();
                    for (row, from) in plane.chunks_exact(width).enumerate() {
                        copy(from, &mut to[row * layout.width..row * layout.width + width]);
                    }
                }
                let seen = layout.of(s, x, part, rows);
                dots(s, offsets, spaced, seen, vectors, sums);
            }
            let part = &mut out[group * s.weight_part()..][..s.weight_part()];
            for (at, out) in part.iter_mut().enumerate() {
                let (o, k) = (at / window, at % window);
                let tile = (o / TILE.0) * tiles.1 + k / TILE.1;
                let [a, b, c, d] = sums[(tile * TILE.0 + o % TILE.0) * TILE.1 + k % TILE.1];
                *out = (a + c) + (b + d);
            }
        }
    };
    i64::with_scratch(window, |offsets| f32::with_scratch(size, |buffer| run(offsets, buffer)));
}

/// Adds an image's products to the sums of all tiles.
fn dots(s: &Sizes, offsets: &[i64], g: &[[f32; 4]], rows: &[f32], vectors: usize, sums: &mut [[f32; 4]]) {
    let mut tiles = sums.chunks_exact_mut(TILE.0 * TILE.1);
    for o in (0..s.channels.1).step_by(TILE.0) {
        // Where there are not enough, the last one again: nobody reads its sum.
        let channel = |i: usize| &g[(o + i).min(s.channels.1 - 1) * vectors..][..vectors];
        let g = [channel(0), channel(1)];
        for k in (0..offsets.len()).step_by(TILE.1) {
            let number = |i: usize| {
                let at = offsets[(k + i).min(offsets.len() - 1)] as usize;
                rows[at..at + 4 * vectors].as_chunks::<4>().0
            };
            let tile = tiles.next().expect("as many as there are");
            let products = dot(g, [number(0), number(1), number(2)], vectors);
            for (all, sum) in tile.iter_mut().zip(products.as_flattened()) {
                *all = (F32x4::from_array(*all) + *sum).array();
            }
        }
    }
}

/// Σ g x of each pair, in four lanes.
#[inline(always)]
fn dot(g: [&[[f32; 4]]; TILE.0], x: [&[[f32; 4]]; TILE.1], n: usize) -> [[F32x4; TILE.1]; TILE.0] {
    let (g, h) = (&g[0][..n], &g[1][..n]);
    let (x, y, z) = (&x[0][..n], &x[1][..n], &x[2][..n]);
    let [mut gx, mut gy, mut gz, mut hx, mut hy, mut hz] = [F32x4::splat(0.0); 6];
    for i in 0..n {
        let (g, h) = (F32x4::from_array(g[i]), F32x4::from_array(h[i]));
        let (x, y, z) = (F32x4::from_array(x[i]), F32x4::from_array(y[i]), F32x4::from_array(z[i]));
        (gx, gy, gz) = (gx + g * x, gy + g * y, gz + g * z);
        (hx, hy, hz) = (hx + h * x, hy + h * y, hz + h * z);
    }
    [[gx, gy, gz], [hx, hy, hz]]
}
