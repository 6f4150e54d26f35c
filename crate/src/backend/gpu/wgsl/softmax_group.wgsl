var<workgroup> parts: array<f32, LANES>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
    let line = group_of(id, groups);
    let inside = line < words[0].x;
    let at = first(line);
    let n = select(0, i32(words[0].y), inside);
    let step = vec2<i32>(bitcast<i32>(words[1].y), bitcast<i32>(words[1].z));
    var most = -infinity();
    for (var j = i32(local); j < n; j += i32(LANES)) {
        most = larger(most, x[at.x + j * step.x]);
    }
    parts[local] = most;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half = half / 2u) {
        if (local < half) {
            parts[local] = larger(parts[local], parts[local + half]);
        }
        workgroupBarrier();
    }
    most = parts[0];
    workgroupBarrier();
    var total = 0.0;
    for (var j = i32(local); j < n; j += i32(LANES)) {
        total += exp_(x[at.x + j * step.x] - most);
    }
    parts[local] = total;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half = half / 2u) {
        if (local < half) {
            parts[local] = parts[local] + parts[local + half];
        }
        workgroupBarrier();
    }
    total = parts[0];
    for (var j = i32(local); j < n; j += i32(LANES)) {
        y[at.y + j * step.y] = result(x[at.x + j * step.x], most, total);
    }
}
