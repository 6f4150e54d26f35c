// The negative log likelihood of classes.
//
// words: 0 rows, 1 classes, 2 the target that does not count, 3 offset of x (or of the gradient), 4 of the
// targets, 5 of the result, 6 of the number of rows that count

@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<i32>;
$DECLARE

// A row's place in x; -1: it does not count.
fn place(row: u32) -> i32 {
    let class_ = targets[words[1].x + row];
    if (class_ == bitcast<i32>(words[0].z)) {
        return -1;
    }
    if (class_ < 0 || class_ >= bitcast<i32>(words[0].y)) {
        complain(2u, class_, 0u, words[0].y);
        return -1;
    }
    return i32(row * words[0].y) + class_;
}

$MAIN
