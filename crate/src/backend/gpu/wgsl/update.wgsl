// An optimizer's step on a block of parameters, with the numbers of that step; see `op::Update`, and
// backend/cpu/update.rs for the same in words.
//
// words: 0 parameters, or fours of them

@group(0) @binding(1) var<storage, read> gradients: array<$T>;
@group(0) @binding(2) var<storage, read> table: array<u32>;
@group(0) @binding(3) var<storage, read> step: array<u32>;
@group(0) @binding(4) var<storage, read_write> parameters: array<$T>;
$DECLARE

fn of_step(row: u32, i: u32) -> f32 {
    return bitcast<f32>(table[row + i]);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    if (i >= words[0].x) {
        return;
    }
    let row = step[0] * $STEP + 4u;
    $LOAD
    var p = parameters[i];
    var g = gradients[i];
    $RULE
    $STORE
    parameters[i] = p;
}
