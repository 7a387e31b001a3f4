"""Does the plan fit the capacity, and if not, what is best made earlier, in overtime or late so that it does."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import optimize, sparse

from forecasting.arrays import Array, Flags
from forecasting.errors import SettingsError
from forecasting.stock.demands import check

WHOLE = 4_000
"""Numbers up to which the solver keeps pieces whole; beyond, they are rounded along the running total."""


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
    :param cost: money for holding, overtime and lateness. ``proven``: no cheaper plan exists (else time ran out).
    """

    quantity: Array
    moved: Flags
    early: Array
    late: Array
    load: Array
    over: Array
    cost: float
    proven: bool


def level(
    wanted: Array, capacity: Capacity, *, holding_cost: Array, late_cost: Array, seconds: float = 20.0
) -> Levelled:
    """Shift what is made until it fits: earlier at the cost of holding, in overtime, or late where nothing else helps.

    Minimise Σ h·early + Σ c·overtime + Σ l·late subject to early − late = Σ made − Σ wanted per part and period, and
    hours ≤ available + overtime per resource and period; a mixed-integer or linear programme solved by HiGHS. Parts
    that use no overloaded resource stay as they are. Y. Pochet, L. A. Wolsey, Production Planning by Mixed Integer
    Programming (2006), chapter 4.

    :param wanted: pieces by the period in which they load the resources, shape (parts, periods).
    :param holding_cost: money per piece and period made early, shape (parts,). ``late_cost``: late, above it.
    :param seconds: time for the solver.
    :raises SettingsError: for numbers outside these bounds, or when the solver finds nothing in its time.
    """
    for name, values in (("wanted", wanted), ("holding cost", holding_cost), ("late cost", late_cost)):
        check(name, values)
    if wanted.shape != (len(capacity.hours), capacity.available.shape[1]) or len(holding_cost) != len(wanted):
        raise SettingsError("wanted pieces and capacity are not of the same parts and periods")
    over = capacity.load(wanted) > capacity.available + 1e-9
    touched = np.flatnonzero((capacity.hours[:, over.any(axis=1)] > 0).any(axis=1) & wanted.any(axis=1))
    made, cost, proven = wanted.copy(), 0.0, True
    if len(touched):
        fixed = wanted.copy()
        fixed[touched] = 0.0
        room = capacity.available - capacity.load(fixed)
        programme = _Programme(wanted[touched], capacity.hours[touched], np.maximum(room, 0.0), capacity)
        made[touched], cost, proven = programme.solve(holding_cost[touched], late_cost[touched], seconds)
    ahead = np.cumsum(made - wanted, axis=1)
    load = capacity.load(made)
    return Levelled(
        made,
        np.asarray((np.abs(made - wanted) > 1e-9).any(axis=1)),
        np.maximum(ahead, 0.0),
        np.maximum(-ahead, 0.0),
        load,
        np.maximum(load - capacity.available, 0.0),
        cost,
        proven,
    )


class _Programme:
    """Columns: made, early, late (parts x periods each), overtime (resources x periods)."""

    def __init__(self, wanted: Array, hours: Array, room: Array, capacity: Capacity) -> None:
        self._wanted, self._capacity = wanted, capacity
        parts, periods = wanted.shape
        count, resources = wanted.size, len(room)
        same = sparse.identity(count, format="csr")
        step = sparse.kron(sparse.identity(parts), sparse.eye(periods) - sparse.eye(periods, k=-1), format="csr")
        balance = sparse.hstack([same, -step, step, sparse.csr_array((count, resources * periods))])
        used = sparse.kron(sparse.csr_array(hours.T), sparse.identity(periods), format="csr")
        rest = sparse.csr_array((resources * periods, 2 * count))
        load = sparse.hstack([used, rest, -sparse.identity(resources * periods)])
        self._matrix: Any = sparse.csc_array(sparse.vstack([balance, load]))
        self._low = np.concatenate([wanted.ravel(), np.full(resources * periods, -np.inf)])
        self._high = np.concatenate([wanted.ravel(), room.ravel()])

    def solve(self, holding: Array, late: Array, seconds: float) -> tuple[Array, float, bool]:
        """Pieces to make, what it costs, and whether that is proven to be least."""
        parts, periods = self._wanted.shape
        overtime = self._capacity.overtime.ravel()
        count = self._wanted.size
        whole = bool((self._wanted == np.rint(self._wanted)).all())
        money = np.concatenate(
            [
                np.zeros(count),
                np.repeat(holding, periods),
                np.repeat(late, periods),
                np.full(len(overtime), self._capacity.overtime_cost),
            ]
        )
        most = np.concatenate([np.full(3 * count, np.inf), overtime])
        integral = np.zeros(len(money), dtype=np.int64)
        integral[:count] = whole and count <= WHOLE
        answer = optimize.milp(
            money,
            constraints=optimize.LinearConstraint(self._matrix, self._low, self._high),
            bounds=optimize.Bounds(np.zeros(len(money)), most),
            integrality=integral,
            options={"time_limit": seconds, "mip_rel_gap": 1e-4},
        )
        if answer.x is None:
            raise SettingsError(f"the plan could not be levelled: {answer.message}")
        made = np.asarray(answer.x[:count], dtype=np.float64).reshape(parts, periods)
        if whole:
            made = np.diff(np.rint(np.cumsum(made, axis=1)), axis=1, prepend=0.0)
        return made, float(answer.fun or 0.0), answer.status == 0
