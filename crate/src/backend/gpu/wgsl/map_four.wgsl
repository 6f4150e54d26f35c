// A function of each element of up to three operands that all lie row-major, four elements for each thread.
//
// words: 0 elements, 2 offset of the result, 3 to 5 offsets of a, b and c, 6 and 7 numbers

$DECLARE

fn f($PARAMETERS) -> $OUT {
    $PREPARE
    return $BODY;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    if (i >= words[0].x / 4u) {
        return;
    }
    let at = vec4<u32>(words[0].zw, words[1].xy) / 4u + i;
    $STORE
}
