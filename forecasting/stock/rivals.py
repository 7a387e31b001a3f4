"""Rules of thumb that stock is often kept by, each brought to the same availability: what optimising saves."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy import special, stats

from forecasting.arrays import Array
from forecasting.errors import SettingsError
from forecasting.stock.allocation import Policy
from forecasting.stock.classes import value_class
from forecasting.stock.demands import Demands
from forecasting.stock.levels import Levels, probabilities, tables

Rule = Callable[[float], Array]
"""Stock of every part from one setting between 0 and 1, the same for all parts; more setting, no less stock."""

HALVINGS = 40


class Stockroom:
    """What any stock of a catalogue would give; the levels are computed once."""

    def __init__(self, demands: Demands) -> None:
        self.demands = demands
        self._levels = list(tables(demands.mean, demands.variance, demands.quantity))

    def evaluate(self, stock: Array) -> Policy:
        """Fill rate, backorders and money of a given order-up-to level of each part, between levels by straight lines.

        :param stock: pieces, shape (parts,).
        """
        asked = self.demands
        fill, owed = np.ones(len(stock)), np.zeros(len(stock))
        for levels in self._levels:
            fill[levels.rows], owed[levels.rows] = _between(levels, stock[levels.rows])
        heavy = asked.rate * asked.weight
        return Policy(
            stock,
            np.where(stock > 0, np.maximum(stock - asked.quantity, 0.0), -1.0),
            asked.quantity,
            owed,
            fill,
            float(stock @ asked.price),
            float(fill @ asked.rate) / float(asked.rate.sum()) if asked.rate.any() else 1.0,
            float(fill @ heavy) / float(heavy.sum()) if heavy.any() else 1.0,
            float(owed.sum()),
        )

    def at_availability(self, rule: Rule, target: float) -> Policy:
        """The least setting of a rule that serves this share of pieces at once.

        :raises SettingsError: when the rule never does.
        """
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.evaluate(rule(middle)).availability >= target else (middle, high)
        policy = self.evaluate(rule(high))
        if policy.availability < target:
            raise SettingsError(f"this rule does not reach an availability of {target:g}")
        return policy

    def rules(self) -> Mapping[str, Rule]:
        """The rules by name: the same setting for all parts of

        - ``cycle_service``: probability of no shortage in a lead time,
        - ``z_sigma``: standard deviations of lead-time demand above its mean,
        - ``fill_rate``: share of the part's pieces served at once,
        - ``abc_fill_rate``: the same, half the waiting for A parts (80 % of value), twice for C parts (last 5 %),
        - ``cover``: lead times of mean demand.
        """
        asked = self.demands
        deviation = np.sqrt(np.maximum(asked.variance, asked.mean))
        worth = value_class(asked.price * asked.rate)
        waiting = np.select([worth == "A", worth == "B"], [0.5, 1.0], 2.0)
        below = self._below()

        def kept(base_stock: Array) -> Array:
            return np.asarray(np.where((base_stock > 0) & asked.stocked, base_stock + asked.quantity - 1, 0.0))

        return {
            "cycle_service": lambda share: kept(self._covered(below, share)),
            "z_sigma": lambda share: kept(
                np.ceil(
                    np.maximum(asked.mean + stats.norm.ppf(min(max(share, 1e-9), 1 - 1e-12)) * deviation, 0.0) - 1e-9
                )
            ),
            "fill_rate": lambda share: self._least_with(np.full(len(waiting), share)),
            "abc_fill_rate": lambda share: self._least_with(1 - (1 - share) * waiting),
            "cover": lambda share: kept(np.ceil(asked.mean * share / max(1 - share, 1e-3) - 1e-9)),
        }

    def _below(self) -> list[Array]:
        """Probability of a demand of 0, 1, … or less, for each table of levels; nothing for those on a grid."""
        asked, result = self.demands, []
        for levels in self._levels:
            mean, variance = asked.mean[levels.rows], np.maximum(asked.variance, asked.mean)[levels.rows]
            result.append(
                np.cumsum(probabilities(mean, variance, levels.stock.shape[1]), axis=1)
                if levels.counted
                else np.empty((len(mean), 0))
            )
        return result

    def _covered(self, below: list[Array], share: float) -> Array:
        """Demand of the lead time that is not exceeded with this probability."""
        stock = np.zeros(len(self.demands.mean))
        for levels, known in zip(self._levels, below, strict=True):
            mean = self.demands.mean[levels.rows]
            scale = np.maximum(self.demands.variance[levels.rows] / mean, 1.0)
            stock[levels.rows] = (
                (known < min(share, 1 - 1e-9)).sum(axis=1)
                if levels.counted
                else np.ceil(special.gammaincinv(mean / scale, min(share, 1 - 1e-9)) * scale)
            )
        return stock

    def _least_with(self, fill_rate: Array) -> Array:
        """Least stock of each part with at least this fill rate."""
        stock = np.zeros(len(fill_rate))
        for levels in self._levels:
            wanted = np.clip(fill_rate[levels.rows], 0.0, 1 - 2e-5)
            short = levels.fill_rate < wanted[:, None]
            at = np.minimum(short.sum(axis=1), levels.stock.shape[1] - 1)
            stock[levels.rows] = levels.stock[np.arange(len(at)), at]
        return np.where(self.demands.stocked, stock, 0.0)


def _between(levels: Levels, stock: Array) -> tuple[Array, Array]:
    """Fill rate and backorders of a stock."""
    row = np.arange(len(stock))
    low = np.maximum((levels.stock <= stock[:, None]).sum(axis=1) - 1, 0)
    high = np.minimum(low + 1, levels.stock.shape[1] - 1)
    under, over = levels.stock[row, low], levels.stock[row, high]
    share = np.clip((stock - under) / np.maximum(over - under, 1e-300), 0.0, 1.0)
    fill, owed = (
        values[row, low] + share * (values[row, high] - values[row, low])
        for values in (levels.fill_rate, levels.backorders)
    )
    return fill, owed
