"""Does the plan fit the capacity, and if not, what is best made earlier, in overtime or late so that it does."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import optimize, sparse

from forecasting.arrays import Array, Flags
from forecasting.errors import SettingsError
from forecasting.stock.demands import check

WHOLE = 300
"""Numbers up to which the solver keeps pieces whole; beyond, they are rounded along the running total."""
ROUNDS = 6
"""Times the capacity is drawn tighter until the rounded plan fits."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Capacity:
    """Resources such as benches, machines or people.

    :param hours: of each resource in one piece of each part, shape (parts, resources).
    :param available: hours in each period, shape (resources, periods).
    :param overtime: hours beyond that at most, same shape; 0 by default. ``overtime_cost``: money per hour.
    :raises SettingsError: for negative or infinite numbers or unequal shapes.
    """

    hours: Array
    available: Array
    overtime: Array = field(default_factory=lambda: np.zeros((0, 0)))
    overtime_cost: float = 0.0

    def __post_init__(self) -> None:
        if not self.overtime.size:
            object.__setattr__(self, "overtime", np.zeros(self.available.shape))
        for name in ("hours", "available", "overtime"):
            check(name, getattr(self, name))
        check("overtime cost", np.array(self.overtime_cost))
        if self.available.shape != self.overtime.shape or self.hours.shape[1] != len(self.available):
            raise SettingsError("hours, available and overtime are not of the same resources and periods")

    def load(self, wanted: Array) -> Array:
        """Hours needed, shape (resources, periods), for pieces of shape (parts, periods)."""
        return np.asarray(self.hours.T @ wanted)


@dataclass(frozen=True, eq=False)
class Levelled:
    """A plan that fits.

    :param quantity: pieces to make, shape (parts, periods). ``moved``: parts of which anything changed, shape (parts,).
    :param early: pieces made before they are needed, at the end of each period; ``late``: pieces then still missing.
    :param load: hours, shape (resources, periods). ``over``: hours beyond what is available.
    :param cost: money for holding, overtime and lateness. ``least``: no plan, of broken pieces even, can cost less.
    """

    quantity: Array
    moved: Flags
    early: Array
    late: Array
    load: Array
    over: Array
    cost: float
    least: float


def level(
    wanted: Array, capacity: Capacity, *, holding_cost: Array, late_cost: Array, seconds: float = 20.0
) -> Levelled:
    """Shift what is made until it fits: earlier at the cost of holding, in overtime, or late where nothing else helps.

    Minimise Σ h·early + Σ c·overtime + Σ l·late subject to early − late = Σ made − Σ wanted per part and period, and
    hours ≤ available + overtime per resource and period; a mixed-integer or linear programme solved by HiGHS. Parts
    that use no overloaded resource stay as they are. Y. Pochet, L. A. Wolsey, Production Planning by Mixed Integer
    Programming (2006), chapter 4. Large plans are solved in broken pieces and rounded, with a little less capacity
    until the rounded plan fits; ``over`` tells where it still does not.

    :param wanted: pieces by the period in which they load the resources, shape (parts, periods).
    :param holding_cost: money per piece and period made early, shape (parts,). ``late_cost``: late, above it.
    :param seconds: time for the solver.
    :raises SettingsError: for numbers outside these bounds, or when the solver finds nothing in its time.
    """
    for name, values in (("wanted", wanted), ("holding cost", holding_cost), ("late cost", late_cost)):
        check(name, values)
    if wanted.shape != (len(capacity.hours), capacity.available.shape[1]) or len(holding_cost) != len(wanted):
        raise SettingsError("wanted pieces and capacity are not of the same parts and periods")
    crowded = capacity.load(wanted) > capacity.available + 1e-9
    touched = np.flatnonzero((capacity.hours[:, crowded.any(axis=1)] > 0).any(axis=1) & wanted.any(axis=1))
    made, least = np.asarray(wanted, dtype=np.float64).copy(), 0.0
    if len(touched):
        fixed = wanted.copy()
        fixed[touched] = 0.0
        room = np.maximum(capacity.available - capacity.load(fixed), 0.0)
        programme = _Programme(wanted[touched], capacity.hours[touched], room, capacity, seconds)
        made[touched], least = programme.solve(holding_cost[touched], late_cost[touched])
    ahead = np.cumsum(made - wanted, axis=1)
    early, late, load = np.maximum(ahead, 0.0), np.maximum(-ahead, 0.0), capacity.load(made)
    over = np.maximum(load - capacity.available, 0.0)
    extra = capacity.overtime_cost * float(np.minimum(over, capacity.overtime).sum()) if len(touched) else 0.0
    cost = float(holding_cost @ early.sum(axis=1) + late_cost @ late.sum(axis=1)) + extra
    moved: Flags = np.asarray((np.abs(ahead) > 1e-9).any(axis=1))
    return Levelled(made, moved, early, late, load, over, cost, least)


class _Programme:
    """Columns: made, early, late (parts x periods each), overtime (resources x periods)."""

    def __init__(self, wanted: Array, hours: Array, room: Array, capacity: Capacity, seconds: float) -> None:
        self._wanted, self._hours, self._room = wanted, hours, room
        self._capacity, self._seconds = capacity, seconds
        parts, periods = wanted.shape
        count, resources = wanted.size, len(room)
        same = sparse.identity(count, format="csr")
        step = sparse.kron(sparse.identity(parts), sparse.eye(periods) - sparse.eye(periods, k=-1), format="csr")
        balance = sparse.hstack([same, -step, step, sparse.csr_array((count, resources * periods))])
        used = sparse.kron(sparse.csr_array(hours.T), sparse.identity(periods), format="csr")
        rest = sparse.csr_array((resources * periods, 2 * count))
        load = sparse.hstack([used, rest, -sparse.identity(resources * periods)])
        self._matrix: Any = sparse.csc_array(sparse.vstack([balance, load]))

    def solve(self, holding: Array, late: Array) -> tuple[Array, float]:
        """Pieces to make, and the cost that no plan can undercut."""
        whole = bool((self._wanted == np.rint(self._wanted)).all())
        exact = whole and self._wanted.size <= WHOLE
        made, least = self._once(holding, late, self._room, exact)
        if not whole:
            return made, least
        limit, room = self._room + self._capacity.overtime, self._room
        best = _along_the_total(made)
        beyond = worst = np.maximum(self._hours.T @ best - limit, 0.0)
        for _ in range(0 if exact else ROUNDS):
            if not (worst > 1e-9).any():
                break
            room = np.maximum(room - 1.5 * beyond, -self._capacity.overtime)
            rounded = _along_the_total(self._once(holding, late, room, exact)[0])
            beyond = np.maximum(self._hours.T @ rounded - limit, 0.0)
            if beyond.sum() < worst.sum():
                best, worst = rounded, beyond
        return best, least

    def _once(self, holding: Array, late: Array, room: Array, whole: bool) -> tuple[Array, float]:
        """The cheapest plan within this capacity, and a cost that none can undercut."""
        parts, periods = self._wanted.shape
        count, overtime = self._wanted.size, self._capacity.overtime.ravel()
        extra = np.full(len(overtime), self._capacity.overtime_cost)
        money = np.concatenate([np.zeros(count), np.repeat(holding, periods), np.repeat(late, periods), extra])
        low = np.concatenate([self._wanted.ravel(), np.full(room.size, -np.inf)])
        integral = np.zeros(len(money), dtype=np.int64)
        integral[:count] = whole
        answer = optimize.milp(
            money,
            constraints=optimize.LinearConstraint(
                self._matrix, low, np.concatenate([self._wanted.ravel(), room.ravel()])
            ),
            bounds=optimize.Bounds(np.zeros(len(money)), np.concatenate([np.full(3 * count, np.inf), overtime])),
            integrality=integral,
            options={"time_limit": self._seconds, "mip_rel_gap": 1e-4},
        )
        if answer.x is None:
            raise SettingsError(f"the plan could not be levelled: {answer.message}")
        bound = answer.mip_dual_bound if whole else answer.fun
        made = np.maximum(np.asarray(answer.x[:count], dtype=np.float64), 0.0).reshape(parts, periods)
        return made, float(bound or 0.0)


def _along_the_total(made: Array) -> Array:
    """Whole pieces whose running total is never more than half a piece away."""
    return np.diff(np.rint(np.cumsum(made, axis=1)), axis=1, prepend=0.0)
