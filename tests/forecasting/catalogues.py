"""Simulated catalogues of every kind a customer might bring, with fixed seeds."""

from collections.abc import Callable
from dataclasses import dataclass

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


def lumpy(parts: int = 300, periods: int = 60, seed: int = 11) -> Array:
    """Rare demands of very different size, not in lots."""
    rng = np.random.default_rng(seed)
    rate, size = rng.beta(0.6, 2.5, (parts, 1)), np.exp(rng.normal(1.5, 1.2, (parts, 1)))
    amount = np.ceil(size * np.exp(rng.normal(0, 1.0, (parts, periods))))
    return np.where(rng.uniform(size=(parts, periods)) < rate, amount, 0.0)


def one_giant(parts: int = 150, periods: int = 48, seed: int = 12) -> Array:
    """One part that is most of the volume."""
    rng = np.random.default_rng(seed)
    demand = intermittent(parts, periods, seed)
    demand[0] = rng.negative_binomial(5, 5 / (5 + 20 * demand.sum() / periods), periods)
    return demand


def tiny(parts: int = 60, periods: int = 48, seed: int = 13) -> Array:
    """A catalogue of a few dozen parts."""
    rng = np.random.default_rng(seed)
    rate = np.exp(rng.normal(0, 1.5, (parts, 1)))
    return rng.negative_binomial(1.0, 1 / (1 + rate), (parts, periods)).astype(np.float64)


def clustered(parts: int = 300, periods: int = 60, seed: int = 15) -> Array:
    """Months of demand and months of silence that hang together."""
    rng = np.random.default_rng(seed)
    demand, on = np.zeros((parts, periods)), rng.uniform(size=parts) < 0.3
    rate = np.exp(rng.normal(0.3, 1, parts))
    for time in range(periods):
        draw = rng.uniform(size=parts)
        on = np.where(on, draw < 0.88, draw < 0.06)
        demand[:, time] = np.where(on, rng.poisson(rate), 0)
    return demand


def returned(parts: int = 300, periods: int = 60, seed: int = 16) -> Array:
    """Months in which more came back than went out."""
    rng = np.random.default_rng(seed)
    demand = intermittent(parts, periods, seed)
    return demand - np.where(rng.uniform(size=demand.shape) < 0.05, rng.poisson(2, demand.shape), 0)


def fractional(parts: int = 200, periods: int = 48, seed: int = 17) -> Array:
    """Metres and kilograms, not pieces."""
    rng = np.random.default_rng(seed)
    demand = intermittent(parts, periods, seed)
    return np.round(demand * rng.gamma(4, 0.25, demand.shape), 2)


def wandering(parts: int = 300, periods: int = 60, seed: int = 18) -> Array:
    """Rates that wander."""
    rng = np.random.default_rng(seed)
    path = np.cumsum(rng.normal(0, 0.12, (parts, periods)), axis=1)
    rate = np.exp(rng.normal(-0.3, 1.2, (parts, 1)) + path)
    return rng.negative_binomial(1.5, 1.5 / (1.5 + rate)).astype(np.float64)


def falling(parts: int = 400, periods: int = 48, seed: int = 19) -> Array:
    """Everything runs down, some parts faster."""
    rng = np.random.default_rng(seed)
    fall = 0.03 * np.arange(periods) * rng.uniform(0, 2, (parts, 1))
    rate = np.exp(rng.normal(0, 1, (parts, 1)) - fall)
    return rng.poisson(rate * rng.gamma(0.8, 1 / 0.8, (parts, periods))).astype(np.float64)


def sparse(parts: int = 600, periods: int = 60, seed: int = 20) -> Array:
    """A demand every few years."""
    rng = np.random.default_rng(seed)
    rate = np.exp(rng.normal(-3.8, 0.8, (parts, 1)))
    size = 1 + rng.poisson(np.exp(rng.normal(-0.5, 1, (parts, 1))), (parts, periods))
    return np.asarray((rng.uniform(size=(parts, periods)) < rate) * size, dtype=np.float64)


def fast(parts: int = 120, periods: int = 60, seed: int = 24) -> Array:
    """Steady fast movers: the mean of all periods is the best there is."""
    rng = np.random.default_rng(seed)
    return rng.poisson(np.exp(rng.normal(2.5, 1.2, (parts, 1))), (parts, periods)).astype(np.float64)


def mixed(seed: int = 25) -> Array:
    """Parts of five kinds in one catalogue."""
    several = [intermittent(100, 48, seed), lots(80, 48, seed), smooth(40, 48, seed), life_cycle(80, 48, seed)]
    return np.vstack([*several, lumpy(80, 48, seed)])


def weekly_lots(parts: int = 200, periods: int = 156, seed: int = 22) -> Array:
    """Weekly demand in lots."""
    unit = np.random.default_rng(seed).choice([1, 2, 10, 50], (parts, 1))
    return np.asarray(weekly(parts, periods, seed) * unit, dtype=np.float64)


def weekly_gaps(parts: int = 200, periods: int = 156, seed: int = 23) -> Array:
    """Weekly demand with holes and a month nobody recorded."""
    rng = np.random.default_rng(seed)
    demand = weekly(parts, periods, seed)
    demand[rng.uniform(size=demand.shape) < 0.05] = np.nan
    demand[:, 80:84] = np.nan
    return demand


@dataclass(frozen=True)
class Kind:
    """A kind of catalogue: how to make one from a seed, what a period is, and the lead time in periods."""

    name: str
    make: Callable[[int], Array]
    first_period: str = "2015-01"
    lead: int = 3

    def panel(self, seed: int) -> DemandPanel:
        """A catalogue of this kind."""
        return DemandPanel.from_arrays(self.make(seed), first_period=self.first_period)


WEEK = ("2015-W02", 6)
KINDS = (
    Kind("sparse, steady", lambda seed: intermittent(300, 48, seed)),
    Kind("lots from ones to thousands", lambda seed: lots(300, 48, seed)),
    Kind("gaps, young parts", lambda seed: gaps(300, 60, seed)),
    Kind("fast, season and trend", lambda seed: smooth(150, 60, seed)),
    Kind("launch and run-down", lambda seed: life_cycle(300, 72, seed)),
    Kind("sparse with a season", lambda seed: seasonal(200, 60, seed)),
    Kind("lumpy", lambda seed: lumpy(300, 60, seed)),
    Kind("one giant part", lambda seed: one_giant(150, 48, seed)),
    Kind("60 parts", lambda seed: tiny(60, 48, seed)),
    Kind("150 parts", lambda seed: tiny(150, 40, seed)),
    Kind("40 parts in lots", lambda seed: lots(40, 36, seed)),
    Kind("busy and silent spells", lambda seed: clustered(300, 60, seed)),
    Kind("returns", lambda seed: returned(300, 60, seed)),
    Kind("metres and kilograms", lambda seed: fractional(200, 48, seed)),
    Kind("wandering rates", lambda seed: wandering(300, 60, seed)),
    Kind("falling", lambda seed: falling(400, 48, seed)),
    Kind("very sparse", lambda seed: sparse(600, 60, seed)),
    Kind("20 months only", lambda seed: intermittent(300, 20, seed)),
    Kind("fast and steady", lambda seed: fast(120, 60, seed)),
    Kind("five kinds mixed", mixed),
    Kind("weekly", lambda seed: weekly(300, 130, seed), *WEEK),
    Kind("weekly in lots", lambda seed: weekly_lots(200, 156, seed), *WEEK),
    Kind("weekly with gaps", lambda seed: weekly_gaps(200, 156, seed), *WEEK),
)
"""What the method is measured on besides real catalogues."""
