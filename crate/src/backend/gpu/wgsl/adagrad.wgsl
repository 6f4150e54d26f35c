$PENALTY
s0 = s0 + g * g;
p = p + of_step(2u) * g / (sqrt(s0) + of_step(3u));
