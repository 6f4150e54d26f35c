var best = x[words[0].z + first];
var at = 0u;
for (var j = 1u; j < n; j++) {
    let v = x[words[0].z + first + j * words[1].x];
    if (is_better(v, best)) {
        best = v;
        at = j;
    }
}
y[words[0].w + i] = i32(at);
