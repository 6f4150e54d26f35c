// The rows of a step's batch. The step's number counts up on the device, so that every step is the same commands.
//
// words: 0 elements of a batch, 1 of a row

@group(0) @binding(1) var<storage, read> all: array<$T>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> table: array<u32>;
@group(0) @binding(4) var<storage, read> step: array<u32>;
@group(0) @binding(5) var<storage, read_write> batch: array<$T>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    if (i >= words[0].x) {
        return;
    }
    let width = words[0].y;
    let row = rows[table[step[0] * $STEP] + i / width];
    batch[i] = all[row * width + i % width];
}
