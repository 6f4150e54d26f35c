// A row times a matrix whose rows lie one after the other: four neighbours of the result for each thread, so that
// neighbouring threads read neighbouring elements. Sums are divided among several threads.
//
// words: as in product.wgsl, with m = 1

@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<$B>;
$BIAS_DECLARE
@group(0) @binding($Y) var<storage, read_write> y: array<f32>;

fn put(n: u32, part: u32, place: u32, sum: f32) {
    if (n < words[0].y) {
        y[place + n * words[4].y] = sum + $BIAS;
    }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = thread_of(id, groups);
    let across = (words[0].y + 3u) / 4u;
    let product = i / across / words[1].x;
    let part = i / across % words[1].x;
    if (product >= words[0].w) {
        return;
    }
    let n = i % across * 4u;
    let begin = part * words[1].y;
    let end = min(begin + words[1].y, words[0].z);
    var at_a = words[1].z + product * words[2].y + begin * words[2].w;
    var at = words[1].w + product * words[3].x + begin * words[3].y + n;
    var sum = vec4<f32>();
    for (var k = begin; k < end; k++) {
        sum += a[at_a] * $FOUR;
        at_a += words[2].w;
        at += words[3].y;
    }
    let place = part * word(18u) + words[2].x + product * words[3].w;
    put(n, part, place, sum.x);
    put(n + 1u, part, place, sum.y);
    put(n + 2u, part, place, sum.z);
    put(n + 3u, part, place, sum.w);
}
