"""What supply orders decide: legal steps, lots, how much may come, when an order is late, how long suppliers take."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import ceil, fsum, sqrt

from aftersales.errors import Invalid, RuleBroken
from aftersales.translate import N_
from aftersales.vocabulary import SupplyState, Tolerance

S = SupplyState
STEPS: Mapping[SupplyState | None, frozenset[SupplyState]] = {
    None: frozenset({S.DRAFT}),
    S.DRAFT: frozenset({S.APPROVED, S.CANCELLED}),
    S.APPROVED: frozenset({S.DRAFT, S.SENT, S.CANCELLED}),
    S.SENT: frozenset({S.PART_RECEIVED, S.RECEIVED, S.CANCELLED}),
    S.PART_RECEIVED: frozenset({S.SENT, S.RECEIVED}),
    S.RECEIVED: frozenset({S.SENT, S.PART_RECEIVED}),
    S.CANCELLED: frozenset(),
}
"""From where an order may go; back from received only when a receipt is taken back."""
COMING = (S.APPROVED, S.SENT, S.PART_RECEIVED)
"""States in which something is still to come for sure; what a draft orders may yet change."""
OPEN = (S.DRAFT, *COMING)
UNDERWAY = frozenset({S.SENT, S.PART_RECEIVED})
SHARES: Mapping[Tolerance, Decimal] = {
    Tolerance.EXACT: Decimal(0),
    Tolerance.FIVE_PERCENT: Decimal("0.05"),
    Tolerance.TEN_PERCENT: Decimal("0.10"),
}
DAYS_PER_MONTH = 365.25 / 12
SMALLEST = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class LineFacts:
    """How much of a line was ordered, came, and will not come."""

    quantity: Decimal
    received: Decimal
    given_up: Decimal

    @property
    def open_quantity(self) -> Decimal:
        """What is still to come."""
        return max(Decimal(0), self.quantity - self.received - self.given_up)


@dataclass(frozen=True, slots=True)
class LeadTime:
    """How long deliveries took, in days: of how many, their mean, sample standard deviation, shortest and longest.

    ``months``: the share of deliveries that came within the first, second… month, by month; the shares add up to 1.
    """

    count: int
    mean: float
    deviation: float
    shortest: int
    longest: int
    months: Mapping[int, float]


def check_step(number: str, before: SupplyState | None, after: SupplyState) -> None:
    """Let a legal step pass.

    :raises RuleBroken: otherwise, naming both states.
    """
    if after not in STEPS[before]:
        message = N_("Order %(number)s is '%(before)s' and cannot become '%(after)s'")
        raise RuleBroken(message, code="illegal_step", number=number, before=before or "", after=after)


def check_draft(number: str, state: SupplyState) -> None:
    """Let a change of what is ordered pass.

    :raises RuleBroken: when the order is no draft any more.
    """
    if state is not S.DRAFT:
        message = N_("Order %(number)s is '%(state)s': only a draft can be changed")
        raise RuleBroken(message, code="not_a_draft", number=number, state=state)


def state_after(lines: Sequence[LineFacts]) -> SupplyState:
    """Return the state of a sent order from what came of its lines."""
    if all(line.open_quantity == 0 for line in lines):
        return S.RECEIVED
    return S.PART_RECEIVED if any(line.received > 0 for line in lines) else S.SENT


def lot(quantity: Decimal, minimum: Decimal, multiple: Decimal) -> Decimal:
    """Return the least that can be ordered to have ``quantity``: at least the minimum, in whole multiples."""
    wanted = max(quantity, minimum)
    return (wanted / multiple).to_integral_value(ROUND_CEILING) * multiple


def check_lot(number: str, quantity: Decimal, minimum: Decimal, multiple: Decimal) -> None:
    """Let a quantity pass that can be ordered.

    :raises Invalid: below the minimum or no whole multiple, naming the least that fits.
    """
    if quantity < minimum or quantity % multiple != 0:
        fits = lot(quantity, minimum, multiple)
        message = N_("%(number)s is ordered from %(minimum)s on, in lots of %(multiple)s; order %(fits)s")
        words: dict[str, object] = {"minimum": _plain(minimum), "multiple": _plain(multiple), "fits": _plain(fits)}
        errors = [{"field": "quantity", "message": message, "params": {"number": number, **words}}]
        raise Invalid(message, code="lot", errors=errors, number=number, **words)


def receivable(quantity: Decimal, tolerance: Tolerance, multiple: Decimal, *, whole_units: bool) -> Decimal:
    """Return how much may come in all: what was ordered and what the tolerance allows on top, rounded down."""
    if tolerance is Tolerance.FULL_PACK:
        return quantity + multiple
    most = quantity * (1 + SHARES[tolerance])
    return most.quantize(Decimal(1) if whole_units else SMALLEST, ROUND_FLOOR) if most != quantity else quantity


def check_receipt(number: str, quantity: Decimal, *, received: Decimal, most: Decimal) -> None:
    """Let a receipt pass that the line has room for.

    :param received: what came before; ``most`` what may come in all.
    :raises RuleBroken: when it is more.
    """
    if received + quantity > most:
        message = N_("%(quantity)s of %(number)s are more than the order lets come: %(received)s of %(most)s are here")
        raise RuleBroken(
            message,
            code="over_receipt",
            number=number,
            quantity=_plain(quantity),
            received=_plain(received),
            most=_plain(most),
        )


def expected_on(due_on: date, confirmed_on: date | None) -> date:
    """Return the day a line is expected: the one the supplier confirmed, or else the one asked for."""
    return confirmed_on or due_on


def is_late(state: SupplyState, open_quantity: Decimal, expected: date, today: date) -> bool:
    """Tell whether something that should be here by now is still to come."""
    return state in COMING and open_quantity > 0 and expected < today


def lead_time(days: Sequence[int]) -> LeadTime | None:
    """Return what past deliveries tell of the next: ``None`` without any. The deviation of a single one is 0.

    :param days: whole days from sending the order to each delivery.
    """
    if not days:
        return None
    count, mean = len(days), fsum(days) / len(days)
    deviation = sqrt(fsum((each - mean) ** 2 for each in days) / (count - 1)) if count > 1 else 0.0
    by_month = Counter(max(1, ceil(each / DAYS_PER_MONTH)) for each in days)
    months = {month: by_month[month] / count for month in sorted(by_month)}
    return LeadTime(count, mean, deviation, min(days), max(days), months)


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
