// A reduction: one thread for each result.
//
// words: 0 results, 1 elements of each, 2 offset of x, 3 offset of the results, 4 dimensions that stay,
// 5 that go, 6 elements of a portion, 7 portions, 8.. sizes that stay, 16.. their strides, 24.. sizes that go,
// 32.. their strides, 40 what a sum is divided by

@group(0) @binding(1) var<storage, read> x: array<$T>;
@group(0) @binding(2) var<storage, read_write> y: array<$T>;

fn combine(a: $T, b: $T) -> $T {
    return $COMBINE;
}

// Where the elements of a result begin.
fn first(result: u32) -> i32 {
    if (words[1].x == 1u) {
        return bitcast<i32>(words[0].z) + i32(result) * bitcast<i32>(word(16u));
    }
    var rest = result;
    var at = bitcast<i32>(words[0].z);
    for (var d = words[1].x; d > 0u; d--) {
        let size = word(7u + d);
        at += i32(select(rest % size, rest, d == 1u)) * bitcast<i32>(word(15u + d));
        rest = rest / size;
    }
    return at;
}

fn place(i: u32) -> i32 {
    if (words[1].y == 1u) {
        return i32(i) * bitcast<i32>(word(32u));
    }
    var rest = i;
    var at = 0;
    for (var d = words[1].y; d > 0u; d--) {
        let size = word(23u + d);
        at += i32(select(rest % size, rest, d == 1u)) * bitcast<i32>(word(31u + d));
        rest = rest / size;
    }
    return at;
}

$MAIN
