"""Operators' fault reports: filed in seconds, their course open to the operator, closed by the operator."""
