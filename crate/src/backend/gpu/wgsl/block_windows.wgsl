// Convolutions: b is of planes with windows over them. Along k go the places within a window, or the windows: two
// dimensions in a plane, and then one of planes.
//
// words: 24 and 25 step and end along x, 26 and 27 along y; what the place in b grows by: 28 at each step, 29 more at
// the end of a row, 30 more at that of a plane, 31 more of a there; 32 height and 33 width of b's planes, 34 and 35
// how much of y and x is one row and one column of them; 36 columns and 37 rows along k; of columns of b and the
// result: 38 rows and 39 columns of theirs, 40 and 41 step along y and x, 42 and 43 where those begin, 44 planes'
// distance, 45 products' distance, 46 and 47 what y and x count for in b's place, 48 distance of planes in the result

// x, y, place in b, place in a
alias At = vec4<u32>;
// Where it begins in b, y, x
alias Column = vec3<u32>;

struct Walk {
    steps: vec4<u32>,
    grows: vec4<u32>,
    plane: vec4<u32>,
}

fn column_b(product: u32, n: u32) -> Column {
    let plane = word(38u) * word(39u);
    let y = n % plane / word(39u) * word(40u) + word(42u);
    let x = n % word(39u) * word(41u) + word(43u);
    return vec3<u32>(
        words[1].w + n / plane * word(44u) + product * word(45u) + y * word(46u) + x * word(47u), y, x);
}

fn column_y(n: u32) -> u32 {
    let plane = word(38u) * word(39u);
    return n / plane * word(48u) + n % plane;
}

fn walk_of() -> Walk {
    return Walk(words[6], words[7], words[8]);
}

fn at_of(k: u32, walk: Walk) -> At {
    let columns = word(36u);
    let rows = word(37u);
    let i = k % columns;
    let j = k / columns % rows;
    let o = k / (columns * rows);
    let row = columns * walk.grows.x + walk.grows.y;
    return vec4<u32>(i * walk.steps.x, j * walk.steps.z,
        i * walk.grows.x + j * row + o * (rows * row + walk.grows.z), k + o * walk.grows.w);
}

fn next(at: At, walk: Walk) -> At {
    let x = at.x + walk.steps.x;
    let over = x == walk.steps.y;
    let y = at.y + select(0u, walk.steps.z, over);
    let beyond = y == walk.steps.w;
    return vec4<u32>(select(x, 0u, over), select(y, 0u, beyond),
        at.z + walk.grows.x + select(0u, walk.grows.y, over) + select(0u, walk.grows.z, beyond),
        at.w + 1u + select(0u, walk.grows.w, beyond));
}

fn in_a(at: At) -> u32 {
    return at.w;
}

fn element_b(column: Column, at: At, walk: Walk) -> f32 {
    let y = column.y + at.y;
    let x = column.z + at.x;
    $INSIDE
    return select(0.0, b[select(0u, place, inside)], inside);
}
