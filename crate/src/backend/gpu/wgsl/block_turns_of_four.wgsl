// What is carried from turn to turn costs as well: four elements of k in each.
for (var k = begin; k < to; k += 4u) {
    let at1 = next(at, walk);
    let at2 = next(at1, walk);
    let at3 = next(at2, walk);
    let rows = $ROWS(block_a(upper, at, at1, at2, at3)$LEFT);
    let more = $ROWS(block_a(lower, at, at1, at2, at3)$LEFT);
    let columns = $COLUMNS(block_b(b0, b1, b2, b3, at, at1, at2, at3, walk)$LEFT);
    let others = $COLUMNS(block_b(b4, b5, b6, b7, at, at1, at2, at3, walk)$LEFT);
    at = next(at3, walk);
    left0 = add(left0, rows[0], columns);
    left1 = add(left1, rows[1], columns);
    left2 = add(left2, rows[2], columns);
    left3 = add(left3, rows[3], columns);
    left4 = add(left4, more[0], columns);
    left5 = add(left5, more[1], columns);
    left6 = add(left6, more[2], columns);
    left7 = add(left7, more[3], columns);
    right0 = add(right0, rows[0], others);
    right1 = add(right1, rows[1], others);
    right2 = add(right2, rows[2], others);
    right3 = add(right3, rows[3], others);
    right4 = add(right4, more[0], others);
    right5 = add(right5, more[1], others);
    right6 = add(right6, more[2], others);
    right7 = add(right7, more[3], others);
}
