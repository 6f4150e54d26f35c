fn bias_m(product: u32, m: u32, part: u32) -> f32 {
    return 0.0;
}

fn bias_n(n: u32, part: u32) -> vec4<f32> {
    let start = word(19u) + n * word(20u);
    let step = word(20u);
    let biases = vec4<f32>(bias[start], bias[start + step], bias[start + 2u * step], bias[start + 3u * step]);
    return select(vec4<f32>(), biases, part == 0u);
}
