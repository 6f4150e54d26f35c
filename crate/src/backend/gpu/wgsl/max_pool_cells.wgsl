// Windows that do not overlap: each thread has one, and what lies between it and the next.
let stride = vec2<i32>(words[2].xy);
let size = vec2<i32>(height(), width());
let cells = (size + stride - 1) / stride;
let plane = i32(i) / (cells.x * cells.y);
let row = i32(i) % (cells.x * cells.y) / cells.y;
let column = i32(i) % cells.y;
let rows = i32(words[1].x);
let columns = i32(words[1].y);
let inside = row < rows && column < columns;
var best = -1;
if (inside) {
    best = largest(plane_of(plane), row, column);
}
let value = g[i32(words[3].w) + select(0, (plane * rows + row) * columns + column, inside)];
let begin = i32(words[4].x) + plane * size.x * size.y;
for (var ky = row * stride.x; ky < min((row + 1) * stride.x, size.x); ky++) {
    for (var kx = column * stride.y; kx < min((column + 1) * stride.y, size.y); kx++) {
        let at = ky * size.y + kx;
        y[begin + at] = select($T(), value, at == best);
    }
}
