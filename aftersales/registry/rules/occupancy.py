"""Where components may be: one place at a time, and no more in a position than it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aftersales.errors import Invalid, RuleBroken
from aftersales.translate import N_


@dataclass(frozen=True, slots=True)
class Occupied:
    """A stay that is already recorded, and whose it is in words."""

    start: datetime
    end: datetime | None
    what: str


def overlapping(stays: Sequence[Occupied], start: datetime, end: datetime | None) -> Occupied | None:
    """Return the first recorded stay that a new one from ``start`` to ``end`` would overlap."""
    for stay in sorted(stays, key=lambda stay: stay.start):
        empty = stay.end is not None and stay.end <= stay.start
        if not empty and (end is None or stay.start < end) and (stay.end is None or start < stay.end):
            return stay
    return None


def check_slot(slot: int, quantity: int, code: str) -> None:
    """Let a slot be used that the position has.

    :raises RuleBroken: the position does not hold as many units.
    """
    if not 1 <= slot <= quantity:
        raise RuleBroken(
            N_("Position %(position)s holds %(quantity)s; there is no slot %(slot)s"),
            position=code,
            quantity=quantity,
            slot=slot,
            code="no_such_slot",
        )


def check_free(
    slot_stays: Sequence[Occupied], own_stays: Sequence[Occupied], start: datetime, end: datetime | None
) -> None:
    """Let a component go into a slot from ``start`` to ``end``: the slot is free and the component nowhere else.

    :raises RuleBroken: naming the stay that is in the way and its dates.
    """
    for stays, code, message in (
        (slot_stays, "slot_taken", N_("The position is taken by %(what)s from %(start)s to %(end)s")),
        (own_stays, "installed_elsewhere", N_("The component is installed in %(what)s from %(start)s to %(end)s")),
    ):
        other = overlapping(stays, start, end)
        if other:
            raise RuleBroken(
                message,
                what=other.what,
                start=other.start.isoformat(),
                end=other.end.isoformat() if other.end else "…",
                code=code,
            )


def check_span(start: datetime, end: datetime | None, now: datetime) -> None:
    """Let a stay have these ends.

    :raises Invalid: it lies in the future or ends before it begins.
    """
    for at in (start, end):
        if at is not None and at > now:
            raise Invalid(N_("%(at)s lies in the future"), at=at.isoformat(), code="in_future")
    if end is not None and end < start:
        raise Invalid(
            N_("The removal on %(end)s lies before the installation on %(start)s"),
            start=start.isoformat(),
            end=end.isoformat(),
            code="ends_before_start",
        )


def check_meter(life_in: Decimal, life_out: Decimal, unit: str) -> None:
    """Let a removal have a meter value not below that of the installation.

    :raises RuleBroken: it is below, naming both.
    """
    if life_out < life_in:
        raise RuleBroken(
            N_("The meter stood at %(inside)s %(unit)s at installation; at removal it cannot be %(outside)s"),
            inside=format(life_in.normalize(), "f"),
            outside=format(life_out.normalize(), "f"),
            unit=unit,
            code="meter_goes_back",
        )
