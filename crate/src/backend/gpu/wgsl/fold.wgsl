let size = height() * width();
let windows = i32(words[1].x * words[1].y);
let lines = i32(words[3].z) + i32(i) / size * kernel.x * kernel.y * windows;
var sum = 0.0;
for (var ky = 0; ky < kernel.x; ky++) {
    for (var kx = 0; kx < kernel.y; kx++) {
        let w = over(i32(i) % size, ky, kx);
        if (w >= 0) {
            sum += x[lines + (ky * kernel.y + kx) * windows + w];
        }
    }
}
y[words[4].x + i] = sum;
