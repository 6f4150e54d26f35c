@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// Places of a window from the padding before to the padding behind, or inside.
fn count(start: i32, kernel: u32, padding: u32, size: i32) -> i32 {
    let inside = word(17u) == 1u;
    let first = select(0, i32(padding), inside);
    let last = select(size + 2 * i32(padding), i32(padding) + size, inside);
    return max(min(start + i32(kernel), last) - max(start, first), 0);
}

// What the mean of a window divides by.
fn divisor(row: i32, column: i32) -> f32 {
    if (word(17u) == 2u) {
        return number(18u);
    }
    let rows = count(row * i32(words[2].x), words[1].z, words[2].z, height());
    let columns = count(column * i32(words[2].y), words[1].w, words[2].w, width());
    return f32(rows * columns);
}
