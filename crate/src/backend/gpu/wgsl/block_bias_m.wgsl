fn bias_m(product: u32, m: u32, part: u32) -> f32 {
    return select(0.0, bias[word(19u) + (product * words[0].x + m) * word(20u)], part == 0u);
}

fn bias_n(n: u32, part: u32) -> vec4<f32> {
    return vec4<f32>();
}
