fn element_b(column: Column, at: At, walk: Walk) -> f32 {
    return b[column + in_b(at)];
}
