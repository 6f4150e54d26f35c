@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    if (i >= words[0].x) {
        return;
    }
    let at = first(i);
    let n = i32(words[0].y);
    let step = vec2<i32>(bitcast<i32>(words[1].y), bitcast<i32>(words[1].z));
    var most = -infinity();
    for (var j = 0; j < n; j++) {
        most = larger(most, x[at.x + j * step.x]);
    }
    var total = 0.0;
    for (var j = 0; j < n; j++) {
        total += exp_(x[at.x + j * step.x] - most);
    }
    for (var j = 0; j < n; j++) {
        y[at.y + j * step.y] = result(x[at.x + j * step.x], most, total);
    }
}
