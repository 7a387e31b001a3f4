"""Who pays for one line of a job, by which clause, and why. Always a proposal: a person confirms it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from aftersales.translate import N_
from aftersales.vocabulary import CostClass, OrderKind, Payer
from aftersales.warranty.rules.terms import Clause, Stretch, Term, last_day, term_on, terms

FAULTS = frozenset({OrderKind.REPAIR, OrderKind.INSPECTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A cost of a job. ``kind`` (part, time, travel) and ``id`` name the line; ``cause`` is as found (ISO 14224)."""

    kind: str
    id: int
    cost_class: CostClass
    amount: Decimal
    currency: str
    part_id: int | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """A maintenance task that was done too late or not at all, by how much; ``unit`` is hours, days or cycles."""

    task: str
    late: Decimal
    unit: str = "hours"

    def said(self) -> tuple[str, dict[str, str]]:
        """Return the lapse as a sentence with its parameters."""
        message = {
            "hours": N_("Maintenance %(task)s was %(late)s h late"),
            "days": N_("Maintenance %(task)s was %(late)s days late"),
            "cycles": N_("Maintenance %(task)s was %(late)s cycles late"),
        }[self.unit]
        return message, {"task": self.task, "late": _plain(self.late)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who pays, the clause that says so and the reason as a sentence with its parameters.

    Parameters are plain text: days as ISO dates under names ending in ``_on``, numbers as decimals.
    """

    payer: Payer
    clause: Clause | None
    message: str
    params: Mapping[str, str]


def decide(
    line: Line,
    chain: Sequence[Stretch],
    *,
    on: date,
    life_hours: Decimal | None,
    kind: OrderKind = OrderKind.REPAIR,
    lapses: Sequence[Lapse] = (),
) -> Decision:
    """Return who pays for a line.

    A term says that the class of costs is still covered; then exclusions and conditions, those of the warranty before
    it too, since an extension prolongs a warranty and never pays what that one excluded.

    :param chain: the machine's warranty and its extensions, in order.
    :param on: the day the fault happened.
    :param life_hours: the machine's life hours then; ``None`` when unknown.
    :param lapses: maintenance done late or not at all up to that day.
    """
    if not chain:
        return _customer(None, N_("The machine has no warranty"))
    if kind not in FAULTS:
        return _customer(None, N_("Warranty covers faults; this is planned work (%(kind)s)"), kind=kind.value)
    found = terms(chain, line.cost_class)
    term = term_on(found, on, life_hours)
    if term is None:
        return _not_covered(line.cost_class, found, on, life_hours)
    binding = [clause for stretch in chain[: term.place + 1] for clause in stretch.clauses]
    for refusal in (_excluded(line, binding), _lapsed(binding, lapses)):
        if refusal:
            return refusal
    return _covered(term)


def _customer(clause: Clause | None, message: str, /, **params: str) -> Decision:
    named = {"clause": clause.number, **params} if clause else params
    return Decision(payer=Payer.CUSTOMER, clause=clause, message=message, params=named)


def _covered(term: Term) -> Decision:
    params = {
        "clause": term.clause.number,
        "cost_class": term.cost_class.value,
        "until_on": last_day(term.ends_on).isoformat(),
    }
    message = N_("Clause %(clause)s covers %(cost_class)s until %(until_on)s")
    if term.until_hours is not None:
        message = N_("Clause %(clause)s covers %(cost_class)s until %(until_on)s or %(limit)s h, whichever is first")
        params["limit"] = _plain(term.until_hours)
    return Decision(payer=term.payer, clause=term.clause, message=message, params=params)


def _not_covered(cost_class: CostClass, found: Sequence[Term], on: date, hours: Decimal | None) -> Decision:
    if not found:
        return _customer(None, N_("The warranty does not cover %(cost_class)s"), cost_class=cost_class.value)
    place = max((place for place, term in enumerate(found) if term.starts_on <= on), default=None)
    if place is None:
        message = N_("The warranty begins only on %(starts_on)s (clause %(clause)s)")
        return _customer(found[0].clause, message, starts_on=found[0].starts_on.isoformat())
    while place + 1 < len(found) and on < found[place].ends_on and found[place].used_up(hours):
        place += 1
    term = found[place]
    if on < term.ends_on and term.until_hours is not None and hours is not None:
        message = N_("Hours exceeded: clause %(clause)s covers up to %(limit)s h, the machine had run %(hours)s h")
        return _customer(term.clause, message, limit=_plain(term.until_hours), hours=_plain(hours))
    message = N_("Clause %(clause)s: cover of %(cost_class)s ended on %(ended_on)s")
    ended = last_day(term.ends_on).isoformat()
    return _customer(term.clause, message, cost_class=cost_class.value, ended_on=ended)


def _excluded(line: Line, clauses: Sequence[Clause]) -> Decision | None:
    for clause in clauses:
        if clause.kind == "exclusion" and _matches(clause, line):
            message = N_("Excluded by clause %(clause)s: %(words)s")
            return _customer(clause, message, words=clause.text)
    return None


def _matches(clause: Clause, line: Line) -> bool:
    """Tell whether an exclusion is about this line; one that names neither part nor cause is for a person to judge."""
    if clause.excluded_part_id is None and clause.excluded_cause is None:
        return False
    return (
        clause.excluded_part_id in {None, line.part_id}
        and clause.excluded_cause in {None, line.cause}
        and clause.cost_class in {None, line.cost_class}
    )


def _lapsed(clauses: Sequence[Clause], lapses: Sequence[Lapse]) -> Decision | None:
    condition = next(_about_maintenance(clauses), None)
    if condition is None or not lapses:
        return None
    worst = max(lapses, key=lambda lapse: (lapse.unit == "hours", lapse.late))
    message = {
        "hours": N_("Maintenance %(task)s was %(late)s h late (clause %(clause)s)"),
        "days": N_("Maintenance %(task)s was %(late)s days late (clause %(clause)s)"),
        "cycles": N_("Maintenance %(task)s was %(late)s cycles late (clause %(clause)s)"),
    }[worst.unit]
    return _customer(condition, message, task=worst.task, late=_plain(worst.late))


def _about_maintenance(clauses: Sequence[Clause]) -> Iterator[Clause]:
    return (clause for clause in clauses if clause.kind == "condition" and clause.requires_maintenance)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
