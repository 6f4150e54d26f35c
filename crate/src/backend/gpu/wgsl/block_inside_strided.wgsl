let row = y / walk.plane.z;
let line = x / walk.plane.w;
let inside = row < walk.plane.x && line < walk.plane.y && row * walk.plane.z == y && line * walk.plane.w == x;
let place = column.x + at.z + row * walk.plane.y + line;
