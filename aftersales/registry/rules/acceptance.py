"""Factory acceptance: which test template applies, what its results say, and what a passport needs before issue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aftersales.errors import RuleBroken
from aftersales.translate import N_


@dataclass(frozen=True, slots=True)
class Template:
    """A published version of a model's test template."""

    id: int
    number: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Characteristic:
    """What is measured; a limit that is ``None`` does not bind, both limits are included."""

    id: int
    name: str
    unit: str
    lower: Decimal | None
    upper: Decimal | None

    def passes(self, value: Decimal) -> bool:
        """Tell whether a value lies within the limits."""
        return (self.lower is None or value >= self.lower) and (self.upper is None or value <= self.upper)

    @property
    def limits(self) -> str:
        """The limits in signs every reader knows."""
        low, high = (None if side is None else format(side.normalize(), "f") for side in (self.lower, self.upper))
        if low is not None and high is not None:
            return f"{low} … {high}"
        return f"≥ {low}" if low is not None else f"≤ {high}" if high is not None else "-"


@dataclass(frozen=True, slots=True)
class Result:
    """A measured value; ``id`` rises in the order of recording."""

    id: int
    characteristic_id: int
    value: Decimal
    at: datetime


def applicable(templates: Sequence[Template], started: datetime | None) -> Template:
    """Return the template a machine is accepted by: the newest published when its production began.

    :param started: when production began; ``None`` before it does, then the newest template is meant.
    :raises RuleBroken: the model has none.
    """
    if not templates:
        raise RuleBroken(N_("This model has no acceptance test template yet"), code="no_test_template")
    in_order = sorted(templates, key=lambda template: template.number)
    if started is None:
        return in_order[-1]
    return next((t for t in reversed(in_order) if t.published_at <= started), in_order[0])


def newest(results: Sequence[Result]) -> dict[int, Result]:
    """Return the result that counts for each characteristic: the latest measured, of those the latest recorded."""
    counting: dict[int, Result] = {}
    for result in sorted(results, key=lambda result: (result.at, result.id)):
        counting[result.characteristic_id] = result
    return counting


def check_accepted(characteristics: Sequence[Characteristic], results: Sequence[Result]) -> dict[int, Result]:
    """Return the counting results when every characteristic has a passing one.

    :raises RuleBroken: ``acceptance_failed`` naming the first value out of its limits, ``acceptance_incomplete`` naming
        what was not measured; ``errors`` lists all of them.
    """
    counting = newest(results)
    absent = [one for one in characteristics if one.id not in counting]
    failed = [one for one in characteristics if one.id in counting and not one.passes(counting[one.id].value)]
    errors = [{"field": one.name, "message": N_("has no result")} for one in absent]
    errors += [{"field": one.name, "message": N_("lies outside its limits")} for one in failed]
    if failed:
        first = failed[0]
        raise RuleBroken(
            N_("%(name)s failed its acceptance test: %(value)s %(unit)s, limits %(limits)s"),
            name=first.name,
            value=format(counting[first.id].value.normalize(), "f"),
            unit=first.unit,
            limits=first.limits,
            code="acceptance_failed",
            errors=errors,
        )
    if absent:
        raise RuleBroken(
            N_("The acceptance test is not complete; no result for: %(names)s"),
            names=", ".join(one.name for one in absent),
            code="acceptance_incomplete",
            errors=errors,
        )
    return counting


@dataclass(frozen=True, slots=True)
class Place:
    """A position as the passport sees it: how many units it holds and how many are in."""

    code: str
    mandatory: bool
    option_code: str | None
    quantity: int
    filled: int


def check_filled(places: Sequence[Place], configuration: Sequence[str], documented: Mapping[str, str]) -> None:
    """Let a passport be issued when every mandatory position is full or its emptiness documented.

    :param documented: reason why it is not full, by position code.
    :raises RuleBroken: naming the positions.
    """
    codes = {place.code for place in places}
    unknown = sorted(set(documented) - codes)
    if unknown:
        raise RuleBroken(N_("This model has no position %(codes)s"), codes=", ".join(unknown), code="unknown_position")
    lacking = [
        place
        for place in places
        if place.mandatory
        and (place.option_code is None or place.option_code in configuration)
        and place.filled < place.quantity
        and not documented.get(place.code, "").strip()
    ]
    if lacking:
        raise RuleBroken(
            N_("These positions are mandatory and not filled: %(codes)s"),
            codes=", ".join(place.code for place in lacking),
            code="position_empty",
            errors=[{"field": place.code, "message": N_("is mandatory and not filled")} for place in lacking],
        )
