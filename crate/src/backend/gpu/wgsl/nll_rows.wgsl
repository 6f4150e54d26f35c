@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let row = thread_of(id, groups);
    if (row >= words[0].x) {
        return;
    }
    let at = place(row);
    y[words[1].y + row] = select(0.0, -x[i32(words[0].w) + max(at, 0)], at >= 0);
}
