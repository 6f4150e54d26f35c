// The end of a step: its loss is kept, and the next step's number is set.
//
// words: 0 where the loss is

@group(0) @binding(1) var<storage, read> loss: array<f32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;
@group(0) @binding(3) var<storage, read_write> step: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32) {
    if (local == 0u) {
        losses[step[0]] = loss[words[0].x];
        step[0] = step[0] + 1u;
    }
}
