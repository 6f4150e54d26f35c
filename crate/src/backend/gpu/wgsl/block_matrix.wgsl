// A place along k: what is added to a row of a, and to a column of b.
alias At = vec2<u32>;
alias Walk = vec2<u32>;
alias Column = u32;

fn column_b(product: u32, n: u32) -> Column {
    return words[1].w + product * words[3].x + n * words[3].z;
}

fn column_y(n: u32) -> u32 {
    return n * words[4].y;
}

fn walk_of() -> Walk {
    return vec2<u32>(words[2].w, words[3].y);
}

fn at_of(k: u32, walk: Walk) -> At {
    return k * walk;
}

fn next(at: At, walk: Walk) -> At {
    return at + walk;
}

fn in_a(at: At) -> u32 {
    return at.x;
}

fn in_b(at: At) -> u32 {
    return at.y;
}
