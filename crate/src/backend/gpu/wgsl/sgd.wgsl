$PENALTY
p = p + of_step(2u) * g;
