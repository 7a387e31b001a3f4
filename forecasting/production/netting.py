"""Time-phased netting: what to order in each period so that demand is met from stock, open and new orders.

Level by level of the bill of materials, all parts of a level at once, period by period: what stock and receipts lack
to demand and safety stock is first refurbished from worn units at hand, then ordered in the supplier's lots, a lead
time ahead. What is ordered of a part asks for its components when the order begins. A superseded part is not ordered
any more: when its stock is used up, its successor serves.
J. Orlicky, Material Requirements Planning (1975); S. Nahmias, T. L. Olsen, Production and Operations Analysis.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse, special

from forecasting.arrays import Array, Flags, Integers
from forecasting.errors import SettingsError
from forecasting.production.structure import Structure
from forecasting.stock.demands import check

LONGEST = 240
"""Periods of a lead time, at most."""


def planning_lead_time(mean: Array, deviation: Array, service: float) -> Integers:
    """Whole periods to plan with so that an order is there in time in so many of 100 cases; the rest is safety time.

    The lead time is taken as gamma. D. C. Whybark, J. G. Williams, Decision Sciences 7 (1976), on safety time.

    :param mean: periods, shape (parts,). ``deviation``: standard deviation, 0 = always the mean.
    :raises SettingsError: for negative numbers, a service outside 0 … 1, or more than 240 periods.
    """
    check("lead time", mean)
    check("the deviation of the lead time", deviation)
    if not 0 < service < 1:
        raise SettingsError(f"a service of {service:g} does not lie between 0 and 1")
    varies = (deviation > 0) & (mean > 0)
    shape = np.where(varies, np.square(mean / np.where(varies, deviation, 1.0)), 1.0)
    late = special.gammaincinv(shape, service) * mean / shape
    result = np.ceil(np.where(varies, np.maximum(late, 0.0), mean) - 1e-9)
    if len(result) and result.max() > LONGEST:
        raise SettingsError(f"a lead time of {result.max():.0f} periods is above {LONGEST}")
    return np.asarray(result.astype(np.int64))


def _nothing() -> Array:
    return np.zeros(0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Position:
    """What is there and what is to come; arrays (parts,) or (parts, periods), quantities in pieces, ≥ 0.

    :param demand: asked for by customers, work orders and forecast, (parts, periods). A reservation belongs into the
        period it is for.
    :param on_hand: (parts,).
    :param receipts: of open orders, (parts, periods).
    :param lead_time: whole periods from order to receipt (``planning_lead_time``), (parts,).
    :param safety: stock that should be left at the end of every period, (parts,).
    :param minimum: least order; ``multiple``: pack size, > 0; (parts,).
    :param cores: worn units that can be refurbished, (parts, periods) in which they come in.
    :param refurbishing_time: whole periods from worn to refurbished, (parts,).
    :param yields: share of worn units that become good ones, 0 … 1, (parts,).
    :raises SettingsError: for negative or infinite numbers, unequal shapes, or lead times that are not whole.
    """

    demand: Array
    on_hand: Array
    receipts: Array
    lead_time: Integers
    safety: Array = field(default_factory=_nothing)
    minimum: Array = field(default_factory=_nothing)
    multiple: Array = field(default_factory=_nothing)
    cores: Array = field(default_factory=_nothing)
    refurbishing_time: Integers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    yields: Array = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        parts, periods = self.demand.shape
        defaults = (("safety", 0.0), ("minimum", 0.0), ("multiple", 1.0), ("refurbishing_time", 0), ("yields", 1.0))
        for name, value in defaults:
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.full(parts, value))
        if not self.cores.size:
            object.__setattr__(self, "cores", np.zeros((parts, periods)))
        for name in ("demand", "receipts", "cores"):
            self._check(name, (parts, periods))
        for name in ("on_hand", "lead_time", "safety", "minimum", "multiple", "refurbishing_time", "yields"):
            self._check(name, (parts,))
        if not (self.multiple > 0).all():
            raise SettingsError("the multiple must be above zero")
        if (self.yields > 1).any():
            raise SettingsError("the yield of refurbishing is at most 1")

    def _check(self, name: str, shape: tuple[int, ...]) -> None:
        values = getattr(self, name)
        check(name.replace("_", " "), values)
        if values.shape != shape:
            raise SettingsError(f"{name} is of shape {values.shape}, not {shape}")


@dataclass(frozen=True, eq=False)
class Plan:
    """What to do in each period; all arrays have shape (parts, periods), quantities in pieces.

    :param gross: demand of all kinds: customers', of components, and taken over from superseded parts.
    :param ordered: planned orders by the period in which they come; ``begun``: the same by the period they begin.
    :param refurbished: worn units that come back good.
    :param passed: demand handed to the successor.
    :param stock: at the end of the period; below zero = owed because nothing ordered now comes earlier.
    """

    position: Position
    structure: Structure
    gross: Array
    ordered: Array
    begun: Array
    refurbished: Array
    passed: Array
    stock: Array

    @property
    def owed(self) -> Array:
        """Pieces that cannot be delivered at the end of each period."""
        return np.maximum(-self.stock, 0.0)


def net(position: Position, structure: Structure) -> Plan:
    """Plan all parts.

    Stock ends a period below the safety stock only where a new order would come too late, and below zero only then.

    :raises SettingsError: when parts of the structure are not those of the position.
    """
    parts, periods = position.demand.shape
    if len(structure.names) != parts:
        raise SettingsError(f"the structure has {len(structure.names)} parts, the position {parts}")
    usage = structure.usage()
    successor = np.full(parts, -1)
    successor[structure.old] = structure.new
    gross = position.demand.copy()
    found = {name: np.zeros((parts, periods)) for name in ("ordered", "begun", "refurbished", "passed", "stock")}
    for level in range(int(structure.level.max(initial=-1)) + 1):
        rows = np.flatnonzero(structure.level == level)
        answer = _level(position, rows, gross[rows], successor[rows] >= 0)
        for name, values in zip(found, answer, strict=True):
            found[name][rows] = values
        _hand_down(gross, usage, rows, found["begun"][rows])
        ended = rows[successor[rows] >= 0]
        np.add.at(gross, successor[ended], found["passed"][ended])
    return Plan(position, structure, gross, **found)


def _hand_down(gross: Array, usage: "sparse.csr_array", rows: Integers, begun: Array) -> None:
    """Ask for the components of what is begun."""
    columns = usage[:, rows]
    if columns.nnz:
        gross += columns @ begun


def _level(position: Position, rows: Integers, gross: Array, ended: Flags) -> tuple[Array, Array, Array, Array, Array]:
    """Orders by receipt and by begin, refurbished units, demand passed on and stock of the parts of one level."""
    periods = gross.shape[1]
    lead, back = position.lead_time[rows], position.refurbishing_time[rows]
    safety = np.where(ended, 0.0, position.safety[rows])
    least, pack = position.minimum[rows], position.multiple[rows]
    good = np.cumsum(position.cores[rows] * position.yields[rows, None], axis=1)
    used = np.zeros(len(rows))
    stock = position.on_hand[rows].astype(np.float64)
    result = np.zeros((5, periods, len(rows)))
    every = np.arange(len(rows))
    for period in range(periods):
        stock = stock + position.receipts[rows, period] - gross[:, period]
        lacking = np.maximum(safety - stock, 0.0)
        ready = np.where(period >= back, good[every, np.maximum(period - back, 0)], 0.0)
        refurbished = np.minimum(np.floor(ready - used + 1e-9), np.ceil(lacking - 1e-9))
        refurbished = np.maximum(refurbished, 0.0)
        used += refurbished
        lacking = np.maximum(lacking - refurbished, 0.0)
        may = (period >= lead) & ~ended & (lacking > 1e-9)
        ordered = np.where(may, np.ceil(np.maximum(lacking, least) / pack - 1e-9) * pack, 0.0)
        stock = stock + refurbished + ordered
        passed = np.where(ended, np.maximum(-stock, 0.0), 0.0)
        stock = stock + passed
        result[[0, 2, 3, 4], period] = ordered, refurbished, passed, stock
        begins = np.flatnonzero(may)
        result[1, period - lead[begins], begins] += ordered[begins]
    return tuple(np.ascontiguousarray(values.T) for values in result)  # type: ignore[return-value]  # five of them
