"""A forecast taken apart for its readers: months, machines and a sentence, rounded so that all of it adds up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor
from aftersales.models import ForecastLine, ForecastRun, Machine
from aftersales.planning.rules import months
from aftersales.planning.rules.explaining import PIECES, apportioned, share_of
from aftersales.translate import N_, Translator


@dataclass(frozen=True, slots=True)
class MonthView:
    """A month of a part as it is shown: the pieces add up to what is expected, to the last decimal shown."""

    month: date
    expected: Decimal
    pieces: dict[str, Decimal]
    planned_machines: int = 0


@dataclass(frozen=True, slots=True)
class MachineShare:
    """What one machine (or others together) is expected to need in a stretch of months.

    ``kind`` is ``machine``, ``others`` (``machines`` tells how many) or ``new``, where ``name`` is the model.
    """

    kind: str
    name: str
    expected: Decimal = Decimal(0)
    machine_id: int | None = None
    hours: float | None = None
    hours_per_day: float | None = None
    machines: int = 1


@dataclass(frozen=True, slots=True)
class Explained:
    """A part's forecast taken apart: month by month, and one month by machine."""

    months: tuple[MonthView, ...]
    month: MonthView
    machines: tuple[MachineShare, ...]
    others: MachineShare | None
    new: tuple[MachineShare, ...]
    rest: Decimal
    machines_in_use: int
    oldest: MachineShare | None
    chosen: str
    lives: tuple[dict[str, Any], ...]
    tried: dict[str, Any] | None


def explanation(
    session: Session, actor: Actor, run: ForecastRun, line: ForecastLine, month: date | None = None, places: int = 1
) -> Explained:
    """Return a line taken apart.

    :param month: the month shown by machine; the first one by default, and for one that the run does not hold.
    """
    stored = line.explanation or {}
    pieces = share_of(stored, line.mean)
    steps = range(len(line.mean))
    views = tuple(_month(run, stored, pieces, step, places) for step in steps)
    chosen = next((step for step in steps if views[step].month == month), 0)
    rows, rest = _shares(session, actor, stored, line, chosen, places)
    return Explained(
        months=views,
        month=views[chosen],
        machines=tuple(row for row in rows if row.kind == "machine"),
        others=next((row for row in rows if row.kind == "others"), None),
        new=tuple(row for row in rows if row.kind == "new"),
        rest=rest,
        machines_in_use=int(stored.get("machines_in_use", 0)),
        oldest=_old_one(session, actor, stored.get("oldest")),
        chosen=str(stored.get("chosen", "history")),
        lives=tuple(stored.get("lives", ())),
        tried=stored.get("tried"),
    )


def _month(
    run: ForecastRun, stored: dict[str, Any], pieces: dict[str, list[float]], step: int, places: int
) -> MonthView:
    shown = apportioned([pieces[name][step] for name in PIECES], places)
    planned = stored.get("planned_machines") or []
    return MonthView(
        months.plus(run.origin, step),
        sum(shown, Decimal(0)),
        dict(zip(PIECES, shown, strict=True)),
        planned[step] if step < len(planned) else 0,
    )


def _shares(
    session: Session, actor: Actor, stored: dict[str, Any], line: ForecastLine, step: int, places: int
) -> tuple[list[MachineShare], Decimal]:
    """The machines' shares of one month and what belongs to none, together what is expected, as shown."""
    machines, others, new = stored.get("machines", []), stored.get("others"), stored.get("new", [])
    rest = stored["rest"][step] if "rest" in stored else line.mean[step]
    values = [one["expected"][step] for one in machines]
    values += [others["expected"][step]] if others else []
    values += [one["expected"][step] for one in new]
    *shown, left = apportioned([*values, rest], places)
    names = _serials(session, actor, [one["machine_id"] for one in machines])
    rows = [
        MachineShare(
            kind="machine",
            name=names.get(one["machine_id"], ""),
            expected=expected,
            machine_id=one["machine_id"],
            hours=one["hours"],
            hours_per_day=one["hours_per_day"],
        )
        for one, expected in zip(machines, shown, strict=False)
    ]
    after = shown[len(machines) :]
    if others:
        count, value, after = int(others["machines"]), after[0], after[1:]
        rows += [MachineShare("others", "", value, machines=count)] if count else []
    rows += [MachineShare("new", one["model"], value) for one, value in zip(new, after, strict=True)]
    return rows, left


def _old_one(session: Session, actor: Actor, stored: dict[str, Any] | None) -> MachineShare | None:
    if not stored:
        return None
    number = stored["machine_id"]
    name = _serials(session, actor, [number]).get(number, "")
    return MachineShare("machine", name, machine_id=number, hours=stored["hours"])


def _serials(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, str]:
    """Serial numbers of machines the actor sees; one that was handed on since has none here."""
    query = select(Machine.id, Machine.serial_number)
    query = query.where(Machine.id.in_(ids), visibility.sees_machine(actor, Machine.id))
    return {row.id: row.serial_number for row in session.execute(query)}


def sentence(t: Translator, found: Explained, unit: str) -> str:
    """Return a month's forecast and what it is made of as one sentence."""
    month, said = found.month, list[str]()
    amount = {name: t.number(abs(value)) for name, value in month.pieces.items()}
    if month.pieces["planned"] and not month.planned_machines:
        said.append(t.gettext(N_("%(pieces)s to be renewed before they fail, as usual"), pieces=amount["planned"]))
    elif month.pieces["planned"]:
        said.append(
            t.ngettext(
                "%(pieces)s planned on %(num)s machine",
                "%(pieces)s planned on %(num)s machines",
                month.planned_machines,
                pieces=amount["planned"],
            )
        )
    if month.pieces["failures"]:
        said.append(
            t.ngettext(
                "%(pieces)s for failures expected from %(num)s machine in use",
                "%(pieces)s for failures expected from %(num)s machines in use",
                max(found.machines_in_use, 1),
                pieces=amount["failures"],
            )
            + _oldest_words(t, found)
        )
    for name, words in (
        ("new_machines", N_("%(pieces)s for machines still to be sold")),
        ("retirements", N_("less %(pieces)s for machines that retire")),
    ):
        if month.pieces[name]:
            said.append(t.gettext(words, pieces=amount[name]))
    if month.pieces["correction"]:
        said.append(t.gettext(_correction_words(found), pieces=amount["correction"]))
    start = t.gettext(
        N_("Expected in %(month)s: %(amount)s"), month=t.month(month.month), amount=t.quantity(month.expected, unit)
    )
    return f"{start} = {', '.join(said)}." if said else f"{start}."


def _correction_words(found: Explained) -> str:
    if not found.machines_in_use and not any(view.planned_machines for view in found.months):
        return N_("%(pieces)s from the demand of past months")
    if found.month.pieces["correction"] > 0:
        return N_("%(pieces)s added, for past months took more than the machines alone explain")
    return N_("%(pieces)s taken off, for past months took less than the machines alone explain")


def _oldest_words(t: Translator, found: Explained) -> str:
    if found.oldest is None or found.oldest.hours is None or not found.oldest.name:
        return ""
    hours = t.number(Decimal(str(found.oldest.hours)), 0)
    return " " + t.gettext(N_("(the oldest one at %(hours)s h in %(machine)s)"), hours=hours, machine=found.oldest.name)
