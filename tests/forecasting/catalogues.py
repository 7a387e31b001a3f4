"""Simulated catalogues of every kind a customer might bring, with fixed seeds."""

import numpy as np

from forecasting.arrays import Array
from forecasting.demand import DemandPanel


def intermittent(parts: int = 200, periods: int = 48, seed: int = 1) -> Array:
    """Sparse demand of a few pieces, steady over time, rates spread over two orders of magnitude."""
    rng = np.random.default_rng(seed)
    rate = np.exp(rng.normal(-1.2, 1.0, parts))
    size = 1 + rng.poisson(np.exp(rng.normal(0, 0.8, parts))[:, None], (parts, periods))
    return np.asarray((rng.uniform(size=(parts, periods)) < rate[:, None]) * size, dtype=np.float64)


def lots(parts: int = 150, periods: int = 48, seed: int = 2) -> Array:
    """Demand in lots from ones to thousands."""
    rng = np.random.default_rng(seed)
    unit = rng.choice([1, 5, 25, 100, 1000], parts)[:, None]
    return np.asarray(intermittent(parts, periods, seed + 50) * unit, dtype=np.float64)


def gaps(parts: int = 150, periods: int = 60, seed: int = 3) -> Array:
    """Short histories, holes, and whole periods missing."""
    rng = np.random.default_rng(seed)
    demand = intermittent(parts, periods, seed + 50)
    demand[rng.uniform(size=demand.shape) < 0.1] = np.nan
    young = rng.choice(periods, parts)
    demand[np.arange(periods)[None, :] < (young * (rng.uniform(size=parts) < 0.4))[:, None]] = np.nan
    demand[:, 20:22] = np.nan
    return demand


def smooth(parts: int = 100, periods: int = 60, seed: int = 4) -> Array:
    """Fast movers with a season and a trend."""
    rng = np.random.default_rng(seed)
    time = np.arange(periods)
    rate = np.exp(rng.normal(3.5, 1.0, parts))[:, None]
    wave = 1 + rng.uniform(0, 0.5, parts)[:, None] * np.sin(
        2 * np.pi * (time[None, :] + rng.integers(0, 12, parts)[:, None]) / 12
    )
    trend = np.exp(rng.normal(0, 0.01, parts)[:, None] * time)
    return rng.poisson(rate * wave * trend).astype(np.float64)


def life_cycle(parts: int = 150, periods: int = 72, seed: int = 5) -> Array:
    """Launches, run-downs and dead parts."""
    rng = np.random.default_rng(seed)
    time = np.arange(periods)[None, :]
    centre, width = rng.uniform(-20, periods + 20, (parts, 1)), rng.uniform(8, 25, (parts, 1))
    rate = np.exp(rng.normal(0, 1.2, (parts, 1))) * np.exp(-0.5 * ((time - centre) / width) ** 2)
    return rng.negative_binomial(1.5, 1.5 / (1.5 + rate)).astype(np.float64)


def weekly(parts: int = 200, periods: int = 130, seed: int = 6) -> Array:
    """Very sparse weekly demand."""
    rng = np.random.default_rng(seed)
    rate = np.exp(rng.normal(-2.5, 1.0, parts))[:, None]
    return rng.negative_binomial(0.7, 0.7 / (0.7 + rate), (parts, periods)).astype(np.float64)


def monthly_panel(demand: Array) -> DemandPanel:
    return DemandPanel.from_arrays(demand, first_period="2015-01")


def seasonal(parts: int = 200, periods: int = 60, seed: int = 7) -> Array:
    """Sparse parts of machines used in summer: one season for all, deeper for some."""
    rng = np.random.default_rng(seed)
    time = np.arange(periods)[None, :]
    rate = np.exp(rng.normal(-0.3, 1.0, (parts, 1)))
    wave = np.exp(rng.uniform(0.3, 1.5, (parts, 1)) * np.cos(2 * np.pi * (time - 6) / 12))
    return rng.negative_binomial(1.0, 1.0 / (1.0 + rate * wave)).astype(np.float64)
