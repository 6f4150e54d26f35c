fn block_a(rows: vec4<u32>, at: At, at1: At, at2: At, at3: At) -> mat4x4<f32> {
    let places = (rows.x + vec4<u32>(in_a(at), in_a(at1), in_a(at2), in_a(at3))) / 4u;
    return transpose(mat4x4<f32>(a[places.x], a[places.y], a[places.z], a[places.w]));
}
