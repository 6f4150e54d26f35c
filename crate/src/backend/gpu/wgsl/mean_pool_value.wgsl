let windows = i32(words[1].x * words[1].y);
let plane = i32(words[3].z) + i32(i) / windows * height() * width();
let row = i32(i) % windows / i32(words[1].y);
let column = i32(i) % i32(words[1].y);
var sum = 0.0;
for (var ky = 0; ky < kernel.x; ky++) {
    for (var kx = 0; kx < kernel.y; kx++) {
        let at = under(row, column, ky, kx);
        if (at >= 0) {
            sum += x[plane + at];
        }
    }
}
y[words[4].x + i] = sum / divisor(row, column);
