fn block_b(b0: Column, b1: Column, b2: Column, b3: Column, at: At, at1: At, at2: At, at3: At, walk: Walk)
    -> mat4x4<f32> {
    let places = (vec4<u32>(b0, b1, b2, b3) + in_b(at)) / 4u;
    return transpose(mat4x4<f32>(b[places.x], b[places.y], b[places.z], b[places.w]));
}
