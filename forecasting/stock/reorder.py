"""Exact reorder policies for consumables: (r, Q) under continuous and (s, S) under periodic review, with shelf life."""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Integers
from forecasting.errors import SettingsError
from forecasting.stock import counted
from forecasting.stock.demands import check
from forecasting.stock.levels import backorders_and_fill, highest
from forecasting.stock.policy import economic_order_quantity

LARGEST = 20_000
"""Largest position in pieces that is searched one by one."""


@dataclass(frozen=True, eq=False)
class ReorderPolicy:
    """What to do for each part, shape (parts,).

    :param reorder_point: r (or s): order when the position has come down to it.
    :param quantity: Q (or S − s).
    :param cost: money per period: orders, holding and shortages.
    """

    reorder_point: Array
    quantity: Array
    cost: Array


def reorder_point_and_quantity(
    *,
    holding_cost: Array,
    stockout_cost: Array,
    fixed_cost: Array,
    rate: Array,
    mean: Array,
    variance: Array,
    most: "Array | float" = np.inf,
) -> ReorderPolicy:
    """The (r, Q) policy of least cost per period, exactly.

    Cost g(r, Q) = (Kλ + Σ_{y=r+1}^{r+Q} G(y))/Q with G(y) = h E[(y − D)⁺] + p E[(D − y)⁺]. G is convex, so the best Q
    positions are the Q cheapest. A. Federgruen, Y.-S. Zheng, Operations Research 40 (1992).

    :param holding_cost: h, money per piece and period, > 0; all arrays have shape (parts,).
    :param stockout_cost: p, money per piece owed and period, > 0.
    :param fixed_cost: K, money per order, ≥ 0.
    :param rate: λ, pieces per period, > 0.
    :param mean: of lead-time demand D, pieces; ``variance``: Poisson where it is not above the mean.
    :param most: highest position r + Q, such as by shelf life (``shelf_life_limit``), at least 1.
    :raises SettingsError: for costs or demands outside these bounds, or a part that would need more than 20,000 pieces.
    """
    _positive(holding_cost=holding_cost, stockout_cost=stockout_cost, rate=rate, mean=mean)
    check("fixed cost", fixed_cost)
    limit = np.broadcast_to(np.asarray(most, dtype=np.float64), mean.shape)
    if not (limit >= 1).all():
        raise SettingsError("the highest position must be at least one piece")
    spread = np.maximum(variance, mean)
    economic, _ = economic_order_quantity(fixed_cost, holding_cost, rate)
    reach = highest(mean, spread) + 2 * economic * np.sqrt(1 + holding_cost / stockout_cost) + 10
    if (reach > LARGEST).any():
        raise SettingsError(f"part {int(np.argmax(reach)) + 1} would need more than {LARGEST} pieces; count in packs")
    best = np.empty((3, len(mean)))
    for part in range(len(mean)):
        width = int(reach[part])
        position = np.arange(-width, width)
        one = slice(part, part + 1)
        waiting = np.concatenate(
            [mean[part] + np.arange(width, 0, -1), backorders_and_fill(mean[one], spread[one], width)[0][0]]
        )
        cost = holding_cost[part] * (position - mean[part]) + (holding_cost[part] + stockout_cost[part]) * waiting
        best[:, part] = _cheapest(position, cost, float(fixed_cost[part] * rate[part]), float(limit[part]))
    return ReorderPolicy(best[0], best[1], best[2])


def _cheapest(position: Integers, cost: Array, ordering: float, limit: float) -> tuple[float, float, float]:
    """Reorder point, quantity and cost from the cost of each position, positions ascending."""
    allowed = position <= limit
    order = np.argsort(cost[allowed], kind="stable")
    quantity = np.arange(1, len(order) + 1)
    average = (ordering + np.cumsum(cost[allowed][order])) / quantity
    found = int(np.argmin(average))
    return float(position[allowed][order[: found + 1]].min() - 1), float(quantity[found]), float(average[found])


def review_policy(
    *, holding_cost: float, stockout_cost: float, fixed_cost: float, demand: Array, lead_demand: "Array | None" = None
) -> tuple[int, int, float]:
    """The (s, S) policy of least cost per period for one part reviewed every period, exactly.

    At the review a position of s or less is raised to S. Y.-S. Zheng, A. Federgruen, Operations Research 39 (1991),
    with the cost of a pair by renewal of the demand since the last order.

    :param holding_cost: money per piece left at the end of a period; ``stockout_cost``: per piece owed then.
    :param fixed_cost: money per order.
    :param demand: probability of a demand of 0, 1, … pieces in a period, summing to 1.
    :param lead_demand: the same for lead time + one period; that of one period when nothing is said (no lead time).
    :returns: s, S and the cost per period.
    :raises SettingsError: for costs not above zero or probabilities that do not sum to 1.
    """
    _positive(
        holding_cost=np.array(holding_cost), stockout_cost=np.array(stockout_cost), fixed_cost=np.array(fixed_cost)
    )
    ahead = demand if lead_demand is None else lead_demand
    for chances in (demand, ahead):
        if abs(float(chances.sum()) - 1) > 1e-6 or (chances < 0).any():
            raise SettingsError("the probabilities of demand must sum to 1")
    if demand[0] >= 1:
        raise SettingsError("there is no demand to order for")
    cost = _PositionCost(ahead, holding_cost, stockout_cost)
    renewals = _Renewals(demand)

    def average(low: int, high: int) -> float:
        weight, periods = renewals.until(high - low)
        return float((fixed_cost + weight @ cost.of(np.arange(high, low, -1))) / periods)

    best = int(np.argmax(np.cumsum(ahead) >= stockout_cost / (stockout_cost + holding_cost) - 1e-12))
    low, high = best - 1, best
    while average(low, high) > cost.at(low):
        low -= 1
    least = average(low, high)
    level = high + 1
    while cost.at(level) <= least:
        if average(low, level) < least:
            high = level
            while average(low, high) <= cost.at(low + 1):
                low += 1
            least = average(low, high)
        level += 1
    return low, high, least


class _PositionCost:
    """Expected cost of the period in which an order placed now would come, by position after ordering."""

    def __init__(self, demand: Array, holding_cost: float, stockout_cost: float) -> None:
        self._pieces = np.arange(len(demand))
        self._demand, self._holding, self._stockout = demand, holding_cost, stockout_cost

    def of(self, position: Integers) -> Array:
        left = position[:, None] - self._pieces
        return np.asarray((np.maximum(left, 0) * self._holding + np.maximum(-left, 0) * self._stockout) @ self._demand)

    def at(self, position: int) -> float:
        return float(self.of(np.array([position]))[0])


class _Renewals:
    """Expected visits to each position below S within an order cycle."""

    def __init__(self, demand: Array) -> None:
        self._demand = demand
        self._visits = [1 / (1 - float(demand[0]))]

    def until(self, pieces: int) -> tuple[Array, float]:
        """Visits to positions S, S − 1, … (so many) and the periods they sum to."""
        while len(self._visits) < pieces:
            upto = min(len(self._visits), len(self._demand) - 1)
            earlier = np.array(self._visits[-upto:][::-1])
            self._visits.append(self._visits[0] * float(self._demand[1 : upto + 1] @ earlier))
        visits = np.array(self._visits[:pieces])
        return visits, float(visits.sum())


def shelf_life_limit(mean: Array, variance: Array, shelf_life: Array, risk: float = 0.05) -> Array:
    """Highest position of which the last piece expires in at most so many of 100 cases; at least one piece.

    A piece that joins a position of S is used when S pieces were asked for; P(D(shelf life) ≤ S − 1) ≤ risk.

    :param mean: pieces per period, shape (parts,); ``variance`` of a period.
    :param shelf_life: periods, > 0; infinite where a part does not expire.
    :param risk: between 0 and 1.
    """
    if not 0 < risk < 1:
        raise SettingsError(f"a risk of {risk:g} does not lie between 0 and 1")
    if not (shelf_life > 0).all():
        raise SettingsError("the shelf life must be above zero")
    limit = np.full(len(mean), np.inf)
    ends = np.isfinite(shelf_life)
    total = mean[ends] * shelf_life[ends]
    low, high = np.zeros(len(total)), np.maximum(np.ceil(total * 2 + 10), 1.0)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        enough = counted.at_most(total, variance[ends] * shelf_life[ends], np.maximum(middle - 1, 0.0)) <= risk
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    limit[ends] = np.maximum(low, 1.0)
    return limit


def _positive(**values: Array) -> None:
    for name, numbers in values.items():
        if not (np.isfinite(numbers).all() and (np.asarray(numbers) > 0).all()):
            raise SettingsError(f"{name.replace('_', ' ')} must be finite and above zero")
