var sum = $T();
for (var j = 0u; j < n; j++) {
    let at = first + $PLACE * words[1].x;
    sum += x[words[0].z + at];
    y[words[0].w + at] = sum;
}
