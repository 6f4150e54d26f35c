fn bias_m(product: u32, m: u32, part: u32) -> f32 {
    return 0.0;
}

fn bias_n(n: u32, part: u32) -> vec4<f32> {
    return vec4<f32>();
}
