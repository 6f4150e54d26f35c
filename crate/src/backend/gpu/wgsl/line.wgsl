// Along a dimension of what lies row-major, one thread for each line.
//
// words: 0 lines, 1 elements of each, 2 offset of x, 3 of the result, 4 elements between neighbours of a line

@group(0) @binding(1) var<storage, read> x: array<$T>;
@group(0) @binding(2) var<storage, read_write> y: array<$OUT>;

fn is_better(v: $T, best: $T) -> bool {
    return $BETTER;
}

fn first_of(line: u32) -> u32 {
    return line / words[1].x * words[0].y * words[1].x + line % words[1].x;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    if (i >= words[0].x) {
        return;
    }
    let first = first_of(i);
    let n = words[0].y;
    $MAIN
}
