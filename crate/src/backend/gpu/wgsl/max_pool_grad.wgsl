let size = height() * width();
let at = i32(i) % size;
let plane = i32(i) / size;
let windows = i32(words[1].x * words[1].y);
var sum = $T();
for (var ky = 0; ky < kernel.x; ky++) {
    for (var kx = 0; kx < kernel.y; kx++) {
        let w = over(at, ky, kx);
        if (w >= 0 && largest(plane_of(plane), w / i32(words[1].y), w % i32(words[1].y)) == at) {
            sum += g[i32(words[3].w) + plane * windows + w];
        }
    }
}
y[words[4].x + i] = sum;
