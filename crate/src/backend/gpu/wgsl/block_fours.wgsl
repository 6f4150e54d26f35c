$BLOCK_A

$BLOCK_B

// Without what lies behind the end of k, as far as it is needed: whatever is there belongs to no sum.
fn rows_until(rows: mat4x4<f32>, left: u32) -> mat4x4<f32> {
    let inside = vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(left);
    let none = vec4<f32>();
    return mat4x4<f32>(select(none, rows[0], inside), select(none, rows[1], inside), select(none, rows[2], inside),
        select(none, rows[3], inside));
}

fn columns_until(columns: mat4x4<f32>, left: u32) -> mat4x4<f32> {
    let none = vec4<f32>();
    return mat4x4<f32>(columns[0], select(none, columns[1], left > 1u), select(none, columns[2], left > 2u),
        select(none, columns[3], left > 3u));
}

// A row of sums and four elements more of each.
fn add(sums: vec4<f32>, row: vec4<f32>, columns: mat4x4<f32>) -> vec4<f32> {
    return (((sums + row.x * columns[0]) + row.y * columns[1]) + row.z * columns[2]) + row.w * columns[3];
}
