"""How long a warranty and the extensions behind it cover a class of costs: by months or hours, whichever comes first.

Days run from ``starts_on`` up to, not including, ``ends_on``. The hours of an extension are counted on from the limit
of the term before it, so a machine that uses up its hours early passes into the extension at once, and one that does
not loses none.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from aftersales.vocabulary import CostClass, Payer


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A numbered clause of a policy. Kind is term, exclusion or condition."""

    id: int
    number: str
    kind: str
    text: str = ""
    cost_class: CostClass | None = None
    months: int | None = None
    hours: Decimal | None = None
    excluded_part_id: int | None = None
    excluded_cause: str | None = None
    requires_maintenance: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One warranty of a machine: the base warranty or an extension, with the clauses of its policy."""

    warranty_id: int
    starts_on: date
    ends_on: date
    start_hours: Decimal
    is_extension: bool
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What one stretch covers of one class of costs. ``until_hours`` is a life value of the machine."""

    cost_class: CostClass
    clause: Clause
    payer: Payer
    starts_on: date
    ends_on: date
    until_hours: Decimal | None
    place: int

    def used_up(self, hours: Decimal | None) -> bool:
        """Tell whether the machine has run all the hours of the term; unknown hours count as within."""
        return self.until_hours is not None and hours is not None and hours >= self.until_hours


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the month's last day where that month is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day(ends_on: date) -> date:
    """Return the last day covered when ``ends_on`` is the first that is not."""
    return ends_on - timedelta(days=1)


def terms(chain: Sequence[Stretch], cost_class: CostClass) -> list[Term]:
    """Return the terms of a class of costs along a chain of warranties, in order.

    :param chain: the base warranty first, then its extensions, each beginning the day the one before ends.
    """
    found: list[Term] = []
    for place, stretch in enumerate(chain):
        for clause in stretch.clauses:
            if clause.kind == "term" and clause.cost_class is cost_class and clause.months is not None:
                before = found[-1].until_hours if found else None
                base = stretch.start_hours if before is None else before
                term = Term(
                    cost_class=cost_class,
                    clause=clause,
                    payer=Payer.EXTENSION if stretch.is_extension else Payer.WARRANTY,
                    starts_on=stretch.starts_on,
                    ends_on=add_months(stretch.starts_on, clause.months),
                    until_hours=None if clause.hours is None else base + clause.hours,
                    place=place,
                )
                found.append(term)
    return found


def term_on(found: Sequence[Term], day: date, hours: Decimal | None) -> Term | None:
    """Return the one term that covers a day and a life value, if any.

    :param found: the terms of one class of costs, in order.
    :param hours: life hours of the machine; ``None`` when unknown.
    """
    passed_on = False
    for place, term in enumerate(found):
        follows = place > 0 and found[place - 1].ends_on == term.starts_on
        entered = day >= term.starts_on or (passed_on and follows)
        if entered and day < term.ends_on and not term.used_up(hours):
            return term
        passed_on = entered and day < term.ends_on and term.used_up(hours)
    return None
