@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    let portions = words[1].w;
    if (i >= words[0].x * portions) {
        return;
    }
    let start = first(i / portions);
    // Runs of 64 are added up before they are added: errors stay small over long sums.
    var total = $T($START);
    let portion = (i % portions) * words[1].z;
    let n = min(portion + words[1].z, words[0].y);
    for (var begin = portion; begin < n; begin += 64u) {
        var part = $T($START);
        for (var j = begin; j < min(begin + 64u, n); j++) {
            part = combine(part, x[start + place(j)]);
        }
        total = combine(total, part);
    }
    y[words[0].w + i] = $FINISH;
}
