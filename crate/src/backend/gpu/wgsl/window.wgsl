// Windows over planes, which lie row-major.
//
// words: 0 results, 1 planes, 2 height and 3 width of a plane, 4 rows and 5 columns of windows, 6 and 7 kernel,
// 8 and 9 stride, 10 and 11 padding, 12 and 13 dilation, 14 offset of x, 15 of g, 16 of the result, 17 divisor:
// 0 padded, 1 inside, 2 the number 18

fn height() -> i32 { return bitcast<i32>(words[0].z); }
fn width() -> i32 { return bitcast<i32>(words[0].w); }

// The place in a plane of (ky, kx) of the window at (row, column); -1 outside.
fn under(row: i32, column: i32, ky: i32, kx: i32) -> i32 {
    let y = row * i32(words[2].x) + ky * i32(words[3].x) - i32(words[2].z);
    let x = column * i32(words[2].y) + kx * i32(words[3].y) - i32(words[2].w);
    if (y < 0 || x < 0 || y >= height() || x >= width()) {
        return -1;
    }
    return y * width() + x;
}

// The window along one dimension whose place `k` is over `x`; -1: none.
fn window(x: i32, k: i32, stride: u32, padding: u32, dilation: u32, windows: u32) -> i32 {
    let begin = x + i32(padding) - k * i32(dilation);
    if (begin < 0 || begin % i32(stride) != 0 || begin / i32(stride) >= i32(windows)) {
        return -1;
    }
    return begin / i32(stride);
}

// As `window`, for the place `at` of a plane: the window's number.
fn over(at: i32, ky: i32, kx: i32) -> i32 {
    let row = window(at / width(), ky, words[2].x, words[2].z, words[3].x, words[1].x);
    let column = window(at % width(), kx, words[2].y, words[2].w, words[3].y, words[1].y);
    return select(-1, row * i32(words[1].y) + column, row >= 0 && column >= 0);
}

$DECLARE

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    if (i >= words[0].x) {
        return;
    }
    let kernel = vec2<i32>(words[1].zw);
    $MAIN
}
