// eˣ / Σ eˣ along a dimension, or its logarithm; the largest element is taken away first.
//
// words: 0 lines, 1 elements of each, 2 offset of x, 3 offset of the result, 4 dimensions beside, 5 stride of x
// along the line, 6 of the result, 8.. sizes beside, 16.. strides of x, 24.. of the result

@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// Where a line begins in x and in the result.
fn first(line: u32) -> vec2<i32> {
    var rest = line;
    var at = vec2<i32>(bitcast<i32>(words[0].z), bitcast<i32>(words[0].w));
    for (var d = words[1].x; d > 0u; d--) {
        let size = word(7u + d);
        let place = i32(select(rest % size, rest, d == 1u));
        at += place * vec2<i32>(bitcast<i32>(word(15u + d)), bitcast<i32>(word(23u + d)));
        rest = rest / size;
    }
    return at;
}

fn result(v: f32, most: f32, total: f32) -> f32 {
    return $RESULT;
}

$MAIN
