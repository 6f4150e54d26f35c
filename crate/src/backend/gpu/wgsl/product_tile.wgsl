// 8 by 8 threads, each with 4 by 4 results in vectors with names (an array with computed indices would go to
// memory), for tiles of 32 by 32; 32 elements of k at a time lie in the group's memory, four rows of a or four
// columns of b in each vector.
var<workgroup> tile_a: array<vec4<f32>, 256>;
var<workgroup> tile_b: array<vec4<f32>, 256>;

fn element_a(product: u32, m: u32, k: u32, to: u32) -> f32 {
    if (m < words[0].x && k < to) {
        return load_a(product, m, k);
    }
    return 0.0;
}

fn element_b(product: u32, k: u32, n: u32, to: u32) -> f32 {
    if (n < words[0].y && k < to) {
        return load_b(product, k, n);
    }
    return 0.0;
}

fn put_row(product: u32, m: u32, n: u32, part: u32, sums: vec4<f32>) {
    if (m >= words[0].x) {
        return;
    }
    if (n < words[0].y) { put(product, m, n, part, sums.x); }
    if (n + 1u < words[0].y) { put(product, m, n + 1u, part, sums.y); }
    if (n + 2u < words[0].y) { put(product, m, n + 2u, part, sums.z); }
    if (n + 3u < words[0].y) { put(product, m, n + 3u, part, sums.w); }
}

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) thread: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
    let product = group.z / words[1].x;
    let part = group.z % words[1].x;
    let m = group.y * 32u;
    let n = group.x * 32u;
    let begin = part * words[1].y;
    let to = min(begin + words[1].y, words[0].z);
    var sums0 = vec4<f32>();
    var sums1 = vec4<f32>();
    var sums2 = vec4<f32>();
    var sums3 = vec4<f32>();
    for (var k = begin; k < to; k += 32u) {
        for (var i = 0u; i < 4u; i++) {
            // Neighbouring threads read neighbours where the operand has them.
            let e = i * 64u + local;
            let ak = k + $A_K;
            let am = m + 4u * ($A_M);
            tile_a[($A_K) * 8u + $A_M] = vec4<f32>(element_a(product, am, ak, to), element_a(product, am + 1u, ak, to),
                element_a(product, am + 2u, ak, to), element_a(product, am + 3u, ak, to));
            let bk = k + $B_K;
            let bn = n + 4u * ($B_N);
            tile_b[($B_K) * 8u + $B_N] = vec4<f32>(element_b(product, bk, bn, to), element_b(product, bk, bn + 1u, to),
                element_b(product, bk, bn + 2u, to), element_b(product, bk, bn + 3u, to));
        }
        workgroupBarrier();
        for (var i = 0u; i < 32u; i++) {
            let rows = tile_a[i * 8u + thread.y];
            let columns = tile_b[i * 8u + thread.x];
            sums0 += rows.x * columns;
            sums1 += rows.y * columns;
            sums2 += rows.z * columns;
            sums3 += rows.w * columns;
        }
        workgroupBarrier();
    }
    let row = m + 4u * thread.y;
    let column = n + 4u * thread.x;
    put_row(product, row, column, part, sums0);
    put_row(product, row + 1u, column, part, sums1);
    put_row(product, row + 2u, column, part, sums2);
    put_row(product, row + 3u, column, part, sums3);
}
