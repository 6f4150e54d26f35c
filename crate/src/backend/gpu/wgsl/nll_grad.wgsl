// One thread for each element of the gradient; x is the result's gradient.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    if (i >= words[0].x * words[0].y) {
        return;
    }
    let row = i / words[0].y;
    let g = -$GRADIENT;
    y[words[1].y + i] = select(0.0, g, place(row) == i32(i));
}
