"""Forecasting methods, one family per file, each computed for all parts of a panel at once."""
