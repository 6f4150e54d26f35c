@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    if (i >= words[0].x) {
        return;
    }
    let start = first(i);
    // Runs of 64 are added up before they are added: errors stay small over long sums.
    var total = $T($START);
    let n = words[0].y;
    for (var begin = 0u; begin < n; begin += 64u) {
        var part = $T($START);
        for (var j = begin; j < min(begin + 64u, n); j++) {
            part = combine(part, x[start + place(j)]);
        }
        total = combine(total, part);
    }
    y[words[0].w + i] = $FINISH;
}
