// One element of k in each turn: with as many loads as there are, four take minutes to compile.
for (var k = begin; k < to; k++) {
    let here = in_a(at);
    let top = vec4<f32>(a[upper.x + here], a[upper.y + here], a[upper.z + here], a[upper.w + here]);
    let low = vec4<f32>(a[lower.x + here], a[lower.y + here], a[lower.z + here], a[lower.w + here]);
    let columns = vec4<f32>(element_b(b0, at, walk), element_b(b1, at, walk), element_b(b2, at, walk),
        element_b(b3, at, walk));
    let others = vec4<f32>(element_b(b4, at, walk), element_b(b5, at, walk), element_b(b6, at, walk),
        element_b(b7, at, walk));
    at = next(at, walk);
    left0 += top.x * columns;
    left1 += top.y * columns;
    left2 += top.z * columns;
    left3 += top.w * columns;
    left4 += low.x * columns;
    left5 += low.y * columns;
    left6 += low.z * columns;
    left7 += low.w * columns;
    right0 += top.x * others;
    right1 += top.y * others;
    right2 += top.z * others;
    right3 += top.w * others;
    right4 += low.x * others;
    right5 += low.y * others;
    right6 += low.z * others;
    right7 += low.w * others;
}
