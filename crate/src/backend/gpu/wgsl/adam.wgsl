p = select(p * of_step(row, 8u), p, of_step(row, 8u) == 1.0);
$PENALTY
s0 = s0 + of_step(row, 2u) * (g - s0);
s1 = s1 * of_step(row, 3u) + of_step(row, 4u) * g * g;
s2 = $LARGER;
p = p + of_step(row, 5u) * s0 / (sqrt($SQUARES) / of_step(row, 6u) + of_step(row, 7u));
