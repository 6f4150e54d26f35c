$PENALTY
s0 = select(s0 * of_step(3u) + of_step(4u) * g, g, of_step(6u) != 0.0);
p = p + of_step(2u) * select(s0, g + of_step(3u) * s0, of_step(5u) != 0.0);
