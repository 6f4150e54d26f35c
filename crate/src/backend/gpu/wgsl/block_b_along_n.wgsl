fn block_b(b0: Column, b1: Column, b2: Column, b3: Column, at: At, at1: At, at2: At, at3: At, walk: Walk)
    -> mat4x4<f32> {
    let places = (b0 + vec4<u32>(in_b(at), in_b(at1), in_b(at2), in_b(at3))) / 4u;
    return mat4x4<f32>(b[places.x], b[places.y], b[places.z], b[places.w]);
}
