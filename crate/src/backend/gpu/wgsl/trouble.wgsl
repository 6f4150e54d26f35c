// The first thing that a kernel could not do, which is told when elements are read back: 0 what, 1 to 3 numbers
// of the message. (In PyTorch a device's assertion comes late, too.)
@group(0) @binding($TROUBLE) var<storage, read_write> trouble: array<atomic<u32>, 4>;

fn complain(what: u32, value: i32, dim: u32, size: u32) {
    // Only who is first writes the rest.
    if (atomicMax(&trouble[0], what) == 0u) {
        atomicStore(&trouble[1], bitcast<u32>(value));
        atomicStore(&trouble[2], dim);
        atomicStore(&trouble[3], size);
    }
}
