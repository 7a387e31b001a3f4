"""Which parts to keep and how many: the most service for the money, by marginal analysis.

Every part's levels are reduced to their upper concave hull against money; one sort of all steps by benefit per money
then gives the whole curve, and each point of it is the best that its money can buy.
B. Fox, Discrete optimization via marginal analysis, Management Science 13 (1966); R. E. Barlow, F. Proschan,
Mathematical Theory of Reliability (1965), chapter 6; C. C. Sherbrooke, Optimal Inventory Modeling of Systems (2004),
chapter 2.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.errors import SettingsError
from forecasting.stock.demands import MOST, Demands
from forecasting.stock.levels import Levels, tables


class Objective(StrEnum):
    """What money buys: pieces served at once, or fewer pieces owed (machines waiting)."""

    FILL_RATE = "fill_rate"
    BACKORDERS = "backorders"


@dataclass(frozen=True, eq=False)
class Policy:
    """A point of the curve, part by part, shape (parts,).

    :param stock: order-up-to level in pieces, 0 = not kept.
    :param reorder_point: position at which an order is due; −1 = not kept, ordered when asked for.
    :param investment: money in all stock. ``availability``: share of all pieces asked for that are served at once.
    :param weighted: the same with each part's weight. ``owed``: pieces owed at any moment, all parts.
    """

    stock: Array
    reorder_point: Array
    order_quantity: Array
    expected_backorders: Array
    fill_rate: Array
    investment: float
    availability: float
    weighted: float
    owed: float


@dataclass(frozen=True, eq=False)
class Curve:
    """All that money can buy, from nothing (or what is kept in any case) to all but a hundred-thousandth of demand.

    :param investment: money, ascending, shape (steps + 1,); ``availability``, ``weighted`` and ``owed`` alike.
    :param part: part that each step raises, shape (steps,).
    """

    investment: Array
    availability: Array
    weighted: Array
    owed: Array
    part: Integers
    demands: Demands
    _steps: "_Steps"

    def for_availability(self, target: float) -> Policy:
        """The least money that serves this share of pieces at once.

        The last step is replaced by the cheapest one that is enough, or goes only as far as is needed.

        :param target: of all pieces asked for, 0 < target ≤ .9999.
        :raises SettingsError: for another target, or one that cannot be reached because parts are not to be stocked.
        """
        if not 0 < target <= MOST:
            raise SettingsError(
                f"an availability of {target:g} cannot be promised; the target lies above 0, at most {MOST}"
            )
        if self.availability[-1] < target:
            raise SettingsError(
                f"an availability of {target:g} cannot be reached: with the parts that may be stocked "
                f"{self.availability[-1]:.4f} is the most"
            )
        cut = int(np.argmax(self.availability >= target))
        if not cut:
            return self.at(0)
        taken = self._counts(cut - 1)
        lacking = target - float(self.availability[cut - 1])
        part, cost = self._cheapest(cut - 1, lacking)
        short = self._short_step(int(self.part[cut - 1]), taken, lacking)
        if short is not None and short.cost <= cost:
            return self._policy(taken, short)
        taken[part] += 1
        return self._policy(taken)

    def for_backorders(self, most: float) -> Policy:
        """The least money with which at most this many pieces are owed at any moment.

        :raises SettingsError: when it cannot be reached.
        """
        if not most >= self.owed.min():
            raise SettingsError(f"at most {most:g} pieces owed cannot be reached; {self.owed.min():.4g} is the least")
        return self._policy(self._counts(int(np.argmax(self.owed <= most))))

    def for_budget(self, budget: float) -> Policy:
        """The most service for this money; what is left after the best steps goes to the next best that it still buys.

        :raises SettingsError: for a budget below what is kept in any case.
        """
        if not budget >= self.investment[0]:
            raise SettingsError(f"a budget of {budget:g} is less than the {self.investment[0]:g} kept in any case")
        cut = int(np.searchsorted(self.investment, budget * (1 + 1e-12), side="right")) - 1
        taken = self._counts(cut)
        left = budget - float(self.investment[cut])
        ended: set[int] = set()
        cost = np.diff(self.investment)
        for step in cut + np.flatnonzero(cost[cut:] <= left):
            part = int(self.part[step])
            earlier = part in ended or taken[part] != self._steps.rank[step]
            if earlier or cost[step] > left:
                ended.add(part)
                continue
            taken[part] += 1
            left -= float(cost[step])
        return self._policy(taken)

    def at(self, step: int) -> Policy:
        """The policy after so many steps, the point ``step`` of the curve."""
        return self._policy(self._counts(step))

    def points(self, most: int = 1000) -> Integers:
        """Steps to show, at most so many: spread evenly over availability, the first and the last among them."""
        if len(self.investment) <= most:
            return np.arange(len(self.investment))
        wanted = np.linspace(self.availability[0], self.availability[-1], most)
        found = np.minimum(np.searchsorted(self.availability, wanted), len(self.investment) - 1)
        return np.unique(np.concatenate([[0], found, [len(self.investment) - 1]]))

    def _counts(self, cut: int) -> Integers:
        return np.bincount(self.part[:cut], minlength=len(self.demands.price))

    def _cheapest(self, cut: int, lacking: float) -> tuple[int, float]:
        """Part whose next step after ``cut`` steps gives what is lacking for the least money, and that money."""
        behind, first = np.unique(self.part[cut:], return_index=True)
        steps = first + cut
        enough = np.diff(self.availability)[steps] >= lacking
        cost = np.where(enough, np.diff(self.investment)[steps], np.inf)
        cost[np.searchsorted(behind, self.part[cut])] = self.investment[cut + 1] - self.investment[cut]
        return int(behind[np.argmin(cost)]), float(cost.min())

    def _short_step(self, part: int, taken: Integers, lacking: float) -> "_Short | None":
        """The least level of a part above the one taken that gives what is lacking, on the hull or not."""
        asked, at = self.demands, self._steps.start[part] + taken[part]
        one = slice(part, part + 1)
        (levels,) = tables(asked.mean[one], asked.variance[one], asked.quantity[one])
        held = max(float(self._steps.stock[at]), float(asked.least[part]))
        share = float(asked.rate[part] / asked.rate.sum())
        enough = (levels.fill_rate[0] - self._steps.fill_rate[at]) * share >= lacking
        found = np.flatnonzero(enough & (levels.stock[0] > held))
        if not len(found):
            return None
        stock, fill, owed = (
            float(values[0, found[0]]) for values in (levels.stock, levels.fill_rate, levels.backorders)
        )
        return _Short(part, (stock - held) * float(asked.price[part]), stock, fill, owed)

    def _policy(self, taken: Integers, short: "_Short | None" = None) -> Policy:
        asked, table = self.demands, self._steps
        at = table.start + taken
        stock = np.maximum(table.stock[at], asked.least)
        fill, owed = table.fill_rate[at], table.backorders[at]
        if short is not None:
            stock[short.part], fill[short.part], owed[short.part] = short.stock, short.fill_rate, short.backorders
        share = asked.rate / max(asked.rate.sum(), 1e-300)
        heavy = asked.rate * asked.weight
        point = np.where(stock > 0, np.maximum(stock - asked.quantity, 0.0), -1.0)
        return Policy(
            stock,
            point,
            asked.quantity,
            owed,
            fill,
            float(stock @ asked.price),
            float(fill @ share) if asked.rate.any() else 1.0,
            float(fill @ heavy) / float(heavy.sum()) if heavy.any() else 1.0,
            float(owed.sum()),
        )


@dataclass(frozen=True)
class _Short:
    """A step of one part that goes only as far as is needed."""

    part: int
    cost: float
    stock: float
    fill_rate: float
    backorders: float


@dataclass(frozen=True, eq=False)
class _Steps:
    """Levels on the hull of all parts, one after the other: those of part p begin at ``start[p]``.

    :param rank: of each step of the curve, how many steps of its part come before it.
    """

    start: Integers
    stock: Array
    fill_rate: Array
    backorders: Array
    rank: Integers


def allocate(demands: Demands, objective: Objective = Objective.FILL_RATE) -> Curve:
    """The whole curve of money against service.

    :param objective: what is bought per money: weighted pieces served at once, or weighted pieces no longer owed.
    """
    part, stock, fill, owed, worth = _hulls(demands, objective)
    begins = np.diff(part, prepend=-1) != 0
    start = np.empty(len(demands.price), dtype=np.int64)
    start[part[begins]] = np.flatnonzero(begins)
    further = np.flatnonzero(~begins)
    cost = np.diff(stock)[further - 1] * demands.price[part[further]]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(cost > 0, worth[further] / cost, np.inf)
    order = further[np.argsort(-ratio, kind="stable")]
    raised = part[order]
    more = stock[order] - stock[order - 1], fill[order] - fill[order - 1], owed[order] - owed[order - 1]
    kept = demands.least * demands.price
    first = np.maximum(stock[start] * demands.price, kept)
    return Curve(
        _running(float(first.sum()), more[0] * demands.price[raised]),
        _share(demands.rate, fill[start], more[1], raised),
        _share(demands.rate * demands.weight, fill[start], more[1], raised),
        _running(float(owed[start].sum()), more[2]),
        raised,
        demands,
        _Steps(start, stock, fill, owed, order - 1 - start[raised]),
    )


def _share(rate: Array, fill: Array, more: Array, raised: Integers) -> Array:
    """Share of pieces served at once after each step."""
    total = float(rate.sum())
    if total <= 0:
        return np.ones(len(raised) + 1)
    return np.minimum(_running(float(fill @ rate), more * rate[raised]) / total, 1.0)


def _running(first: float, steps: Array) -> Array:
    return np.cumsum(np.concatenate([[first], steps]))


def _hulls(demands: Demands, objective: Objective) -> tuple[Integers, Array, Array, Array, Array]:
    """Part, stock, fill rate, backorders of every level on a hull, and what the step to it is worth."""
    none = np.flatnonzero(demands.mean <= 0)
    zeros = np.zeros(len(none))
    found = [(none, demands.least[none], np.ones(len(none)), zeros, zeros)]
    heavy = demands.weight * (demands.rate if objective is Objective.FILL_RATE else 1.0)
    for levels in tables(demands.mean, demands.variance, demands.quantity):
        rows = levels.rows
        gain = levels.fill_rate if objective is Objective.FILL_RATE else -levels.backorders
        keep, slope = _hull(levels, gain, demands)
        place, column = np.nonzero(keep)
        number = rows[place]
        found.append(
            (
                number,
                np.maximum(levels.stock[place, column], demands.least[number]),
                levels.fill_rate[place, column],
                levels.backorders[place, column],
                heavy[number] * slope[place, column],
            )
        )
    part, stock, fill, owed, worth = zip(*found, strict=True)
    return (
        np.concatenate(part).astype(np.int64),
        np.concatenate(stock),
        np.concatenate(fill),
        np.concatenate(owed),
        np.concatenate(worth),
    )


def _hull(levels: Levels, gain: Array, demands: Demands) -> tuple[Flags, Array]:
    """Which levels lie on the upper concave hull from the first allowed one on, and the gain of the step to each.

    Gains per piece first rise and then fall (the demand's distribution has one peak), so that the hull is one leap to
    the level with the best gain per piece followed by all further levels.
    """
    width = levels.stock.shape[1]
    column = np.arange(width)
    least, stocked, floor = (values[levels.rows] for values in (demands.least, demands.stocked, demands.floor))
    begin = np.maximum((levels.stock <= least[:, None]).sum(axis=1) - 1, 0)
    reached = np.minimum((levels.fill_rate < floor[:, None]).sum(axis=1), width - 1)
    begin = np.where(stocked, np.maximum(begin, reached), begin)[:, None]
    ahead = column > begin
    base = np.take_along_axis(gain, begin, axis=1)
    held = np.maximum(np.take_along_axis(levels.stock, begin, axis=1), least[:, None])
    pieces = np.where(ahead, levels.stock - held, 1.0)
    leap = np.where(ahead, (gain - base) / pieces, -np.inf).argmax(axis=1)[:, None]
    leap = np.maximum(leap, begin)
    first = column == leap
    rise = np.where(first, gain - base, np.diff(gain, axis=1, prepend=0.0))
    wide = np.where(first, np.maximum(levels.stock - held, 1.0), np.diff(levels.stock, axis=1, prepend=-1.0))
    # rounding must not let a later step of a part overtake an earlier one
    slope = np.minimum.accumulate(np.where(column >= leap, rise / wide, np.inf), axis=1)
    further = (column >= leap) & ahead & stocked[:, None]
    return (column == begin) | further, np.where(further, np.maximum(slope, 0.0) * wide, 0.0)
