$PENALTY
s0 = s0 + g * g;
p = p + of_step(row, 2u) * g / (sqrt(s0) + of_step(row, 3u));
