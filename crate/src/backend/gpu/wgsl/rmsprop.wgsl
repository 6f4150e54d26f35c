$PENALTY
s0 = s0 * of_step(row, 3u) + of_step(row, 4u) * g * g;
s1 = select(s1, s1 + of_step(row, 4u) * (g - s1), of_step(row, 7u) != 0.0);
let average = sqrt(select(s0, s0 - s1 * s1, of_step(row, 7u) != 0.0)) + of_step(row, 5u);
if (of_step(row, 6u) > 0.0) {
    s2 = s2 * of_step(row, 6u) + g / average;
    p = p + of_step(row, 2u) * s2;
} else {
    p = p + of_step(row, 2u) * g / average;
}
