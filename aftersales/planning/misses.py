"""Where forecasts were wrong and why: what had been expected, what came, from which machines and orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.errors import NotFound
from aftersales.models import ForecastLine, ForecastOutcome, Machine, Part, WorkOrder
from aftersales.planning import queries
from aftersales.planning.rules import months
from aftersales.planning.rules.explaining import PIECES
from aftersales.translate import N_, Translator

SPANS = (1, 3, 6, 12)
SHOWN_MACHINES = 5


@dataclass(frozen=True, slots=True)
class Need:
    """One need that came: a day, how many, why, and the machine and order where the asker sees them."""

    at: str
    quantity: float
    source: str
    machine_id: int | None
    serial_number: str
    order_id: int | None
    order_number: str


@dataclass(frozen=True, slots=True)
class Miss:
    """A part whose demand over some months was not what had been expected; ``money`` is at cost, else at price.

    ``pieces`` are what had been expected from what; ``naive`` is what came the month before, month by month.
    """

    part: Part
    expected: Decimal
    actual: Decimal
    naive: Decimal | None
    money: Decimal
    pieces: dict[str, float]
    needs: tuple[Need, ...]
    alarm: str | None

    @property
    def difference(self) -> Decimal:
        """What came less what had been expected."""
        return self.actual - self.expected


@dataclass(frozen=True, slots=True)
class Misses:
    """The largest misses of some months, and all parts' together.

    ``absolute`` is Σ|came − expected| over parts and months, ``naive`` that of expecting the month before again: in
    ``currency``, or in pieces where parts have several currencies or pieces were asked for.
    """

    first: date
    last: date
    parts: int
    expected: Decimal
    actual: Decimal
    absolute: Decimal
    naive: Decimal
    currency: str | None
    largest: tuple[Miss, ...]


@dataclass(frozen=True, slots=True)
class PastMonth:
    """A month of one part: what had been expected, how far it might go, and what came."""

    month: date
    run_id: int
    expected: Decimal
    upper: Decimal
    last: Decimal | None
    actual: Decimal
    needs: tuple[Need, ...]

    @property
    def within(self) -> bool:
        """Whether it stayed within what 95 of 100 cases should."""
        return self.actual <= self.upper


def misses(session: Session, actor: Actor, *, span: int = 3, by: str = "money", limit: int = 20) -> Misses | None:
    """Return where the forecasts of the last months missed most; ``None`` while no forecast month has passed.

    :param span: how many of the months that have passed.
    :param by: ``money`` or ``pieces``.
    """
    require(actor, Permission.FORECAST_READ)
    mine = select(ForecastOutcome).join(Part, Part.id == ForecastOutcome.part_id)
    mine = mine.where(Part.organization_id == actor.organization)
    last = session.scalar(mine.with_only_columns(func.max(ForecastOutcome.month)))
    if last is None:
        return None
    first = months.plus(last, 1 - span)
    columns = (Part.cost, Part.price, Part.currency, ForecastOutcome.expected, ForecastOutcome.actual)
    rows = session.execute(
        mine.with_only_columns(ForecastOutcome.part_id, *columns, ForecastOutcome.last).where(
            ForecastOutcome.month.between(first, last)
        )
    ).all()
    currencies = {row[3] for row in rows}
    in_money = by == "money" and len(currencies) == 1
    totals: dict[int, list[Decimal]] = {}
    absolute = naive = Decimal(0)
    for part, cost, price, _, expected, actual, before in rows:
        worth = cost or price
        total = totals.setdefault(part, [Decimal(0), Decimal(0), worth])
        total[0], total[1] = total[0] + expected, total[1] + actual
        absolute += abs(actual - expected) * (worth if in_money else 1)
        naive += abs(actual - (before or 0)) * (worth if in_money else 1)

    def size(part: int) -> Decimal:
        expected, actual, worth = totals[part]
        return abs(actual - expected) * (worth if by == "money" else 1)

    chosen = [part for part in sorted(totals, key=lambda part: (-size(part), part))[:limit] if size(part) > 0]
    return Misses(
        first,
        last,
        len(totals),
        sum((total[0] for total in totals.values()), Decimal(0)),
        sum((total[1] for total in totals.values()), Decimal(0)),
        absolute.quantize(Decimal("0.01")),
        naive.quantize(Decimal("0.01")),
        currencies.pop() if in_money else None,
        tuple(_missed(session, actor, chosen, first, last)),
    )


def _missed(session: Session, actor: Actor, chosen: Sequence[int], first: date, last: date) -> Iterable[Miss]:
    query = select(ForecastOutcome).where(ForecastOutcome.part_id.in_(chosen))
    query = query.where(ForecastOutcome.month.between(first, last)).order_by(ForecastOutcome.month)
    by_part: dict[int, list[ForecastOutcome]] = {}
    for row in session.scalars(query):
        by_part.setdefault(row.part_id, []).append(row)
    parts = {part.id: part for part in session.scalars(select(Part).where(Part.id.in_(chosen)))}
    alarms = _alarms(session, actor, chosen)
    needs = _named(session, actor, [need for rows in by_part.values() for row in rows for need in row.came])
    for number in chosen:
        rows, part = by_part[number], parts[number]
        expected, actual = (
            sum((row.expected for row in rows), Decimal(0)),
            sum((row.actual for row in rows), Decimal(0)),
        )
        known = [row.last for row in rows if row.last is not None]
        yield Miss(
            part,
            expected,
            actual,
            sum(known, Decimal(0)) if len(known) == len(rows) else None,
            ((actual - expected) * (part.cost or part.price)).quantize(Decimal("0.01")),
            {name: sum(float((row.explanation or {}).get(name, 0.0)) for row in rows) for name in PIECES},
            tuple(needs(need) for row in rows for need in row.came),
            alarms.get(number),
        )


def _alarms(session: Session, actor: Actor, parts: Sequence[int]) -> dict[int, str]:
    run = queries.newest_run(session, actor)
    query = select(ForecastLine.part_id, ForecastLine.alarm).where(ForecastLine.part_id.in_(parts))
    rows = session.execute(query.where(ForecastLine.run_id == (run.id if run else None))).all()
    return {part: alarm for part, alarm in rows if alarm}


def of_part(session: Session, actor: Actor, part_id: int, *, limit: int = 24) -> list[PastMonth]:
    """Return the months of a part that have passed with what had been expected of them, newest first.

    :raises NotFound: when the part is none of the actor's organisation.
    """
    require(actor, Permission.FORECAST_READ)
    part = session.get(Part, part_id)
    if part is None or part.organization_id != actor.organization:
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    query = select(ForecastOutcome).where(ForecastOutcome.part_id == part_id)
    rows = list(session.scalars(query.order_by(ForecastOutcome.month.desc()).limit(limit)))
    needs = _named(session, actor, [need for row in rows for need in row.came])
    return [
        PastMonth(
            row.month,
            row.run_id,
            row.expected,
            row.upper,
            row.last,
            row.actual,
            tuple(needs(need) for need in row.came),
        )
        for row in rows
    ]


def _named(session: Session, actor: Actor, needs: Sequence[dict[str, Any]]) -> Any:
    """Return how a kept need becomes one with names: of machines the asker sees and orders of its organisation."""
    machines = {need["machine_id"] for need in needs if need["machine_id"]}
    orders = {need["order_id"] for need in needs if need["order_id"]}
    found = select(Machine.id, Machine.serial_number).where(Machine.id.in_(machines))
    serials = {
        row.id: row.serial_number for row in session.execute(found.where(visibility.sees_machine(actor, Machine.id)))
    }
    mine = select(WorkOrder.id, WorkOrder.number).where(WorkOrder.id.in_(orders))
    numbers = {
        row.id: row.number for row in session.execute(mine.where(visibility.owns(actor, WorkOrder.organization_id)))
    }

    def named(need: dict[str, Any]) -> Need:
        machine, order = need["machine_id"], need["order_id"]
        return Need(
            str(need["at"])[:10],
            float(need["quantity"]),
            str(need["source"]),
            machine if machine in serials else None,
            serials.get(machine, ""),
            order if order in numbers else None,
            numbers.get(order, ""),
        )

    return named


def why(t: Translator, miss: Miss) -> str:
    """Return in a sentence what had been expected from what, and what came from where."""
    names = {
        "planned": N_("%(pieces)s planned"),
        "failures": N_("%(pieces)s for failures"),
        "new_machines": N_("%(pieces)s for new machines"),
        "retirements": N_("less %(pieces)s for machines that retire"),
        "correction": N_("%(pieces)s by past demand"),
    }
    parts = [
        t.gettext(names[name], pieces=t.number(round(value if name == "correction" else abs(value), 1)))
        for name, value in miss.pieces.items()
        if abs(value) >= 0.05
    ]
    expected = t.gettext(N_("Expected %(amount)s"), amount=t.quantity(round(miss.expected, 1), miss.part.unit))
    expected += f" ({', '.join(parts)})" if len(parts) > 1 or (parts and miss.pieces["correction"] < 0.05) else ""
    came = t.gettext(N_("came %(amount)s"), amount=t.quantity(round(miss.actual, 1), miss.part.unit))
    return f"{expected}; {came}{_came_from(t, miss)}."


def _came_from(t: Translator, miss: Miss) -> str:
    machines: dict[str, float] = {}
    for need in miss.needs:
        if need.serial_number:
            machines[need.serial_number] = machines.get(need.serial_number, 0.0) + need.quantity
    if not machines:
        return ""
    most = sorted(machines, key=lambda name: (-machines[name], name))[:SHOWN_MACHINES]
    told = ", ".join(f"{name}: {t.number(round(machines[name], 1))}" for name in most)
    on = t.ngettext("on %(num)s machine", "on %(num)s machines", len(machines))
    return f" {on} ({told}{', …' if len(machines) > len(most) else ''})"
