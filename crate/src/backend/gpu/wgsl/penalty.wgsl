// Uphill, and weight decay where there is any: an infinite p times 0 would be NaN.
g = select(g, -g, of_step(row, 1u) != 0.0);
g = select(g, g + of_step(row, 0u) * p, of_step(row, 0u) != 0.0);
