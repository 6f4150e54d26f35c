var<workgroup> sums: array<f32, LANES>;
var<workgroup> counts: array<u32, LANES>;

// The mean by one group of threads, and how many rows count.
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32) {
    var sum = 0.0;
    var count = 0u;
    for (var row = local; row < words[0].x; row += LANES) {
        let at = place(row);
        if (at >= 0) {
            sum -= x[i32(words[0].w) + at];
        }
        count += u32(targets[words[1].x + row] != bitcast<i32>(words[0].z));
    }
    sums[local] = sum;
    counts[local] = count;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half = half / 2u) {
        if (local < half) {
            sums[local] = sums[local] + sums[local + half];
            counts[local] = counts[local] + counts[local + half];
        }
        workgroupBarrier();
    }
    if (local == 0u) {
        y[words[1].y] = sums[0] / f32(counts[0]);
    }
}
