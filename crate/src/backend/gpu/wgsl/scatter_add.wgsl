// Zeros, x added at the index: one thread for each result looks through the line of x that may add to it, in
// order, so that sums are the same every time.
//
// words: 0 elements of y, 1 dimensions, 2 the dimension, 3 its size in x, 4 offset of x, 5 of index, 6 of y,
// 7 the dimension's size in y, 8.. sizes of y, 16.. strides of x

@group(0) @binding(1) var<storage, read> x: array<$T>;
@group(0) @binding(2) var<storage, read> index: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<$T>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    if (i >= words[0].x) {
        return;
    }
    var rest = i;
    var at = 0u;
    var own = 0;
    for (var d = words[0].y; d > 0u; d--) {
        let size = word(7u + d);
        if (d - 1u == words[0].z) {
            own = i32(rest % size);
        } else {
            at += rest % size * word(15u + d);
        }
        rest = rest / size;
    }
    let step = word(16u + words[0].z);
    var sum = $T();
    for (var j = 0u; j < words[0].w; j++) {
        let to = index[words[1].y + at + j * step];
        if (to == own) {
            sum += x[words[1].x + at + j * step];
        }
        if (to < 0 || to >= bitcast<i32>(words[1].w)) {
            complain(1u, to, words[0].z, words[1].w);
        }
    }
    y[words[1].z + i] = sum;
}
