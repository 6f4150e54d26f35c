//! Matrix products, and convolutions as products.

use super::{Lowering, View, unsupported};
use crate::backend::gpu::kernel::{Extent, File, Kernel, Key, groups_of};
use crate::dtype::DType;
use crate::error::Result;
use crate::op::Conv;

/// Rows and columns of a tile.
const TILE: usize = 32;
/// Fewer tiles than that leave most of a device without work.
const ENOUGH_TILES: usize = 64;
/// Rows and columns of a thread's block of results.
const BLOCK: usize = 8;
/// Threads of a group that each have a block: see `wgsl/product_block.wgsl`.
const BLOCKS_OF_A_GROUP: usize = 8;
/// Fewer blocks than that leave processors without work.
const ENOUGH_BLOCKS: usize = 32;
/// A graphics processor with fewer threads waits for memory.
const ENOUGH_THREADS: usize = 1 << 15;
/// A dimension has at most so many groups.
const MOST_GROUPS: usize = 65_535;

/// y[b, m, n] = Σₖ a(b, m, k) b(b, k, n)
struct Product<B> {
    m: usize,
    n: usize,
    k: usize,
    products: usize,
    /// How operands are read
    load: &'static str,
    /// Whether neighbours along k lie together, in a and in b
    along_k: (bool, bool),
    a: B,
    b: B,
    bias: Option<(B, usize, isize)>,
    y: B,
    /// Its elements
    len: usize,
    /// Offsets of a, b and y
    offsets: [usize; 3],
    /// Strides of matrices: a's, b's, y's
    strides: [isize; 9],
    /// Of convolutions
    geometry: Option<[usize; 16]>,
    /// The same for blocks
    windows: Option<Windows>,
}

impl<B> Product<B> {
    /// Whether it is a row times a matrix whose rows lie one after the other.
    fn is_row(&self) -> bool {
        self.m == 1 && self.n >= 4 && self.windows.is_none() && self.strides[5] == 1
    }

    fn bias_word(&self) -> &'static str {
        if self.bias.is_some() { "bias" } else { "" }
    }

    /// In which direction four elements of a and of b are one load of a vector.
    fn orders(&self) -> (&'static str, &'static str) {
        let fours = |numbers: &[isize]| numbers.iter().all(|n| n % 4 == 0);
        if self.windows.is_some() {
            return ("", "");
        }
        let [a, b, _] = self.offsets.map(|offset| offset as isize);
        let k = self.k as isize;
        let [product, m, along, other, down, n, ..] = self.strides;
        let order_a = match (m, along) {
            (_, 1) if fours(&[a, k, product, m]) => "k",
            (1, _) if fours(&[a, product, along]) => "m",
            _ => "",
        };
        let order_b = match (down, n) {
            (_, 1) if fours(&[b, other, down]) => "n",
            (1, _) if fours(&[b, k, other, n]) => "k",
            _ => "",
        };
        (order_a, order_b)
    }
}

/// In how many parts k is divided, and how long one is: a multiple of `of`.
fn in_parts(k: usize, parts: usize, of: usize) -> (usize, usize) {
    let part = k.div_ceil(parts).next_multiple_of(of);
    (k.div_ceil(part.max(1)).max(1), part)
}

/// How a convolution's operands lie, as `wgsl/block_windows.wgsl` reads it.
struct Windows {
    numbers: [isize; 25],
    /// Whether windows have to be divided by their stride
    strided: bool,
}

/// Of a convolution: a's strides along products and m, the result's, and the windows.
fn windows_of(load: &str, g: [usize; 16]) -> ([isize; 4], Windows) {
    let [h, w, yh, yw, kh, kw, sy, sx, py, px, dy, dx, c, o, cg, og] = g.map(|n| n as isize);
    let (image, plane, kernel) = (h * w, yh * yw, kh * kw);
    let strided = load == "conv input" && (sy, sx) != (1, 1);
    // Steps, sizes along k, planes of b, their distances in b and a
    let ([ty, tx], [ny, nx], [bh, bw], outer, outer_a) = match load {
        "conv" => ([dy, dx], [kh, kw], [h, w], image, kernel),
        "conv input" => ([-dy, -dx], [kh, kw], [yh, yw], plane, cg * kernel),
        _ => ([sy, sx], [yh, yw], [h, w], c * image, o * plane),
    };
    let (pitch, unit) = if strided { (0, 0) } else { (bw, 1) };
    let grows = [tx * unit, ty * pitch - nx * tx * unit, outer - ny * ty * pitch, outer_a - nx * ny];
    // Columns of b: their sizes, steps and beginnings, distances of planes and products, planes of the result
    let (sizes, steps, begin, far, results) = match load {
        "conv" => ([yh, yw], [sy, sx], [-py, -px], [c * image, cg * image], o * plane),
        "conv input" => ([h, w], [1, 1], [py, px], [o * plane, og * plane], c * image),
        _ => ([kh, kw], [dy, dx], [-py, -px], [image, cg * image], kernel),
    };
    let numbers = [
        [tx, nx * tx, ty, ny * ty],
        grows,
        [bh, bw, sy, sx],
        [nx, ny, sizes[0], sizes[1]],
        [steps[0], steps[1], begin[0], begin[1]],
        [far[0], far[1], pitch, unit],
    ];
    let strides = match load {
        "conv" => [og * cg * kernel, cg * kernel, og * plane, plane],
        "conv input" => [og * cg * kernel, kernel, cg * image, image],
        _ => [og * plane, plane, og * cg * kernel, cg * kernel],
    };
    let mut all = [results; 25];
    all[..24].copy_from_slice(numbers.as_flattened());
    (strides, Windows { numbers: all, strided })
}

impl<B: Clone> Lowering<'_, B> {
    fn product(&mut self, p: Product<B>) {
        if !self.single && p.is_row() {
            return self.product_of_row(p);
        }
        if self.narrow && !self.single {
            return self.product_in_blocks(p);
        }
        let results = p.m * p.n * p.products;
        let tiles = p.m.div_ceil(TILE) * p.n.div_ceil(TILE) * p.products;
        let tiled = !self.single
            && p.m.min(p.n) >= TILE / 2
            && p.k >= 16
            && p.m.div_ceil(TILE) <= MOST_GROUPS
            && p.n.div_ceil(TILE) <= MOST_GROUPS
            && p.products * ENOUGH_TILES <= MOST_GROUPS;
        // Sums whose tiles are few are divided among several groups.
        let parts = match tiled && tiles < ENOUGH_TILES && p.k >= 16 * TILE {
            true => (ENOUGH_TILES / tiles).clamp(1, p.k / (8 * TILE)),
            false => 1,
        };
        let (parts, part) = in_parts(p.k, parts, TILE);
        let main = match () {
            () if tiled => "tile",
            () if p.k >= 128 && results <= if self.single { 16 } else { 1 << 16 } => "group",
            () => "thread",
        };
        let order = |along: bool| if along { "k" } else { "" };
        let with = [p.load, main, order(p.along_k.0), order(p.along_k.1), p.bias_word()];
        let groups = if main == "thread" { groups_of(results) } else { results.into() };
        let tiles_of = |n: usize| n.div_ceil(TILE) as u32;
        let in_tiles = [tiles_of(p.n), tiles_of(p.m), (p.products * parts) as u32];
        let geometry = p.geometry;
        self.product_kernel(Key::new(File::Product, &with), p, (parts, part), groups, |mut kernel| {
            if main == "tile" {
                kernel.groups = in_tiles;
            }
            geometry.iter().fold(kernel, |kernel, numbers| kernel.with(24, numbers))
        });
    }

    /// The kernel of a product, with the numbers that `wgsl/product.wgsl` tells of and what `finish` adds to them; where
    /// k is divided, what adds up the parts follows.
    fn product_kernel(
        &mut self,
        key: Key,
        p: Product<B>,
        (parts, part): (usize, usize),
        groups: impl Into<Extent>,
        finish: impl FnOnce(Kernel<B>) -> Kernel<B>,
    ) {
        let mut reads = vec![p.a, p.b];
        let (bias_offset, bias_stride) = p.bias.as_ref().map_or((0, 0), |b| (b.1, b.2));
        reads.extend(p.bias.map(|b| b.0));
        let target = if parts > 1 { (self.scratch)(parts * p.len) } else { p.y.clone() };
        let offset = if parts > 1 { 0 } else { p.offsets[2] };
        let kernel = Kernel::new(key, &reads, std::slice::from_ref(&target), groups)
            .with(0, &[p.m, p.n, p.k, p.products, parts, part, p.offsets[0], p.offsets[1], offset])
            .with_signed(9, &p.strides)
            .with(18, &[p.len, bias_offset])
            .with_signed(20, &[bias_stride]);
        self.kernels.push(finish(kernel));
        if parts > 1 {
            self.sum_of_parts(parts, p.len, target, (p.y, p.offsets[2]));
        }
    }

    /// Adds up the parts of a product, in their order.
    fn sum_of_parts(&mut self, parts: usize, len: usize, of: B, (y, offset): (B, usize)) {
        let key = Key::new(File::ReduceThread, &["f32", "a + b", "0.0", "total"]);
        let sum = Kernel::new(key, &[of], &[y], groups_of(len))
            .with(0, &[len, parts, 0, offset, 1, 1, parts, 1, len])
            .with(16, &[1])
            .with(24, &[parts])
            .with(32, &[len]);
        self.kernels.push(sum);
    }

    /// Four neighbours of the results for each thread.
    fn product_of_row(&mut self, p: Product<B>) {
        let threads = p.n.div_ceil(4) * p.products;
        let enough = if self.narrow { ENOUGH_BLOCKS * BLOCKS_OF_A_GROUP } else { ENOUGH_THREADS };
        let parts = (enough / threads.max(1)).clamp(1, (p.k / 64).max(1));
        let (parts, part) = in_parts(p.k, parts, 4);
        let (order_a, order_b) = p.orders();
        let type_of = |fours: bool| if fours { "vec4<f32>" } else { "f32" };
        let with = [type_of(order_a == "k"), type_of(order_b == "n"), p.bias_word()];
        let groups = groups_of(threads * parts);
        self.product_kernel(Key::new(File::ProductRow, &with), p, (parts, part), groups, |kernel| kernel);
    }

    /// 8 by 8 results for each thread.
    fn product_in_blocks(&mut self, mut p: Product<B>) {
        let blocks = p.m.div_ceil(BLOCK) * p.n.div_ceil(BLOCK) * p.products;
        // Long sums of few results are divided among several threads.
        let parts = (ENOUGH_BLOCKS / blocks.max(1)).clamp(1, (p.k / 128).max(1));
        let (parts, part) = in_parts(p.k, parts, TILE);
        let (order_a, order_b) = p.orders();
        let end = if p.k.is_multiple_of(4) || p.windows.is_some() { "" } else { "end" };
        let load = match p.windows {
            None => "matrix",
            Some(Windows { strided: false, .. }) => "windows",
            Some(_) => "strided",
        };
        let key = Key::new(File::ProductBlock, &[load, order_a, order_b, p.bias_word(), end]);
        let groups = (blocks * parts).div_ceil(BLOCKS_OF_A_GROUP);
        let windows = p.windows.take();
        self.product_kernel(key, p, (parts, part), groups, |kernel| {
            windows.iter().fold(kernel, |kernel, windows| kernel.with_signed(24, &windows.numbers))
        });
    }

    fn matrices(
        &mut self,
        (m, n, k, products): (usize, usize, usize, usize),
        (a, a_strides): (View<'_, B>, [isize; 3]),
        (b, b_strides): (View<'_, B>, [isize; 3]),
        bias: Option<View<'_, B>>,
        out: View<'_, B>,
    ) -> Result<()> {
        if a.dtype != DType::F32 {
            return Err(unsupported("addmm", a.dtype));
        }
        let [sa, sb] = [a_strides, b_strides];
        let y = [(m * n) as isize, n as isize, 1];
        self.product(Product {
            m,
            n,
            k,
            products,
            load: "matrix",
            along_k: (sa[2].abs() <= sa[1].abs(), sb[1].abs() < sb[2].abs()),
            a: a.buffer.clone(),
            b: b.buffer.clone(),
            bias: bias.map(|b| (b.buffer.clone(), b.layout.offset(), b.layout.strides()[0])),
            y: out.buffer.clone(),
            len: out.layout.numel(),
            offsets: [a.layout.offset(), b.layout.offset(), out.layout.offset()],
            strides: [sa[0], sa[1], sa[2], sb[0], sb[1], sb[2], y[0], y[1], y[2]],
            geometry: None,
            windows: None,
        });
        Ok(())
    }

    pub(super) fn matmul(&mut self, a: View<'_, B>, b: View<'_, B>, out: View<'_, B>) -> Result<()> {
        let (sa, sb) = (a.layout.strides(), b.layout.strides());
        match (a.dims(), b.dims()) {
            (&[m, k], &[_, n]) => {
                self.matrices((m, n, k, 1), (a, [0, sa[0], sa[1]]), (b, [0, sb[0], sb[1]]), None, out)
            }
            (&[products, m, k], &[_, _, n]) => self.matrices(
                (m, n, k, products),
                (a, [sa[0], sa[1], sa[2]]),
                (b, [sb[0], sb[1], sb[2]]),
                None,
                out,
            ),
            _ => unreachable!("Op::infer has checked the dimensions"),
        }
    }

    /// x Wᵀ + b, where x has any number of leading dimensions.
    pub(super) fn linear(
        &mut self,
        x: View<'_, B>,
        weight: View<'_, B>,
        bias: Option<View<'_, B>>,
        out: View<'_, B>,
    ) -> Result<()> {
        let (n, k) = (weight.dims()[0], weight.dims()[1]);
        let m = out.layout.numel() / n.max(1);
        let sw = weight.layout.strides();
        let weight = (weight, [0, sw[1], sw[0]]);
        if let (&[_, _], s) = (x.dims(), x.layout.strides()) {
            return self.matrices((m, n, k, 1), (x, [0, s[0], s[1]]), weight, bias, out);
        }
        let dense = self.dense(x)?;
        let layout = crate::shape::Layout::contiguous(x.dims()).shifted(dense.offset);
        let x = View { buffer: &dense.buffer, layout: &layout, dtype: x.dtype };
        self.matrices((m, n, k, 1), (x, [0, k as isize, 1]), weight, bias, out)
    }

    /// gᵀ x
    pub(super) fn linear_weight(&mut self, g: View<'_, B>, x: View<'_, B>, out: View<'_, B>) -> Result<()> {
        let (sg, sx) = (g.layout.strides(), x.layout.strides());
        let (k, m, n) = (g.dims()[0], g.dims()[1], x.dims()[1]);
        self.matrices((m, n, k, 1), (g, [0, sg[1], sg[0]]), (x, [0, sx[0], sx[1]]), None, out)
    }

    /// What the three products of a convolution have in common: `x`, `weight` and `y` are dimensions.
    fn geometry(conv: &Conv, x: &[usize], weight: &[usize], y: &[usize]) -> [usize; 16] {
        let w = conv.window;
        [
            x[2],
            x[3],
            y[2],
            y[3],
            weight[2],
            weight[3],
            w.stride.0,
            w.stride.1,
            w.padding.0,
            w.padding.1,
            w.dilation.0,
            w.dilation.1,
            x[1],
            y[1],
            x[1] / conv.groups,
            y[1] / conv.groups,
        ]
    }

    /// A product over the windows of a convolution.
    fn windows(
        &mut self,
        load: &'static str,
        (m, n, k, products): (usize, usize, usize, usize),
        operands: [View<'_, B>; 2],
        bias: Option<View<'_, B>>,
        geometry: [usize; 16],
        out: View<'_, B>,
    ) -> Result<()> {
        if operands[0].dtype != DType::F32 {
            return Err(unsupported("conv2d", operands[0].dtype));
        }
        let [a, b] = operands;
        let (a, b) = (self.dense(a)?, self.dense(b)?);
        let ([a_product, a_row, y_product, y_row], windows) = windows_of(load, geometry);
        self.product(Product {
            m,
            n,
            k,
            products,
            load,
            along_k: (load != "conv input", load == "conv weight"),
            a: a.buffer,
            b: b.buffer,
            bias: bias.map(|b| (b.buffer.clone(), b.layout.offset(), b.layout.strides()[0])),
            y: out.buffer.clone(),
            len: out.layout.numel(),
            offsets: [a.offset, b.offset, out.layout.offset()],
            strides: [a_product, a_row, 0, 0, 0, 0, y_product, y_row, 0],
            geometry: Some(geometry),
            windows: Some(windows),
        });
        Ok(())
    }

    pub(super) fn conv(&mut self, conv: &Conv, inputs: &[View<'_, B>], out: View<'_, B>) -> Result<()> {
        let (x, weight, y) = (inputs[0], inputs[1], out.dims());
        let w = weight.dims();
        let sizes = (y[1] / conv.groups, y[0] * y[2] * y[3], w[1] * w[2] * w[3], conv.groups);
        let geometry = Self::geometry(conv, x.dims(), w, y);
        self.windows("conv", sizes, [weight, x], inputs.get(2).copied(), geometry, out)
    }

    pub(super) fn conv_input(
        &mut self,
        conv: &Conv,
        g: View<'_, B>,
        weight: View<'_, B>,
        out: View<'_, B>,
    ) -> Result<()> {
        let (w, x) = (weight.dims(), out.dims());
        let sizes =
            (x[1] / conv.groups, x[0] * x[2] * x[3], g.dims()[1] / conv.groups * w[2] * w[3], conv.groups);
        let geometry = Self::geometry(conv, x, w, g.dims());
        self.windows("conv input", sizes, [weight, g], None, geometry, out)
    }

    pub(super) fn conv_weight(
        &mut self,
        conv: &Conv,
        g: View<'_, B>,
        x: View<'_, B>,
        out: View<'_, B>,
    ) -> Result<()> {
        let (w, y) = (out.dims(), g.dims());
        let sizes = (w[0] / conv.groups, w[1] * w[2] * w[3], y[0] * y[2] * y[3], conv.groups);
        let geometry = Self::geometry(conv, x.dims(), w, y);
        self.windows("conv weight", sizes, [g, x], None, geometry, out)
    }
}
