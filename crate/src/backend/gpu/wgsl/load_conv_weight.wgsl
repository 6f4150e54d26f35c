// a: the result's gradient, b: x; m: an output channel of the group, k: (image, row, column), n: (c, ky, kx)
fn load_a(product: u32, m: u32, k: u32) -> f32 {
    let plane = word(26u) * word(27u);
    return a[words[1].z + (k / plane * word(37u) + product * words[0].x + m) * plane + k % plane];
}

fn load_b(product: u32, k: u32, n: u32) -> f32 {
    let kernel = word(28u) * word(29u);
    let plane = word(26u) * word(27u);
    let channel = product * word(38u) + n / kernel;
    let window = k % plane;
    let at = under(window / word(27u), window % word(27u), n % kernel / word(29u), n % word(29u));
    let start = words[1].w + (k / plane * word(36u) + channel) * word(24u) * word(25u);
    return select(0.0, b[start + u32(max(at, 0))], at >= 0);
}

fn place_of(product: u32, m: u32, n: u32) -> u32 {
    return words[2].x + (product * words[0].x + m) * words[0].y + n;
}
