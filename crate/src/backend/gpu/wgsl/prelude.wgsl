// What every kernel begins with: its numbers, and which thread it is.

// Sizes, offsets, strides and numbers; which is which is said in each kernel.
@group(0) @binding(0) var<uniform> words: array<vec4<u32>, 16>;

// Threads of a group that have something in common.
const LANES: u32 = 64u;

fn word(i: u32) -> u32 {
    return words[i / 4u][i % 4u];
}

fn number(i: u32) -> f32 {
    return bitcast<f32>(word(i));
}

// Not constants, which WGSL does not allow to be infinite.
fn infinity() -> f32 {
    return bitcast<f32>(words[15].w);
}

fn nan() -> f32 {
    return bitcast<f32>(words[15].z);
}

// Threads are dispatched in two dimensions, since one has at most 65,535 groups.
fn thread_of(id: vec3<u32>, groups: vec3<u32>) -> u32 {
    return id.y * groups.x * 64u + id.x;
}

fn group_of(id: vec3<u32>, groups: vec3<u32>) -> u32 {
    return id.y * groups.x + id.x;
}

// On the bit pattern: a compiler may take it for granted that there is none.
fn is_nan(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}
