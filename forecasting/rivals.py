"""The single methods put to the back-test, each with a distribution round its mean."""

from collections.abc import Sequence

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.classify import Classes, DemandClass
from forecasting.demand import DemandPanel
from forecasting.methods.aggregate import Imapa
from forecasting.methods.base import Method
from forecasting.methods.croston import Sba
from forecasting.methods.holt_winters import HoltWinters
from forecasting.methods.mean import Mean, RecentMean, SeasonalMean, Zero
from forecasting.methods.smoothing import Ses
from forecasting.methods.tsb import Tsb

MOST_HOLT_WINTERS = 20
"""Parts, the largest first, that are worth fitting one by one."""
AT_ONCE = 10_000
"""Parts looked at together, for the sake of memory."""
AT_ONCE = 5_000
"""Parts worked on at once, so that they stay in the processor's cache."""
STRONG_SEASON = 0.4
"""Autocorrelation at the distance of a year from which a part counts as seasonal."""


def simple_methods(season: int) -> list[Method]:
    """The methods that any part may get, for a year of so many periods."""
    return [Zero(), Mean(), RecentMean(window=season), Ses(), Sba(), Tsb(), Imapa()]


def seasonal_methods(season: int) -> list[Method]:
    """The methods for seasonal parts only."""
    return [SeasonalMean(season), HoltWinters(season)]


def seasonal_parts(panel: DemandPanel, classes: Classes) -> Flags:
    """Parts with at least three years of smooth or erratic demand that repeats from year to year."""
    season = panel.periods.season
    seasonal = np.isin(classes.demand_class, [DemandClass.SMOOTH, DemandClass.ERRATIC])
    if panel.periods.count < 3 * season:
        return np.zeros(len(panel), dtype=np.bool_)
    steady = np.flatnonzero(seasonal)
    for start in range(0, len(steady), AT_ONCE):
        rows = steady[start : start + AT_ONCE]
        seasonal[rows] = _repeats(panel.demand[rows], season)
    return np.asarray(seasonal)


def _repeats(demand: Array, season: int) -> Flags:
    """Whether demand without a gap repeats from year to year, shape (parts,)."""
    pieces = np.nan_to_num(demand)
    centred = pieces - pieces.mean(axis=1, keepdims=True)
    power = np.square(centred).sum(axis=1)
    shared = (centred[:, season:] * centred[:, :-season]).sum(axis=1)
    whole = ~np.isnan(demand).any(axis=1)
    return np.asarray(whole & (shared > STRONG_SEASON * np.maximum(power, 1e-300)))


def largest(panel: DemandPanel, parts: Flags, count: int) -> Integers:
    """Rows of at most ``count`` of these parts, those with most demand."""
    volume = np.where(parts, panel.volume, -1.0)
    order = np.argsort(-volume, kind="stable")[:count]
    return np.sort(order[volume[order] > 0])


def lead_means(method: Method, demand: Array, origins: Sequence[int], lead: int, *, every: int = 1) -> Array:
    """Expected lead-time demand from each origin, shape (origins, parts).

    :param every: fit at every so many origins only and look further ahead from the fit before (for slow methods).
    """
    result = np.empty((len(origins), demand.shape[1]))
    for start in range(0, len(origins), every):
        held = origins[start : start + every]
        ahead = held[-1] - held[0] + lead
        path = method.means(demand, held[:1], ahead)[0]
        for row, origin in enumerate(held, start=start):
            shift = origin - held[0]
            result[row] = path[:, shift : shift + lead].sum(axis=1)
    return result
