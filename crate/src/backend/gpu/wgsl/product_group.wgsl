// One group of threads for each result: vectors times matrices, and other results that are few beside long sums.
var<workgroup> parts: array<f32, LANES>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
    let i = group_of(id, groups);
    let each = words[0].x * words[0].y;
    let inside = i < each * words[0].w;
    let product = i / each;
    let m = i % each / words[0].y;
    let n = i % words[0].y;
    var sum = 0.0;
    for (var k = local; k < select(0u, words[0].z, inside); k += LANES) {
        sum += load_a(product, m, k) * load_b(product, k, n);
    }
    parts[local] = sum;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half = half / 2u) {
        if (local < half) {
            parts[local] = parts[local] + parts[local + half];
        }
        workgroupBarrier();
    }
    if (inside && local == 0u) {
        put(product, m, n, 0u, parts[0]);
    }
}
