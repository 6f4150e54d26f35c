var<workgroup> parts: array<$T, LANES>;

// One group of threads for each portion of each result.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
    let group = group_of(id, groups);
    let portions = words[1].w;
    let inside = group < words[0].x * portions;
    var part = $T($START);
    if (inside) {
        let start = first(group / portions);
        let begin = (group % portions) * words[1].z;
        let to = min(begin + words[1].z, words[0].y);
        for (var j = begin + local; j < to; j += LANES) {
            part = combine(part, x[start + place(j)]);
        }
    }
    parts[local] = part;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half = half / 2u) {
        if (local < half) {
            parts[local] = combine(parts[local], parts[local + half]);
        }
        workgroupBarrier();
    }
    if (inside && local == 0u) {
        let total = parts[0];
        y[words[0].w + group] = $FINISH;
    }
}
