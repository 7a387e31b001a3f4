"""Simulated fleets over a life cycle, whose truth is known."""

from dataclasses import dataclass, replace

import numpy as np

from forecasting.arrays import Array, Integers
from forecasting.installed_base.calendar import boundaries
from forecasting.installed_base.fleet import Fleet, Installations, Machines, Reason, SalesPlan, Usage
from forecasting.periods import Frequency

START = 2000 * 12
"""The first machines are sold in January 2000."""
STAGES = {"launch": 30, "growth": 60, "end of sale": 108, "ageing": 150, "run-down": 216}
"""Months from the start to the origin."""


@dataclass(frozen=True)
class World:
    """How a fleet is made.

    :param sold: months over which machines are sold.
    :param age: mean years until a machine is retired.
    :param early: share of lives that end early; :param meter: deviation of the factor by which a meter is wrong.
    :param unbooked: share of replacements nobody booked; ``merged`` = neither removal nor installation, so that one
        component seems to have lived on, otherwise the component put in is missing.
    :param preventive: share of parts replaced at an age, whether they have failed or not.
    """

    machines: int = 600
    parts: int = 12
    sold: int = 96
    age: float = 14.0
    models: int = 2
    early: float = 0.0
    meter: float = 0.0
    unbooked: float = 0.0
    merged: bool = False
    seasonal: float = 0.15
    preventive: float = 0.0


DIRTY = World(early=0.08, meter=0.2, unbooked=0.15)


@dataclass(frozen=True, eq=False)
class Simulated:
    """A fleet with all its future, what a planner has at the origin, and the truth."""

    fleet: Fleet
    origin: int
    truth: Array
    shape: Array
    scale: Array
    group_factor: Array

    def actual(self, horizon: int = 12) -> Array:
        """True demand from the origin on, shape (parts, horizon)."""
        return self.truth[:, self.origin - START : self.origin - START + horizon]


def label(period: int) -> str:
    return f"{period // 12:04d}-{period % 12 + 1:02d}"


def simulate(world: World, months: int, seed: int, horizon: int = 12) -> Simulated:
    """A fleet as seen ``months`` after the first sale, its future simulated for ``horizon`` more."""
    rng = np.random.default_rng(seed)
    edges = boundaries(Frequency.MONTH, START, months + horizon)
    machines = _machines(world, rng, edges)
    cumulative, usage = _usage(world, rng, machines, edges)
    shape = rng.uniform(1.0, 4.0, world.parts)
    scale = np.exp(rng.normal(np.log(9000), 0.7, world.parts))
    factor = np.exp(rng.normal(0, 0.25, (world.parts, 2)))
    group = (machines.group == "heavy").astype(np.int64)
    rows, truth = _chains(world, rng, machines, group, cumulative, edges, shape, scale[:, None] * factor)
    parts = np.array([f"P{part:03d}" for part in range(world.parts)])
    known = machines.commissioned < edges[months]
    ids = np.where(known, np.cumsum(known) - 1, -1)
    keep_rows, keep_use = known[rows.machine], known[usage.machine]
    fleet = Fleet(
        parts,
        _take(machines, known),
        _pick(rows, np.flatnonzero(keep_rows), ids),
        Usage(ids[usage.machine[keep_use]], usage.period[keep_use], usage.hours[keep_use]),
        sales=_sales(machines, edges, months),
    )
    return Simulated(fleet, START + months, truth, shape, scale, factor)


def _machines(world: World, rng: np.random.Generator, edges: Array) -> Machines:
    count = world.machines
    end = edges[0] + world.sold * 30.44
    commissioned = np.floor(edges[0] + (end - edges[0]) * rng.beta(1.6, 1.3, count))
    life = world.age * 365.25 / 0.89 * rng.weibull(3.0, count)
    retired = np.floor(commissioned + np.maximum(life, 200.0))
    retired[retired > edges[-1]] = np.nan
    model = np.array([f"M{number}" for number in rng.integers(0, world.models, count)])
    group = np.where(rng.uniform(size=count) < 0.4, "heavy", "light")
    ids = np.array([f"S{number:05d}" for number in range(count)])
    return Machines(ids, model, group, commissioned, retired)


def _usage(world: World, rng: np.random.Generator, machines: Machines, edges: Array) -> tuple[Array, Usage]:
    """True cumulative hours at every edge, and the records of a meter that may be wrong."""
    count, months = len(machines), len(edges) - 1
    pace = np.exp(rng.normal(np.log(5.5), 0.35, count)) * np.where(machines.group == "heavy", 1.25, 0.9)
    begun = np.maximum(edges[None, :-1], machines.commissioned[:, None])
    stop = np.nan_to_num(machines.retired, nan=np.inf)[:, None]
    days = np.maximum(np.minimum(edges[None, 1:], stop) - begun, 0.0)
    season = 1 + world.seasonal * np.sin(2 * np.pi * (np.arange(months) % 12) / 12)
    hours = pace[:, None] * days * season * rng.gamma(20, 1 / 20, (count, months))
    cumulative = np.hstack([np.zeros((count, 1)), np.cumsum(hours, axis=1)])
    wrong = np.exp(rng.normal(0, world.meter, count)) if world.meter else np.ones(count)
    machine, month = np.nonzero(days > 0)
    return cumulative, Usage(machine, START + month, np.round((hours * wrong[:, None])[machine, month], 1))


def _day(cumulative: Array, edges: Array, machines: Machines, machine: Integers, hours: Array) -> Array:
    """Day on which each machine reaches so many hours; infinite where it never does."""
    result = np.full(len(machine), np.inf)
    for row in np.unique(machine):
        mine = machine == row
        run = cumulative[row]
        column = np.searchsorted(run, hours[mine], side="left") - 1
        inside = (column >= 0) & (column < len(edges) - 1)
        begun = np.maximum(edges[:-1], machines.commissioned[row])
        stop = np.fmin(edges[1:], machines.retired[row])
        at = np.clip(column, 0, len(edges) - 2)
        share = (hours[mine] - run[at]) / np.maximum(run[at + 1] - run[at], 1e-9)
        result[mine] = np.where(inside, begun[at] + share * (stop[at] - begun[at]), np.inf)
    return result


def _chains(
    world: World,
    rng: np.random.Generator,
    machines: Machines,
    group: Integers,
    cumulative: Array,
    edges: Array,
    shape: Array,
    scale: Array,
) -> tuple[Installations, Array]:
    count = len(machines)
    truth = np.zeros((world.parts, len(edges) - 1))
    columns: list[list[Array]] = []
    preventive = rng.uniform(size=world.parts) < world.preventive
    for part in range(world.parts):
        carried = np.flatnonzero(rng.uniform(size=count) < rng.choice([0.5, 0.9, 1.0]))
        carried = np.repeat(carried, 2) if part % 4 == 3 else carried
        position = np.r_[0, (carried[1:] == carried[:-1]).astype(np.int64)] if len(carried) else carried
        age, start = np.zeros(len(carried)), machines.commissioned[carried]
        while len(carried):
            life = scale[part, group[carried]] * rng.weibull(shape[part], len(carried))
            early = rng.uniform(size=len(carried)) < world.early
            life = np.where(early, life * rng.uniform(0, 0.12, len(carried)), life)
            limit = 0.55 * scale[part].mean() if preventive[part] else np.inf
            due = life > limit
            age = age + np.minimum(life, limit)
            end = np.floor(_day(cumulative, edges, machines, carried, age))
            gone = np.isfinite(end)
            reason = np.where(gone, np.where(due, Reason.PLANNED, Reason.FAILURE), Reason.RUNNING)
            month = np.searchsorted(edges, end[gone], side="right") - 1
            np.add.at(truth[part], month, 1)
            removed = np.where(gone, end, np.nan)
            booked = rng.uniform(size=len(carried)) >= world.unbooked
            booked |= start == machines.commissioned[carried]
            block = (np.full(len(carried), part), carried, position, start, removed, reason, booked)
            columns.append([column.astype(np.float64) for column in block])
            carried, position, age, start = carried[gone], position[gone], age[gone], end[gone]
    parts, machine, places, installed, removed, reason, known = (
        np.concatenate([block[index] for block in columns]) for index in range(7)
    )
    order = np.lexsort((installed, places, parts, machine))
    booked = known.astype(np.bool_)[order]
    head = np.flatnonzero(booked)
    last = np.r_[head[1:], len(booked)] - 1 if world.merged else head
    keep, end = order[head], order[last]
    rows = Installations(
        machine.astype(np.int64)[keep],
        parts.astype(np.int64)[keep],
        places.astype(np.int64)[keep],
        installed.astype(np.float64)[keep],
        removed.astype(np.float64)[end],
        reason.astype(np.int64)[end],
        np.zeros(len(keep)),
    )
    return rows, truth


def _sales(machines: Machines, edges: Array, months: int) -> SalesPlan:
    """What will be sold, as a plan that comes true."""
    month = np.searchsorted(edges, machines.commissioned, side="right") - 1
    names = np.unique(machines.model)
    ahead = range(months, len(edges) - 1)
    sold = [float(((machines.model == name) & (month == at)).sum()) for name in names for at in ahead]
    periods = np.tile(START + np.array(ahead, dtype=np.int64), len(names))
    return SalesPlan(np.repeat(names, len(ahead)), periods, np.array(sold))


def _take(machines: Machines, known: Array) -> Machines:
    return Machines(*(column[known] for column in vars(machines).values()))


def _pick(rows: Installations, chosen: Integers, ids: Integers) -> Installations:
    picked = Installations(*(column[chosen] for column in vars(rows).values()))
    return replace(picked, machine=ids[picked.machine])
