// y[i][j] = x[index[i][j]][j] for dimension 0, and so on; x and index lie row-major.
//
// words: 0 elements, 1 dimensions, 2 the dimension, 3 its size in x, 4 offset of x, 5 of index, 6 of y,
// 8.. sizes of index, 16.. strides of x

@group(0) @binding(1) var<storage, read> x: array<$T>;
@group(0) @binding(2) var<storage, read> index: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<$T>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    if (i >= words[0].x) {
        return;
    }
    let found = index[words[1].y + i];
    if (found < 0 || found >= bitcast<i32>(words[0].w)) {
        complain(1u, found, words[0].z, words[0].w);
        y[words[1].z + i] = $T();
        return;
    }
    var rest = i;
    var at = words[1].x;
    for (var d = words[0].y; d > 0u; d--) {
        let size = word(7u + d);
        let place = select(rest % size, u32(found), d - 1u == words[0].z);
        at += place * word(15u + d);
        rest = rest / size;
    }
    y[words[1].z + i] = x[at];
}
