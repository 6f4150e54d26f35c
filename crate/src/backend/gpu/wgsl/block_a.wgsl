fn block_row(row: u32, at: At, at1: At, at2: At, at3: At) -> vec4<f32> {
    return vec4<f32>(a[row + in_a(at)], a[row + in_a(at1)], a[row + in_a(at2)], a[row + in_a(at3)]);
}

fn block_a(rows: vec4<u32>, at: At, at1: At, at2: At, at3: At) -> mat4x4<f32> {
    return mat4x4<f32>(block_row(rows.x, at, at1, at2, at3), block_row(rows.y, at, at1, at2, at3),
        block_row(rows.z, at, at1, at2, at3), block_row(rows.w, at, at1, at2, at3));
}
