"""Replacements known from other records become installations: what came out is closed, what went in begins.

The unit before the first known replacement is not invented: nobody knows when it was fitted (late entry).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.models import Component, Installation
from aftersales.vocabulary import RemovalReason
from aftersales.work import Work

Place = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A unit fitted at a machine's position at a moment; ``reason`` is why the one before came out."""

    machine_id: int
    position_id: int
    part_id: int
    serial_number: str
    at: datetime
    life_hours: Decimal
    reason: RemovalReason


def record_replacements(work: Work, replacements: Sequence[Replacement]) -> list[Installation | str | None]:
    """Record replacements, each place in order of time.

    :returns: for each the new installation, ``None`` when it is recorded already, or why it cannot be recorded: it
        lies before the last known one of its place (``before_last``), or the part has a unit with this serial number
        (``serial_taken``).
    :raises NotFound: when a machine is none the actor's organisation is a party of now.
    """
    require(work.actor, Permission.IMPORT_RUN)
    machines = {one.machine_id for one in replacements}
    visibility.machines(work.session, work.actor, machines)
    last, known = _recorded(work, machines)
    serials = _serials(work, {one.part_id for one in replacements})
    outcomes: list[Installation | str | None] = [None] * len(replacements)
    fitted: list[tuple[int, Component]] = []
    latest: dict[Place, datetime] = {place: stay.valid_to or stay.valid_from for place, stay in last.items()}
    order = sorted(range(len(replacements)), key=lambda index: replacements[index].at)
    for index in order:
        one = replacements[index]
        place = (one.machine_id, one.position_id)
        if one.at in known[place]:
            continue
        unit = (one.part_id, one.serial_number)
        if (place in latest and one.at < latest[place]) or unit in serials:
            outcomes[index] = "serial_taken" if unit in serials else "before_last"
            continue
        serials.add(unit)
        known[place].add(one.at)
        latest[place] = one.at
        fitted.append((index, _component(work, one)))
    work.session.add_all(component for _, component in fitted)
    work.session.flush()
    for index, component in fitted:
        outcomes[index] = _fit(work, replacements[index], component, last)
    work.session.flush()
    return outcomes


def _recorded(work: Work, machines: set[int]) -> tuple[dict[Place, Installation], Mapping[Place, set[datetime]]]:
    last: dict[Place, Installation] = {}
    known: dict[Place, set[datetime]] = defaultdict(set)
    query = select(Installation).where(Installation.machine_id.in_(machines), Installation.slot == 1)
    for stay in work.session.scalars(query.order_by(Installation.valid_from)):
        place = (stay.machine_id, stay.position_id)
        last[place] = stay
        known[place].add(stay.valid_from)
    return last, known


def _serials(work: Work, parts: set[int]) -> set[tuple[int, str]]:
    query = select(Component.part_id, Component.serial_number).where(Component.part_id.in_(parts))
    return {(part_id, serial) for part_id, serial in work.session.execute(query)}


def _component(work: Work, one: Replacement) -> Component:
    return Component(
        organization_id=work.actor.organization, part_id=one.part_id, serial_number=one.serial_number, created_at=one.at
    )


def _fit(work: Work, one: Replacement, component: Component, last: dict[Place, Installation]) -> Installation:
    place = (one.machine_id, one.position_id)
    before = last.get(place)
    if before is not None and before.valid_to is None:
        before.valid_to, before.removal_reason = one.at, one.reason
        before.meter_out, before.cycles_out = max(one.life_hours, before.meter_in), before.cycles_in
    stay = Installation(
        component_id=component.id,
        machine_id=one.machine_id,
        position_id=one.position_id,
        valid_from=one.at,
        meter_in=one.life_hours,
    )
    last[place] = stay
    work.session.add(stay)
    return stay
