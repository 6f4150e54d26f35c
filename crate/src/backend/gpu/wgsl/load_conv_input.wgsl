// a: the weight [out, c, kh, kw], b: the result's gradient; m: a channel of x, k: (o, ky, kx), n: (image, y, x)
fn load_a(product: u32, m: u32, k: u32) -> f32 {
    let kernel = word(28u) * word(29u);
    let o = product * word(39u) + k / kernel;
    return a[words[1].z + (o * word(38u) + m) * kernel + k % kernel];
}

// The window along one dimension whose place `k` is over `x`; -1: none.
fn window(x: u32, k: u32, stride: u32, padding: u32, dilation: u32, windows: u32) -> i32 {
    let begin = i32(x + padding) - i32(k * dilation);
    if (begin < 0 || begin % i32(stride) != 0 || begin / i32(stride) >= i32(windows)) {
        return -1;
    }
    return begin / i32(stride);
}

fn load_b(product: u32, k: u32, n: u32) -> f32 {
    let kernel = word(28u) * word(29u);
    let plane = word(24u) * word(25u);
    let o = product * word(39u) + k / kernel;
    let at = n % plane;
    let row = window(at / word(25u), k % kernel / word(29u), word(30u), word(32u), word(34u), word(26u));
    let column = window(at % word(25u), k % word(29u), word(31u), word(33u), word(35u), word(27u));
    let start = words[1].w + (n / plane * word(37u) + o) * word(26u) * word(27u);
    let inside = row >= 0 && column >= 0;
    return select(0.0, b[start + u32(max(row, 0)) * word(27u) + u32(max(column, 0))], inside);
}

fn place_of(product: u32, m: u32, n: u32) -> u32 {
    let plane = word(24u) * word(25u);
    return words[2].x + (n / plane * word(36u) + product * words[0].x + m) * plane + n % plane;
}
