// Of convolutions: 24 height and 25 width of x's planes, 26 and 27 of the results', 28 and 29 of the kernel,
// 30 and 31 stride, 32 and 33 padding, 34 and 35 dilation, 36 channels of x and 37 of the result, those of one
// group: 38 and 39

// The place in a plane of x that is under (ky, kx) of the window at (row, column); -1 outside.
fn under(row: u32, column: u32, ky: u32, kx: u32) -> i32 {
    let y = i32(row * word(30u) + ky * word(34u)) - i32(word(32u));
    let x = i32(column * word(31u) + kx * word(35u)) - i32(word(33u));
    if (y < 0 || x < 0 || y >= i32(word(24u)) || x >= i32(word(25u))) {
        return -1;
    }
    return y * i32(word(25u)) + x;
}
