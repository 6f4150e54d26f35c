// a: the weight [out, c, kh, kw]; m: an output channel of the group, k: (c, ky, kx), n: (image, row, column)
fn load_a(product: u32, m: u32, k: u32) -> f32 {
    return a[words[1].z + (product * words[0].x + m) * words[0].z + k];
}

fn load_b(product: u32, k: u32, n: u32) -> f32 {
    let kernel = word(28u) * word(29u);
    let plane = word(26u) * word(27u);
    let channel = product * word(38u) + k / kernel;
    let window = n % plane;
    let at = under(window / word(27u), window % word(27u), k % kernel / word(29u), k % word(29u));
    let start = words[1].w + (n / plane * word(36u) + channel) * word(24u) * word(25u);
    return select(0.0, b[start + u32(max(at, 0))], at >= 0);
}

fn place_of(product: u32, m: u32, n: u32) -> u32 {
    let plane = word(26u) * word(27u);
    return words[2].x + (n / plane * word(37u) + product * words[0].x + m) * plane + n % plane;
}
