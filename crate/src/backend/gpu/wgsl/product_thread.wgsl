// One thread for each result: short sums.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    let each = words[0].x * words[0].y;
    if (i >= each * words[0].w) {
        return;
    }
    let product = i / each;
    let m = i % each / words[0].y;
    let n = i % words[0].y;
    var sum = 0.0;
    for (var k = 0u; k < words[0].z; k++) {
        sum += load_a(product, m, k) * load_b(product, k, n);
    }
    put(product, m, n, 0u, sum);
}
