"""From the database to the ``Fleet`` that the forecast takes, with what is needed to speak of it afterwards."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from aftersales.access import Actor
from aftersales.parts import queries as parts
from aftersales.planning.history import History
from aftersales.planning.installed_base import components, machines, plans, services
from aftersales.planning.installed_base.machines import Known
from aftersales.planning.rules import months
from aftersales.planning.rules.servicing import pieces
from forecasting.arrays import Array, Flags, Integers
from forecasting.demand import DemandPanel
from forecasting.installed_base.fleet import Fleet, Installations, PlannedReplacements


@dataclass(frozen=True, eq=False)
class Base:
    """The installed base of one catalogue.

    :param fleet: parts in units of ``unit``; its parts are those of the panel that machines carry or services need.
    :param rows: row of each of its parts in the panel, shape (parts,).
    :param unit: amount that one piece in the fleet stands for (a fill of oil, say), shape (parts,).
    :param known: the machines, in the order of the fleet's.
    :param followed: parts whose units are followed in machines, not only changed by services, shape (parts,).
    :param service_hours: standard hours of services due, shape (months,).
    :param services: services due, shape (months,).
    """

    fleet: Fleet
    rows: Integers
    unit: Array
    known: Sequence[Known]
    followed: Flags
    services: Array
    service_hours: Array

    @property
    def digest(self) -> str:
        """SHA-256 over everything in the fleet: the same fleet has the same digest."""
        digest = hashlib.sha256()
        for table in (self.fleet.machines, self.fleet.installations, self.fleet.usage, self.fleet.planned):
            for field in fields(table):
                digest.update(np.ascontiguousarray(getattr(table, field.name)).tobytes())
        for field in fields(self.fleet.sales):
            digest.update(np.ascontiguousarray(getattr(self.fleet.sales, field.name)).tobytes())
        digest.update("\n".join(self.fleet.parts.tolist()).encode() + self.unit.tobytes())
        digest.update(self.service_hours.tobytes())
        return digest.hexdigest()


def read(session: Session, actor: Actor, history: History, panel: DemandPanel, horizon: int) -> Base | None:
    """Return the installed base of a catalogue as it was known at the history's origin; ``None`` without machines.

    :param actor: an actor of the organisation, never the system: what it sees is counted.
    :param panel: the demand with that of superseded parts carried over.
    :param horizon: months ahead.
    """
    origin = months.begins_at(history.origin, history.zone)
    known = machines.read(session, actor, origin)
    if not known:
        return None
    plan = plans.standing(session, actor)
    end = months.plus(history.origin, horizon)
    worked = machines.work(session, actor, known, history.origin, history.zone)
    done = services.completions(session, actor, known, origin)
    due = services.due_times(session, actor, known, worked, origin, end, services.lateness(done))
    kits = services.kits(session, [*(one.task.id for one in due), *(one.task.id for one in done)])
    own = {int(part): row for row, part in enumerate(panel.part_ids.tolist())}
    replaced = parts.successors(session, history.organization_id, history.origin)
    place = own | {old: own[new.part_id] for old, new in replaced.items() if new.part_id in own and new.ratio == 1}
    rows = {one.id: row for row, one in enumerate(known)}
    stays = components.table(history.traces.stays, rows, place, pd.Timestamp(origin))
    wanted = _needs(due, kits, place)
    taken = np.unique(np.concatenate([stays.part, np.array(sorted(wanted), dtype=np.int64)]))
    if not len(taken):
        return None
    unit = np.ones(len(panel))
    for part, amount in _units(wanted, stays).items():
        unit[part] = amount
    fills = components.fills(_needs(done, kits, place), set(stays.part.tolist()), unit, known)
    short = np.full(len(panel), -1, dtype=np.int64)
    short[taken] = np.arange(len(taken))
    fleet = Fleet(
        parts=panel.part_ids[taken],
        machines=machines.table(known, plans.retirements(plan, known, history.origin)),
        installations=_renumbered(components.together(stays, fills), short),
        usage=worked.usage,
        planned=_planned(wanted, short, unit),
        sales=plans.sales(plan),
        demand=panel.demand[taken] / unit[taken, None],
        demand_from=panel.periods.first,
    )
    count, hours = _service_load(due, history, horizon)
    return Base(fleet, taken, unit[taken], known, np.isin(taken, stays.part), count, hours)


def _needs(
    times: Sequence[services.ServiceDue | services.Completion],
    kits: Mapping[int, Sequence[tuple[int, float]]],
    place: Mapping[int, int],
) -> components.Uses:
    """What services need: per row of a part the machine, day and quantity; two services of one day need it once."""
    found: components.Uses = defaultdict(dict)
    for one in times:
        for part, quantity in kits.get(one.task.id, ()):
            if part in place:
                row, key = place[part], (one.machine, round(one.on))
                found[row][key] = max(found[row].get(key, 0.0), quantity)
    return found


def _units(wanted: components.Uses, stays: Installations) -> dict[int, float]:
    return pieces({part: list(uses.values()) for part, uses in wanted.items()}, set(stays.part.tolist()))


def _planned(wanted: components.Uses, short: Integers, unit: Array) -> PlannedReplacements:
    machine, part, day = list[int](), list[int](), list[float]()
    for row, uses in sorted(wanted.items()):
        for (owner, on), quantity in sorted(uses.items()):
            count = max(round(quantity / float(unit[row])), 1)
            machine += [owner] * count
            part += [int(short[row])] * count
            day += [float(on)] * count
    return PlannedReplacements(
        np.array(machine, dtype=np.int64), np.array(part, dtype=np.int64), np.array(day, dtype=np.float64)
    )


def _renumbered(stays: Installations, short: Integers) -> Installations:
    values = {field.name: getattr(stays, field.name) for field in fields(stays)}
    return Installations(**values | {"part": short[stays.part]})


def _service_load(due: Sequence[services.ServiceDue], history: History, horizon: int) -> tuple[Array, Array]:
    """Services that fall due in each month ahead, and their standard hours."""
    starts = np.array([months.plus(history.origin, step).toordinal() for step in range(horizon + 1)], dtype=np.float64)
    count, hours = np.zeros(horizon), np.zeros(horizon)
    for one in due:
        month = int(np.searchsorted(starts, one.on, side="right")) - 1
        if 0 <= month < horizon:
            count[month] += 1
            hours[month] += float(one.task.standard_hours)
    return count, hours
