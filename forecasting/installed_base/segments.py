"""The components whose renewals are expected: in the field, put in by plan, and in machines still to be sold."""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.installed_base.calendar import period_of
from forecasting.installed_base.lives import LifeModel
from forecasting.installed_base.state import State

TEMPLATE = 200
"""Newest machines of a model that tell what the next ones carry."""
KEPT = (19.0, 20.0)
"""Plans kept, of plans made, believed before any is seen."""
ON_TIME = 45.0
"""Days a replacement may lie from its plan and count as kept."""
NEVER = np.inf


@dataclass(frozen=True, eq=False)
class Segments:
    """Components over a stretch of the horizon, one row each; days are days of usual use from the origin.

    :param part, cell: what it is. :param machine: row of the machine; −1 − model for machines still to be sold.
    :param age: hours of life used up at ``begin``; :param pace: hours of life used up per day.
    :param raw: operating hours per day.
    :param begin, end: from when, and until when a planned replacement ends it.
    :param retire: when its machine is known to retire; inf = not known.
    :param weight: how many such components.
    """

    part: Integers
    cell: Integers
    machine: Integers
    age: Array
    pace: Array
    raw: Array
    begin: Array
    end: Array
    retire: Array
    weight: Array

    def __len__(self) -> int:
        return len(self.part)


@dataclass(frozen=True, eq=False)
class Plan:
    """Planned replacements within the horizon, one row each.

    :param period: position in the horizon. :param chance: that it is carried out, retirement aside.
    :param late: True where its machine is known to retire before.
    """

    machine: Integers
    part: Integers
    due: Array
    period: Integers
    chance: Array
    late: Flags


def plan_ahead(state: State, edges: Array) -> Plan:
    """Planned replacements of machines in the field due from the origin on."""
    plan, machines = state.fleet.planned, state.fleet.machines
    begun = machines.commissioned[plan.machine] < edges[-1]
    gone = machines.retired[plan.machine] < edges[0]
    chosen = np.flatnonzero((plan.due >= edges[0]) & (plan.due < edges[-1]) & begun & ~gone)
    due, machine = plan.due[chosen], plan.machine[chosen]
    period = period_of(state.fleet.frequency, due) - state.origin
    chance = np.full(len(chosen), plans_kept(state))
    late = due >= np.nan_to_num(machines.retired[machine], nan=np.inf)
    return Plan(machine, plan.part[chosen], due, period, chance, late)


def plans_kept(state: State) -> float:
    """Share of past plans that a planned replacement followed, near their day."""
    plan, found = state.fleet.planned, state.seen.stays
    past = np.flatnonzero(plan.due < state.today - ON_TIME)
    if not len(past):
        return 1.0
    parts, span = len(state.fleet.parts), 1e7
    done = np.flatnonzero(state.seen.planned | state.seen.failed)
    key = np.sort((found.machine[done] * parts + found.part[done]) * span + found.end[done])
    wanted = (plan.machine[past] * parts + plan.part[past]) * span + plan.due[past]
    place = np.searchsorted(key, wanted - ON_TIME)
    near = np.append(key, np.inf)[place]
    kept = float((near <= wanted + ON_TIME).sum())
    return (kept + KEPT[0]) / (len(past) + KEPT[1])


def in_the_field(state: State, life: LifeModel, edges: Array, days: Array, plan: Plan) -> Segments:
    """Components at work at the origin, cut where they are replaced by plan."""
    seen, machines = state.seen, state.fleet.machines
    rows = np.flatnonzero(seen.stays.running)
    part, machine, cell = seen.stays.part[rows], seen.stays.machine[rows], seen.cell[rows]
    speed = life.speed(part, cell, state.model[machine], state.hours.whole_pace[machine])
    raw = state.hours.expected[machine]
    retire = np.interp(machines.retired, edges, days, right=NEVER)
    retire = np.where(np.isnan(machines.retired), NEVER, retire)[machine]
    owner, due = _cuts(rows, part, machine, seen.stays.start[rows], plan, len(state.fleet.parts))
    at = np.interp(due, edges, days)
    end = np.full(len(rows), NEVER)
    order = np.lexsort((at, owner))
    owner, at = owner[order], at[order]
    first = np.r_[True, owner[1:] != owner[:-1]] if len(owner) else np.zeros(0, dtype=np.bool_)
    end[owner[first]] = at[first]
    following = np.append(np.where(first[1:], NEVER, at[1:]), NEVER)[: len(at)]
    return Segments(
        np.r_[part, part[owner]],
        np.r_[cell, cell[owner]],
        np.r_[machine, machine[owner]],
        np.r_[seen.age[rows] * speed, np.zeros(len(owner))],
        np.r_[raw * speed, (raw * speed)[owner]],
        np.r_[raw, raw[owner]],
        np.r_[np.zeros(len(rows)), at],
        np.r_[end, following],
        np.r_[retire, retire[owner]],
        np.ones(len(rows) + len(owner)),
    )


def _cuts(
    rows: Integers, part: Integers, machine: Integers, start: Array, plan: Plan, parts: int
) -> tuple[Integers, Array]:
    """Which component each planned replacement replaces: the oldest of its part in the machine first, then in turn."""
    key = machine * parts + part
    order = np.lexsort((start, key))
    ordered = key[order]
    wanted = plan.machine * parts + plan.part
    by_due = np.lexsort((plan.due, wanted))
    wanted = wanted[by_due]
    first = np.searchsorted(ordered, wanted)
    number = np.searchsorted(ordered, wanted, side="right") - first
    rank = np.arange(len(wanted)) - np.searchsorted(wanted, wanted)
    there = number > 0
    place = first[there] + rank[there] % number[there]
    return order[place], plan.due[by_due][there]


def to_be_sold(state: State, life: LifeModel, edges: Array, days: Array) -> tuple[Segments, tuple[str, ...]]:
    """Components of machines of the sales plan, at the middle of their period, and models nothing is known of."""
    sales = state.fleet.sales
    place = sales.period - state.origin
    chosen = np.flatnonzero((place >= 0) & (place < len(edges) - 1) & (sales.machines > 0))
    blocks = [_none()]
    unknown: list[str] = []
    for name in np.unique(sales.model[chosen]).tolist():
        number = int(np.searchsorted(state.models, name))
        known = number < len(state.models) and state.models[number] == name
        carried = _template(state, number) if known else np.zeros(0, dtype=np.int64)
        if not len(carried):
            unknown.append(name)
            continue
        rows = chosen[sales.model[chosen] == name]
        begin = (days[place[rows]] + days[place[rows] + 1]) / 2
        blocks.append(_sold(state, life, number, carried, begin, sales.machines[rows]))
    return joined(*blocks), tuple(unknown)


def _sold(state: State, life: LifeModel, model: int, carried: Integers, begin: Array, machines: Array) -> Segments:
    """What so many new machines of a model will carry, if they are like the newest ones."""
    stays, duty = state.seen.stays, state.hours.whole_pace
    owner = stays.machine[carried]
    cell, back = np.unique(state.seen.cell[carried], return_inverse=True)
    each = np.bincount(back)
    raw = np.bincount(back, state.hours.expected[owner]) / each
    part = life.cells.part[cell]
    usual = np.exp(np.bincount(back, np.log(np.maximum(duty[owner], 1e-3))) / each)
    pace = raw * life.speed(part, cell, np.full(len(cell), model), usual)
    times, kinds = len(begin), len(cell)
    ever = np.full(times * kinds, NEVER)
    return Segments(
        part=np.tile(part, times),
        cell=np.tile(cell, times),
        machine=np.full(times * kinds, -1 - model),
        age=np.zeros(times * kinds),
        pace=np.tile(pace, times),
        raw=np.tile(raw, times),
        begin=np.repeat(begin, kinds),
        end=ever,
        retire=ever,
        weight=np.outer(machines, each / len(np.unique(owner))).ravel(),
    )


def _template(state: State, model: int) -> Integers:
    """Components at work in the newest machines of a model."""
    machines, stays = state.fleet.machines, state.seen.stays
    mine = np.flatnonzero((state.model == model) & (machines.commissioned < state.today))
    newest = mine[np.argsort(-machines.commissioned[mine], kind="stable")[:TEMPLATE]]
    chosen = np.zeros(len(machines), dtype=np.bool_)
    chosen[newest] = True
    return np.flatnonzero(stays.running & chosen[stays.machine])


def _none() -> Segments:
    no, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Segments(no, no, no, nothing, nothing, nothing, nothing, nothing, nothing, nothing)


def joined(*blocks: Segments) -> Segments:
    """All of them, one after the other."""
    columns = zip(*(vars(block).values() for block in blocks), strict=True)
    return Segments(*(np.concatenate(column) for column in columns))


def picked(segments: Segments, rows: Integers) -> Segments:
    """Some rows."""
    return Segments(*(column[rows] for column in vars(segments).values()))
