$PENALTY
p = p + of_step(row, 2u) * g;
