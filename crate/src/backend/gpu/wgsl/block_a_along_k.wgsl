fn block_a(rows: vec4<u32>, at: At, at1: At, at2: At, at3: At) -> mat4x4<f32> {
    let places = (rows + in_a(at)) / 4u;
    return mat4x4<f32>(a[places.x], a[places.y], a[places.z], a[places.w]);
}
