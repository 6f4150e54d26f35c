$ELEMENT

fn block_column(b0: Column, b1: Column, b2: Column, b3: Column, at: At, walk: Walk) -> vec4<f32> {
    return vec4<f32>(element_b(b0, at, walk), element_b(b1, at, walk), element_b(b2, at, walk),
        element_b(b3, at, walk));
}

fn block_b(b0: Column, b1: Column, b2: Column, b3: Column, at: At, at1: At, at2: At, at3: At, walk: Walk)
    -> mat4x4<f32> {
    return mat4x4<f32>(block_column(b0, b1, b2, b3, at, walk), block_column(b0, b1, b2, b3, at1, walk),
        block_column(b0, b1, b2, b3, at2, walk), block_column(b0, b1, b2, b3, at3, walk));
}
