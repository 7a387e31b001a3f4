"""Everything the pooled model knows about each part at an origin, gathered in one walk over time.

A missing period decays the weighted sum and its weight alike: the level stays, its support fades.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array

LEVELS = (0.02, 0.05, 0.1, 0.2, 0.4)
"""Weights of the exponential averages of demand."""
MOMENTS = (0.05, 0.2)
"""Weights of the exponential averages of squared demand and of occurrence."""
MIDDLE = LEVELS.index(0.1)
ERROR_WEIGHT = 0.05
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class States:
    """Per origin and part, all of shape (origins, parts) unless said otherwise, from periods before the origin only.

    :param levels: exponential averages of demand, shape (weights, origins, parts).
    :param squares: exponential averages of squared demand, shape (2, origins, parts).
    :param occurrence: exponential averages of "there was demand", shape (2, origins, parts).
    :param known: known periods.
    :param hits: periods with demand.
    :param total: pieces demanded.
    :param total_squares: sum of squared demands.
    :param log_total: sum of the logarithms of the demands, and ``log_squares`` of their squares.
    :param gap: known periods since the last demand; all known periods where there was none.
    :param lead_error: exponential average of the squared error of the level for the coming lead time; NaN = none yet.
    :param window_mean: mean demand of past lead-time windows, ``window_square`` of its square; NaN = no whole window.
    """

    levels: Array
    squares: Array
    occurrence: Array
    known: Array
    hits: Array
    total: Array
    total_squares: Array
    log_total: Array
    log_squares: Array
    gap: Array
    lead_error: Array
    window_mean: Array
    window_square: Array


class _Walk:
    """The running sums of one walk over time."""

    def __init__(self, parts: int, lead: int) -> None:
        self.lead = lead
        self.decay = {name: np.array(weights)[:, None] for name, weights in (("levels", LEVELS), ("moments", MOMENTS))}
        self.level_sum, self.level_weight = np.zeros((len(LEVELS), parts)), np.zeros((len(LEVELS), parts))
        self.square_sum, self.hit_sum = np.zeros((len(MOMENTS), parts)), np.zeros((len(MOMENTS), parts))
        self.moment_weight = np.zeros((len(MOMENTS), parts))
        self.counts = {
            name: np.zeros(parts)
            for name in ("known", "hits", "total", "total_squares", "log_total", "log_squares", "gap")
        }
        self.error_sum, self.error_weight = np.zeros(parts), np.zeros(parts)
        self.window_sum, self.window_squares, self.windows = np.zeros(parts), np.zeros(parts), np.zeros(parts)
        self.past: deque[tuple[Array, Array]] = deque()

    def step(self, now: Array) -> None:
        """Take in one period."""
        known = ~np.isnan(now)
        value = np.where(known, now, 0.0)
        hit = value > 0
        square = np.square(value)
        self._remember(now)
        weight = self.decay["levels"]
        self.level_sum += weight * (value - self.level_sum)
        self.level_weight += weight * (known - self.level_weight)
        weight = self.decay["moments"]
        self.square_sum += weight * (square - self.square_sum)
        self.hit_sum += weight * (hit - self.hit_sum)
        self.moment_weight += weight * (known - self.moment_weight)
        log = np.log(np.where(hit, value, 1.0))
        counts = self.counts
        for name, gain in (
            ("known", known),
            ("hits", hit),
            ("total", value),
            ("total_squares", square),
            ("log_total", log),
            ("log_squares", np.square(log)),
        ):
            counts[name] += gain
        counts["gap"] = np.where(hit, 0.0, counts["gap"] + known)

    def _remember(self, now: Array) -> None:
        """Score the level of one lead time ago against the window that ends with this period."""
        level = self.level_sum[MIDDLE] / np.maximum(self.level_weight[MIDDLE], TINY)
        self.past.append((now, np.where(self.level_weight[MIDDLE] > TINY, level, np.nan)))
        if len(self.past) > self.lead:
            self.past.popleft()
        if len(self.past) < self.lead:
            return
        window = np.sum([demand for demand, _ in self.past], axis=0)
        error = np.square(window - self.lead * self.past[0][1])
        whole, scored = ~np.isnan(window), ~np.isnan(error)
        self.windows += whole
        self.window_sum += np.where(whole, window, 0.0)
        self.window_squares += np.square(np.where(whole, window, 0.0))
        self.error_sum += ERROR_WEIGHT * (np.where(scored, error, 0.0) - self.error_sum)
        self.error_weight += ERROR_WEIGHT * (scored - self.error_weight)

    def snapshot(self) -> dict[str, Array]:
        """The states as they stand."""
        windows = np.where(self.windows > 0, self.windows, np.nan)
        return {
            "levels": self.level_sum / np.maximum(self.level_weight, TINY),
            "squares": self.square_sum / np.maximum(self.moment_weight, TINY),
            "occurrence": self.hit_sum / np.maximum(self.moment_weight, TINY),
            "lead_error": np.where(
                self.error_weight > TINY, self.error_sum / np.maximum(self.error_weight, TINY), np.nan
            ),
            "window_mean": self.window_sum / windows,
            "window_square": self.window_squares / windows,
            **{name: values.copy() for name, values in self.counts.items()},
        }


def gather(demand: Array, origins: Sequence[int], lead: int) -> States:
    """Walk once over time and keep the states at each origin.

    :param demand: shape (periods, parts), NaN = missing.
    :param origins: how many periods are known at each, ascending.
    :param lead: lead time in periods, for the lead-time errors and windows.
    """
    wanted = set(origins)
    walk = _Walk(demand.shape[1], lead)
    kept: dict[int, dict[str, Array]] = {}
    for time in range(max(origins) + 1):
        if time in wanted:
            kept[time] = walk.snapshot()
        if time < len(demand):
            walk.step(demand[time])
    fields = kept[max(origins)].keys()
    return States(**{name: np.stack([kept[origin][name] for origin in origins], axis=-2) for name in fields})
