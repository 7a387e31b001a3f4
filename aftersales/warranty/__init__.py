"""Warranty: policies in numbered clauses, who pays for which line of a job and why, extensions."""
