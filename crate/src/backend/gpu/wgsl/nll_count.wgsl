// How many rows count, before a gradient is divided by it: x is not read.
//
// words: 0 rows, 2 the target that does not count, 4 offset of the targets, 5 of the result

@group(0) @binding(1) var<storage, read> targets: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

var<workgroup> counts: array<u32, LANES>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32) {
    var count = 0u;
    for (var row = local; row < words[0].x; row += LANES) {
        count += u32(targets[words[1].x + row] != bitcast<i32>(words[0].z));
    }
    counts[local] = count;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half = half / 2u) {
        if (local < half) {
            counts[local] = counts[local] + counts[local + half];
        }
        workgroupBarrier();
    }
    if (local == 0u) {
        y[words[1].y] = f32(counts[0]);
    }
}
