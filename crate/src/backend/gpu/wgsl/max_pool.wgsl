@group(0) @binding(1) var<storage, read> x: array<$T>;
$RESULT_DECLARE

// The first of the largest elements of a window; of several NaNs the last, as in PyTorch. -1: there are none.
fn largest(plane: i32, row: i32, column: i32) -> i32 {
    var best = -1;
    var most = $T();
    for (var ky = 0; ky < i32(words[1].z); ky++) {
        for (var kx = 0; kx < i32(words[1].w); kx++) {
            let at = under(row, column, ky, kx);
            if (at >= 0) {
                let v = x[plane + at];
                if (best < 0 || v > most || $NAN) {
                    best = at;
                    most = v;
                }
            }
        }
    }
    return best;
}

fn plane_of(i: i32) -> i32 {
    return i32(words[3].z) + i * height() * width();
}
