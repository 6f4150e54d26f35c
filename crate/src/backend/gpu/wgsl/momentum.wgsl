$PENALTY
s0 = select(s0 * of_step(row, 3u) + of_step(row, 4u) * g, g, of_step(row, 6u) != 0.0);
p = p + of_step(row, 2u) * select(s0, g + of_step(row, 3u) * s0, of_step(row, 5u) != 0.0);
