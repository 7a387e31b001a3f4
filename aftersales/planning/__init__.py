"""Demand history, forecast runs, reorder proposals, and forecasts scored against what came."""
