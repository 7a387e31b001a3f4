"""Where to keep repairable parts, at the depot or the sites, and how many: fewest backorders for the money.

Part by part, for every stock of the depot, the pieces of the sites are taken in the order of what they spare (marginal
analysis, exact as expected backorders are convex); the best depot stock for each total and the lower convex hull over
totals give the part's curve. One sort over the steps of all parts by what they spare per money, which is a search over
the multiplier of money done for all its values at once, gives the curve of the catalogue.
B. Fox, D. Landi, Operations Research 18 (1970); C. C. Sherbrooke, Optimal Inventory Modeling of Systems (2004),
chapter 3.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.errors import SettingsError
from forecasting.stock.demands import MOST
from forecasting.stock.levels import WIDEST, fill_rates, probabilities
from forecasting.stock.network import Network, NetworkPolicy, evaluate, from_batches

CELLS = 600_000
"""Numbers held at once."""
DEPOT_LEVELS = 48
"""Stocks of the depot tried, at most; of large depots only every so manieth."""


@dataclass(frozen=True, eq=False)
class NetworkCurve:
    """All that money can buy, from nothing on.

    :param investment: money, ascending, shape (steps + 1,); ``owed``: pieces owed by the sites.
    :param availability: share of the demand at the sites served at once.
    :param part: part that each step raises, shape (steps,).
    """

    investment: Array
    owed: Array
    availability: Array
    part: Integers
    network: Network
    _start: Integers
    _total: Integers
    _depot: Integers

    def for_backorders(self, most: float) -> NetworkPolicy:
        """The least money with which the sites owe at most so many pieces at any moment.

        :raises SettingsError: when it cannot be reached.
        """
        if not most >= self.owed[-1]:
            raise SettingsError(f"at most {most:g} pieces owed cannot be reached; {self.owed[-1]:.4g} is the least")
        return self.at(int(np.argmax(self.owed <= most)))

    def for_availability(self, target: float) -> NetworkPolicy:
        """The first point of the curve that serves this share of the demand at once.

        :raises SettingsError: for a target outside 0 … .9999, or one that cannot be reached.
        """
        if not 0 < target <= MOST:
            raise SettingsError(
                f"an availability of {target:g} cannot be promised; the target lies above 0, at most {MOST}"
            )
        if self.availability.max() < target:
            raise SettingsError(
                f"an availability of {target:g} cannot be reached; {self.availability.max():.4f} is the most"
            )
        return self.at(int(np.argmax(self.availability >= target)))

    def for_budget(self, budget: float) -> NetworkPolicy:
        """The last point of the curve that this money buys.

        :raises SettingsError: for a negative budget.
        """
        if not budget >= 0:
            raise SettingsError(f"a budget of {budget:g} is below zero")
        return self.at(int(np.searchsorted(self.investment, budget * (1 + 1e-12), side="right")) - 1)

    def at(self, step: int) -> NetworkPolicy:
        """The stock after so many steps."""
        at = self._start + np.bincount(self.part[:step], minlength=len(self._start))
        depot = self._depot[at].astype(np.float64)
        return evaluate(self.network, depot, spread(self.network, depot, self._total[at] - self._depot[at]))

    def points(self, most: int = 1000) -> Integers:
        """Steps to show, at most so many: spread evenly over what is owed, the first and the last among them."""
        if len(self.investment) <= most:
            return np.arange(len(self.investment))
        wanted = np.linspace(-self.owed[0], -self.owed[-1], most)
        found = np.minimum(np.searchsorted(-self.owed, wanted), len(self.owed) - 1)
        return np.unique(np.concatenate([[0], found, [len(self.owed) - 1]]))


@dataclass(frozen=True, eq=False)
class _Hull:
    """Points of the curves of some parts, one part after the other: pieces in all, of them at the depot."""

    part: Integers
    total: Integers
    depot: Integers
    owed: Array
    served: Array


def allocate(network: Network) -> NetworkCurve:
    """The whole curve of money against backorders."""
    hulls = [_hull(network.select(rows), rows, width, top) for rows, width, top in _groups(network)]
    part, total, depot = (np.concatenate([getattr(one, name) for one in hulls]) for name in ("part", "total", "depot"))
    owed, served = (np.concatenate([getattr(one, name) for one in hulls]) for name in ("owed", "served"))
    begins = np.diff(part, prepend=-1) != 0
    start = np.empty(len(network.price), dtype=np.int64)
    start[part[begins]] = np.flatnonzero(begins)
    further = np.flatnonzero(~begins)
    cost = (total[further] - total[further - 1]) * network.price[part[further]]
    spared = (owed[further - 1] - owed[further]) * network.weight[part[further]]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(cost > 0, spared / cost, np.inf)
    place = np.argsort(-ratio, kind="stable")
    order = further[place]
    asked = float(network.demand.sum())
    return NetworkCurve(
        np.cumsum(np.concatenate([[0.0], cost[place]])),
        np.cumsum(np.concatenate([[owed[start].sum()], owed[order] - owed[order - 1]])),
        np.cumsum(np.concatenate([[served[start].sum()], served[order] - served[order - 1]])) / (asked or 1.0),
        part[order],
        network,
        start,
        total,
        depot,
    )


def _groups(network: Network) -> Iterator[tuple[Integers, int, int]]:
    """Parts of like size together: their rows, levels counted at each site, and highest stock of the depot."""
    mean, variance = network.pipeline(np.zeros(len(network.price)))
    site = np.ceil(mean + 5 * np.sqrt(variance) + 2).max(axis=1)
    waiting = network.depot_demand * network.depot_repair_time
    depot = np.where(waiting > 0, np.ceil(waiting + 3 * np.sqrt(waiting * network.dispersion) + 1), 0.0)
    sizes = np.array([4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, WIDEST])
    group = np.stack([sizes[np.searchsorted(sizes[:-1], values)] for values in (site, depot)], axis=1)
    for width, high in np.unique(group, axis=0).tolist():
        rows = np.flatnonzero((group == (width, high)).all(axis=1))
        size = max(CELLS // (width * network.demand.shape[1]), 1)
        for first in range(0, len(rows), size):
            chosen = rows[first : first + size]
            yield chosen, width, int(depot[chosen].max())


def _hull(network: Network, rows: Integers, width: int, top: int) -> _Hull:
    """The convex hull of pieces in all against backorders, for each of some parts."""
    owed, best, served = by_total(network, width, top)
    part, total = np.nonzero(lower_hull(owed))
    return _Hull(rows[part], total, best[part, total], np.maximum(owed[part, total], 0.0), served[part, total])


def by_total(network: Network, width: int, top: int) -> tuple[Array, Integers, Array]:
    """The best split of every number of pieces between depot and sites.

    :param width: pieces counted at each site. ``top``: highest stock of the depot.
    :returns: backorders of the sites, stock of the depot and demand served at once, each (parts, pieces in all + 1).
    """
    parts, sites = network.demand.shape
    tried = range(0, top + 1, -(-(top + 1) // DEPOT_LEVELS))
    most = tried[-1] + sites * width
    owed = np.full((parts, most + 1), np.inf)
    served = np.zeros((parts, most + 1))
    best = np.zeros((parts, most + 1), dtype=np.int64)
    for depot in tried:
        mean, spared, given, _ = _pieces(network, np.full(parts, float(depot)), width)
        window = slice(depot, depot + spared.shape[1] + 1)
        found = np.empty((parts, spared.shape[1] + 1))
        found[:, 0] = mean.sum(axis=1)
        found[:, 1:] = found[:, :1] - np.cumsum(spared, axis=1)
        better = found < owed[:, window] - 1e-12
        owed[:, window] = np.where(better, found, owed[:, window])
        best[:, window] = np.where(better, depot, best[:, window])
        at_once = np.concatenate([np.zeros((parts, 1)), np.cumsum(given, axis=1)], axis=1)
        served[:, window] = np.where(better, at_once, served[:, window])
    return owed, best, served


def _pieces(network: Network, depot: Array, width: int) -> tuple[Array, Array, Array, Integers]:
    """Every piece the sites could be given, those that spare most first.

    :returns: mean pipelines (parts, sites); backorders each piece spares, demand it lets be served at once, and its
        site, each of shape (parts, sites · width).
    """
    parts, sites = network.demand.shape
    mean, variance = network.pipeline(depot)
    chance = probabilities(mean.ravel(), variance.ravel(), width + 1)
    spares = (1 - np.cumsum(chance[:, :-1], axis=1)).reshape(parts, sites * width)
    order = np.argsort(-spares, axis=1, kind="stable")
    share = from_batches(mean, variance, network.dispersion).ravel()[:, None]
    gain = chance[:, :-1]
    if share.any():
        gain = gain + share * (np.diff(fill_rates(mean.ravel(), variance.ravel(), chance), axis=1) - gain)
    given = (gain.reshape(parts, sites, width) * network.demand[:, :, None]).reshape(parts, -1)
    sorted_spares = np.maximum(np.take_along_axis(spares, order, axis=1), 0.0)
    return mean, sorted_spares, np.take_along_axis(given, order, axis=1), order // width


def spread(network: Network, depot: Array, pieces: Integers) -> Array:
    """Give so many pieces of each part to its sites, each where it spares most; shape (parts, sites).

    :param depot: stock of the depot, shape (parts,).
    """
    result = np.zeros(network.demand.shape)
    sites = network.demand.shape[1]
    for rows, width, _ in _groups(network):
        _, _, _, site = _pieces(network.select(rows), depot[rows], width)
        given = np.arange(site.shape[1]) < pieces[rows, None]
        place = np.broadcast_to(np.arange(len(rows))[:, None] * sites, site.shape)
        counted = np.bincount((place + site)[given], minlength=len(rows) * sites)
        result[rows] = counted.reshape(len(rows), sites)
    return result


def lower_hull(values: Array) -> Flags:
    """Which of the points (0, v₀), (1, v₁), … of each row lie on their lower convex hull.

    A. M. Andrew, Information Processing Letters 9 (1979), all rows in step.

    :param values: finite, shape (rows, points).
    """
    rows, points = values.shape
    stack = np.zeros((rows, points), dtype=np.int64)
    size = np.ones(rows, dtype=np.int64)
    every = np.arange(rows)
    for point in range(1, points):
        asked = every[size >= 2]
        while len(asked):
            last, before = stack[asked, size[asked] - 1], stack[asked, size[asked] - 2]
            low = values[asked, before]
            above = (values[asked, last] - low) * (point - before) >= (values[asked, point] - low) * (last - before)
            asked = asked[above]
            size[asked] -= 1
            asked = asked[size[asked] >= 2]
        stack[every, size] = point
        size += 1
    result = np.zeros((rows, points), dtype=np.bool_)
    row, place = np.nonzero(np.arange(points) < size[:, None])
    result[row, stack[row, place]] = True
    return result
