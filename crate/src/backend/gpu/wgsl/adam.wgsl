p = select(p * of_step(8u), p, of_step(8u) == 1.0);
$PENALTY
s0 = s0 + of_step(2u) * (g - s0);
s1 = s1 * of_step(3u) + of_step(4u) * g * g;
s2 = larger(s2, s1);
p = p + of_step(5u) * s0 / (sqrt($SQUARES) / of_step(6u) + of_step(7u));
