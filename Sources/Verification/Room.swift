// Moves in next.
