// What was drawn for a step, out of what was drawn for all steps of a run.
//
// words: 0 elements, 1 where they begin among those of the step, 2 offset of the result

@group(0) @binding(1) var<storage, read> drawn: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<u32>;
@group(0) @binding(3) var<storage, read> step: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    if (i < words[0].x) {
        y[words[0].z + i] = drawn[table[step[0] * $STEP + 1u] + words[0].y + i];
    }
}
