"""The installed base as arrays: machines, the components in them, their use, and what is planned.

Days are proleptic ordinals (``date.toordinal()``, a broken number is a time of day); periods are the running numbers of
``forecasting.periods``; ages and use are operating hours. Rows of one table point at rows of another by number.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from forecasting.arrays import Array, Flags, Integers, Words
from forecasting.errors import ForecastError
from forecasting.periods import Frequency

MOST_HOURS = 1e7
"""More operating hours than this in one component are a typing mistake."""


class Reason(IntEnum):
    """Why a component left its position."""

    RUNNING = 0
    FAILURE = 1
    PLANNED = 2
    OTHER = 3


@dataclass(frozen=True, eq=False)
class Machines:
    """One row per machine.

    :param id: shape (machines,), each once.
    :param model: the model, which a sales plan speaks of.
    :param group: machines whose components live alike: duty, application, climate; often the model again.
    :param commissioned: day; NaN = never put to work, such a machine expects nothing.
    :param retired: day; NaN = active. A day after the origin is a known retirement.
    """

    id: Words
    model: Words
    group: Words
    commissioned: Array
    retired: Array

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, eq=False)
class Installations:
    """One row per component and stay in a position.

    :param machine: row of the machine.
    :param part: row of the part in ``Fleet.parts``.
    :param position: number of the position within its machine; any numbers that tell positions apart.
    :param installed: day; the first fit on the line counts as installed when the machine was commissioned.
    :param removed: day; NaN = still there.
    :param reason: values of ``Reason``.
    :param initial_hours: hours the component had when it came in (refurbished, exchanged, moved); 0 = new.
    """

    machine: Integers
    part: Integers
    position: Integers
    installed: Array
    removed: Array
    reason: Integers
    initial_hours: Array

    def __len__(self) -> int:
        return len(self.machine)


@dataclass(frozen=True, eq=False)
class Usage:
    """Hours of a machine in a period; a period without a row is not known, a row of 0 stood still."""

    machine: Integers
    period: Integers
    hours: Array

    def __len__(self) -> int:
        return len(self.machine)


@dataclass(frozen=True, eq=False)
class PlannedReplacements:
    """Preventive replacements by plan; those due before the origin only tell how faithfully plans are kept."""

    machine: Integers
    part: Integers
    due: Array

    def __len__(self) -> int:
        return len(self.machine)


@dataclass(frozen=True, eq=False)
class SalesPlan:
    """Machines of a model to be commissioned in a period; several rows of one model and period add up."""

    model: Words
    period: Integers
    machines: Array

    def __len__(self) -> int:
        return len(self.model)


def _no_numbers() -> Integers:
    return np.zeros(0, dtype=np.int64)


def no_usage() -> Usage:
    """No hours known at all: every machine is taken to run around the clock, hours being calendar hours."""
    return Usage(_no_numbers(), _no_numbers(), np.zeros(0))


def no_plan() -> PlannedReplacements:
    """No planned replacements."""
    return PlannedReplacements(_no_numbers(), _no_numbers(), np.zeros(0))


def no_sales() -> SalesPlan:
    """No machines to be sold."""
    return SalesPlan(np.zeros(0, dtype=np.str_), _no_numbers(), np.zeros(0))


@dataclass(frozen=True, eq=False)
class Fleet:
    """An installed base, checked.

    :param parts: part numbers, shape (parts,), each once.
    :param frequency: months or ISO weeks, for usage, sales plan and forecast.
    :param demand: pieces really drawn, if known beside the installations (from stock or consumption), shape
        (parts, periods), NaN = not known; the forecast is calibrated against it. Default: the replacements recorded.
    :param demand_from: running number of the first column of ``demand``.
    :raises ForecastError: naming table and row of the first fault.
    """

    parts: Words
    machines: Machines
    installations: Installations
    usage: Usage = field(default_factory=no_usage)
    planned: PlannedReplacements = field(default_factory=no_plan)
    sales: SalesPlan = field(default_factory=no_sales)
    frequency: Frequency = Frequency.MONTH
    demand: Array | None = None
    demand_from: int = 0

    def __post_init__(self) -> None:
        if self.frequency not in (Frequency.MONTH, Frequency.WEEK):
            raise ForecastError("the installed base is forecast by months or ISO weeks")
        _check_machines(self.machines)
        _check_installations(self.installations, len(self.machines), len(self.parts))
        use, plan, sales = self.usage, self.planned, self.sales
        _lengths("usage", use.machine, use.period, use.hours)
        _refuse("usage", _outside(use.machine, len(self.machines)), "there is no such machine")
        _refuse("usage", ~(use.hours >= 0) | ~np.isfinite(use.hours), "hours must be a number of at least 0")
        _lengths("planned replacements", plan.machine, plan.part, plan.due)
        _refuse("planned replacements", _outside(plan.machine, len(self.machines)), "there is no such machine")
        _refuse("planned replacements", _outside(plan.part, len(self.parts)), "there is no such part")
        _refuse("planned replacements", ~np.isfinite(plan.due), "the day is missing")
        _lengths("sales plan", sales.model, sales.period, sales.machines)
        _refuse("sales plan", ~(sales.machines >= 0) | ~np.isfinite(sales.machines), "machines must be at least 0")
        if self.demand is not None and (self.demand.ndim != 2 or len(self.demand) != len(self.parts)):
            raise ForecastError("the demand must have one row per part")


def _check_machines(machines: Machines) -> None:
    _lengths("machines", machines.id, machines.model, machines.group, machines.commissioned, machines.retired)
    _refuse("machines", np.isinf(machines.commissioned) | np.isinf(machines.retired), "a day is infinite")
    _refuse("machines", machines.retired < machines.commissioned, "retired before it was commissioned")


def _check_installations(rows: Installations, machines: int, parts: int) -> None:
    name = "installations"
    columns = (rows.part, rows.position, rows.installed, rows.removed, rows.reason, rows.initial_hours)
    _lengths(name, rows.machine, *columns)
    _refuse(name, _outside(rows.machine, machines), "there is no such machine")
    _refuse(name, _outside(rows.part, parts), "there is no such part")
    _refuse(name, ~np.isfinite(rows.installed) | np.isinf(rows.removed), "the day of installation is missing")
    _refuse(name, rows.removed < rows.installed, "removed before it was installed")
    _refuse(name, _outside(rows.reason, len(Reason)), "there is no such reason")
    running = rows.reason == Reason.RUNNING
    _refuse(name, running != np.isnan(rows.removed), "a reason goes with a day of removal, and only with one")
    wrong = ~((rows.initial_hours >= 0) & (rows.initial_hours <= MOST_HOURS))
    _refuse(name, wrong, f"initial hours must be 0 to {MOST_HOURS:.0e}")


def _outside(rows: Integers, count: int) -> Flags:
    return np.asarray((rows < 0) | (rows >= count))


def _lengths(table: str, *columns: "Array | Integers | Words") -> None:
    if len({len(column) for column in columns}) > 1:
        raise ForecastError(f"{table}: the columns are of different length")


def _refuse(table: str, wrong: Flags, what: str) -> None:
    if wrong.any():
        raise ForecastError(f"{table}, row {int(np.flatnonzero(wrong)[0])}: {what}")


Progress = Callable[[int, int, str], None]
"""Told after each step: steps done, steps in all, what is being done."""
