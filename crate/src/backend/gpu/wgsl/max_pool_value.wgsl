let windows = i32(words[1].x * words[1].y);
let plane = plane_of(i32(i) / windows);
let within = i32(i) % windows;
let best = largest(plane, within / i32(words[1].y), within % i32(words[1].y));
y[words[4].x + i] = $VALUE;
