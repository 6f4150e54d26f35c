fn load_a(product: u32, m: u32, k: u32) -> f32 {
    return a[bitcast<i32>(words[1].z) + i32(product) * bitcast<i32>(words[2].y) + i32(m) * bitcast<i32>(words[2].z)
        + i32(k) * bitcast<i32>(words[2].w)];
}

fn load_b(product: u32, k: u32, n: u32) -> f32 {
    return b[bitcast<i32>(words[1].w) + i32(product) * bitcast<i32>(words[3].x) + i32(k) * bitcast<i32>(words[3].y)
        + i32(n) * bitcast<i32>(words[3].z)];
}

fn place_of(product: u32, m: u32, n: u32) -> u32 {
    return words[2].x + product * words[3].w + m * words[4].x + n * words[4].y;
}
