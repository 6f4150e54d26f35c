// A row times a matrix whose rows lie one after the other: four neighbours of the result for each thread, so that
// neighbouring threads read neighbouring elements. Sums are divided among several threads.
//
// words: as in product.wgsl, with m = 1

@group(0) @binding(1) var<storage, read> a: array<$A>;
@group(0) @binding(2) var<storage, read> b: array<$B>;
$BIAS_DECLARE
@group(0) @binding($Y) var<storage, read_write> y: array<f32>;

fn four(at: u32) -> vec4<f32> {
    return $FOUR_OF_B;
}

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
    let along = words[2].w;
    let down = words[3].y;
    var at_a = words[1].z + product * words[2].y + begin * along;
    var at = words[1].w + product * words[3].x + begin * down + n;
    var sum = vec4<f32>();
    var k = begin;
    for (; k + 4u <= end; k += 4u) {
        let x = $FOUR_OF_A;
        sum += x.x * four(at);
        sum += x.y * four(at + down);
        sum += x.z * four(at + 2u * down);
        sum += x.w * four(at + 3u * down);
        at_a += 4u * along;
        at += 4u * down;
    }
    $REST
    let place = part * word(18u) + words[2].x + product * words[3].w;
    put(n, part, place, sum.x);
    put(n + 1u, part, place, sum.y);
    put(n + 2u, part, place, sum.z);
    put(n + 3u, part, place, sum.w);
}
