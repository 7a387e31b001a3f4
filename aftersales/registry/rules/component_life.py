"""A component's own life through removals, refits and moves, and what is left of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from aftersales.vocabulary import LifeUnit

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Stay:
    """A time in a machine, with the machine's life value at its begin and end; ``None`` while it lasts."""

    start: datetime
    end: datetime | None
    life_in: Decimal
    life_out: Decimal | None


def own_life(brought: Decimal, stays: Sequence[Stay], at: datetime, machine_life: Decimal | None) -> Decimal:
    """Return a component's life at a moment: brought along + Σ (meter out − meter in) + the running stay.

    :param machine_life: life value at ``at`` of the machine the component is in then, in the unit of ``brought``;
        ``None`` when it is in none or its machine has no such meter.
    """
    total = brought
    for stay in stays:
        if stay.start > at:
            continue
        if stay.end is not None and stay.end <= at and stay.life_out is not None:
            total += stay.life_out - stay.life_in
        elif machine_life is not None:
            upto = machine_life if stay.life_out is None else min(machine_life, stay.life_out)
            total += max(upto - stay.life_in, ZERO)
    return total


def running(stays: Sequence[Stay], at: datetime) -> Stay | None:
    """Return the stay that a moment falls into."""
    return next((stay for stay in stays if stay.start <= at and (stay.end is None or at < stay.end)), None)


def age_days(produced: date | None, stays: Sequence[Stay], on: date) -> int:
    """Return a component's calendar life: days since it was produced; when that is not known, first installed."""
    starts = [stay.start.date() for stay in stays]
    begin = produced or min(starts, default=on)
    return max((on - begin).days, 0)


@dataclass(frozen=True, slots=True)
class LimitedLife:
    """How much of a life limit is used. ``share`` of 1 and more means that the limit is reached."""

    unit: LifeUnit
    limit: Decimal
    used: Decimal

    @property
    def remaining(self) -> Decimal:
        """What is left; below zero when the limit is passed."""
        return self.limit - self.used

    @property
    def share(self) -> Decimal:
        """The used share of the limit."""
        return (self.used / self.limit).quantize(Decimal("0.001"))
