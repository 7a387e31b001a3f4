"""Work orders: opened from faults or due tasks, planned, worked, signed off, and closed in one go."""
