"""What stock decides before anything moves."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aftersales.errors import Invalid, RuleBroken
from aftersales.translate import N_
from aftersales.vocabulary import REAL_LOCATIONS, Condition, LocationKind

USABLE = frozenset({Condition.NEW, Condition.SECOND_CATEGORY})
VIRTUAL = frozenset(LocationKind) - REAL_LOCATIONS


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What the rules need to know of a part."""

    number: str
    whole_units: bool
    serialised: bool


def check_quantity(part: PartFacts, quantity: Decimal, serial_number: str | None) -> None:
    """Let a quantity pass that the part can be counted in.

    :raises Invalid: when it is not above zero, a fraction of a whole unit, or does not fit the serial number.
    """
    if quantity <= 0:
        raise Invalid(N_("The quantity must be above zero"), errors=[_field("quantity", "must be above zero")])
    if quantity != round(quantity, 3):
        raise Invalid(
            N_("The quantity may have three decimal places"),
            errors=[_field("quantity", "at most three decimal places")],
        )
    if part.whole_units and quantity % 1 != 0:
        message = N_("Part %(number)s comes in whole units, not %(quantity)s")
        errors = [_field("quantity", "must be a whole number")]
        raise Invalid(message, code="whole_units", errors=errors, number=part.number, quantity=quantity)
    if part.serialised and not serial_number:
        message = N_("Part %(number)s has serial numbers: say which unit")
        raise Invalid(
            message, code="serial_missing", errors=[_field("serial_number", "is missing")], number=part.number
        )
    if serial_number and not part.serialised:
        message = N_("Part %(number)s has no serial numbers")
        errors = [_field("serial_number", "must be empty")]
        raise Invalid(message, code="serial_unknown", errors=errors, number=part.number)
    if part.serialised and quantity != 1:
        message = N_("Units with serial numbers move one by one, not %(quantity)s at once")
        errors = [_field("quantity", "must be 1")]
        raise Invalid(message, code="serial_is_one", errors=errors, quantity=quantity)


def check_moment(at: datetime, now: datetime) -> None:
    """Let a moment pass that is not in the future.

    :raises Invalid: otherwise.
    """
    if at > now:
        raise Invalid(N_("Stock cannot move in the future"), errors=[_field("at", "lies in the future")])


def check_usable(condition: Condition, kind: LocationKind, *, code: str) -> None:
    """Let stock pass that may be used on a machine: new or second category, and not in quarantine.

    :raises RuleBroken: otherwise.
    """
    if condition not in USABLE:
        message = N_("Parts in the condition '%(condition)s' cannot be issued or reserved; regrade them first")
        raise RuleBroken(message, code="not_usable", condition=condition.value)
    if kind is LocationKind.QUARANTINE:
        message = N_("Nothing is issued or reserved from quarantine (%(location)s)")
        raise RuleBroken(message, code="in_quarantine", location=code)


def may_enter(place: LocationKind | None, origin: LocationKind, *, is_own_place: bool) -> bool:
    """Tell whether a serial may come into stock from a virtual location.

    :param place: the kind of location that holds it now; ``None`` when it was never in anybody's stock.
    :param origin: the kind of virtual location it is said to come from.
    :param is_own_place: ``place`` belongs to the organisation that takes it in.
    """
    if place is None:
        return True
    if place in REAL_LOCATIONS:
        return False
    if place is origin or place is LocationKind.ADJUSTMENT or origin is LocationKind.ADJUSTMENT:
        return True
    return place is not LocationKind.SCRAP and not is_own_place


def serial_differences(expected: Collection[str], found: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the serials that a count misses and those it found in addition, each sorted."""
    return sorted(set(expected) - set(found)), sorted(set(found) - set(expected))


def _field(name: str, message: str) -> dict[str, str]:
    return {"field": name, "message": message}
