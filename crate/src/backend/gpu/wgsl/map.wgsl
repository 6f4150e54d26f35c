// A function of each element of up to three operands, which may lie in any way.
//
// words: 0 elements, 1 dimensions, 2 offset of the result, 3 to 5 offsets of a, b and c, 6 and 7 numbers,
// 8.. sizes, 16.. strides of the result, 24.. of a, 32.. of b, 40.. of c

$DECLARE

fn f($PARAMETERS) -> $OUT {
    $PREPARE
    return $BODY;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    if (i >= words[0].x) {
        return;
    }
    var rest = i;
    var at = vec4<i32>(bitcast<i32>(words[0].z), bitcast<i32>(words[0].w), bitcast<i32>(words[1].x),
        bitcast<i32>(words[1].y));
    if (words[0].y == 1u) {
        at += i32(i) * bitcast<vec4<i32>>(vec4<u32>(word(16u), word(24u), word(32u), word(40u)));
    }
    for (var d = select(0u, words[0].y, words[0].y > 1u); d > 0u; d--) {
        let size = word(7u + d);
        let place = i32(select(rest % size, rest, d == 1u));
        rest = rest / size;
        at += place * bitcast<vec4<i32>>(vec4<u32>(word(15u + d), word(23u + d), word(31u + d), word(39u + d)));
    }
    $STORE
}
