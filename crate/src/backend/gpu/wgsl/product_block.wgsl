// 8 by 8 results for each thread, which has nothing in common with others: for devices whose threads are the lanes of
// a processor's vectors. A load costs them as much as ten multiplications, wherever neighbours' loads lie.
//
// `row_a` and `column_b` are where a row of a and a column of b begin; an `At` is a place along k, and a `Walk` how to
// get to the next one.

@group(0) @binding(1) var<storage, read> a: array<$A>;
@group(0) @binding(2) var<storage, read> b: array<$B>;
$BIAS_DECLARE
@group(0) @binding($Y) var<storage, read_write> y: array<f32>;

fn row_a(product: u32, m: u32) -> u32 {
    return words[1].z + product * words[2].y + m * words[2].z;
}

$LOAD

$BLOCKS

fn put_row(start: u32, m: u32, n: u32, columns: vec4<u32>, sums: vec4<f32>) {
    if (m >= words[0].x) {
        return;
    }
    if (n < words[0].y) { y[start + columns.x] = sums.x; }
    if (n + 1u < words[0].y) { y[start + columns.y] = sums.y; }
    if (n + 2u < words[0].y) { y[start + columns.z] = sums.z; }
    if (n + 3u < words[0].y) { y[start + columns.w] = sums.w; }
}

$BIAS

@compute @workgroup_size(8)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.y * groups.x * 8u + id.x;
    let across = (words[0].y + 7u) / 8u;
    let each = across * ((words[0].x + 7u) / 8u);
    let product = i / each / words[1].x;
    let part = i / each % words[1].x;
    if (product >= words[0].w) {
        return;
    }
    let m = i % each / across * 8u;
    let n = i % across * 8u;
    let begin = part * words[1].y;
    let to = min(begin + words[1].y, words[0].z);
    let upper = vec4<u32>(row_a(product, m), row_a(product, m + 1u), row_a(product, m + 2u), row_a(product, m + 3u));
    let lower = vec4<u32>(row_a(product, m + 4u), row_a(product, m + 5u), row_a(product, m + 6u),
        row_a(product, m + 7u));
    let b0 = column_b(product, n);
    let b1 = column_b(product, n + 1u);
    let b2 = column_b(product, n + 2u);
    let b3 = column_b(product, n + 3u);
    let b4 = column_b(product, n + 4u);
    let b5 = column_b(product, n + 5u);
    let b6 = column_b(product, n + 6u);
    let b7 = column_b(product, n + 7u);
    var left0 = vec4<f32>();
    var left1 = vec4<f32>();
    var left2 = vec4<f32>();
    var left3 = vec4<f32>();
    var left4 = vec4<f32>();
    var left5 = vec4<f32>();
    var left6 = vec4<f32>();
    var left7 = vec4<f32>();
    var right0 = vec4<f32>();
    var right1 = vec4<f32>();
    var right2 = vec4<f32>();
    var right3 = vec4<f32>();
    var right4 = vec4<f32>();
    var right5 = vec4<f32>();
    var right6 = vec4<f32>();
    var right7 = vec4<f32>();
    let walk = walk_of();
    var at = at_of(begin, walk);
    $TURNS
    let first = vec4<u32>(column_y(n), column_y(n + 1u), column_y(n + 2u), column_y(n + 3u));
    let second = vec4<u32>(column_y(n + 4u), column_y(n + 5u), column_y(n + 6u), column_y(n + 7u));
    let start = part * word(18u) + words[2].x + product * words[3].w + m * words[4].x;
    let down = words[4].x;
    let x = bias_n(n, part);
    let z = bias_n(n + 4u, part);
    put_row(start, m, n, first, left0 + x + bias_m(product, m, part));
    put_row(start + down, m + 1u, n, first, left1 + x + bias_m(product, m + 1u, part));
    put_row(start + 2u * down, m + 2u, n, first, left2 + x + bias_m(product, m + 2u, part));
    put_row(start + 3u * down, m + 3u, n, first, left3 + x + bias_m(product, m + 3u, part));
    put_row(start + 4u * down, m + 4u, n, first, left4 + x + bias_m(product, m + 4u, part));
    put_row(start + 5u * down, m + 5u, n, first, left5 + x + bias_m(product, m + 5u, part));
    put_row(start + 6u * down, m + 6u, n, first, left6 + x + bias_m(product, m + 6u, part));
    put_row(start + 7u * down, m + 7u, n, first, left7 + x + bias_m(product, m + 7u, part));
    put_row(start, m, n + 4u, second, right0 + z + bias_m(product, m, part));
    put_row(start + down, m + 1u, n + 4u, second, right1 + z + bias_m(product, m + 1u, part));
    put_row(start + 2u * down, m + 2u, n + 4u, second, right2 + z + bias_m(product, m + 2u, part));
    put_row(start + 3u * down, m + 3u, n + 4u, second, right3 + z + bias_m(product, m + 3u, part));
    put_row(start + 4u * down, m + 4u, n + 4u, second, right4 + z + bias_m(product, m + 4u, part));
    put_row(start + 5u * down, m + 5u, n + 4u, second, right5 + z + bias_m(product, m + 5u, part));
    put_row(start + 6u * down, m + 6u, n + 4u, second, right6 + z + bias_m(product, m + 6u, part));
    put_row(start + 7u * down, m + 7u, n + 4u, second, right7 + z + bias_m(product, m + 7u, part));
}
