let inside = y < walk.plane.x && x < walk.plane.y;
let place = column.x + at.z;
