let windows = i32(words[1].x * words[1].y);
let w = i32(i) % windows;
let line = i32(i) / windows;
let k = line % (kernel.x * kernel.y);
let at = under(w / i32(words[1].y), w % i32(words[1].y), k / kernel.y, k % kernel.y);
let plane = i32(words[3].z) + line / (kernel.x * kernel.y) * height() * width();
y[words[4].x + i] = select(0.0, x[plane + max(at, 0)], at >= 0);
