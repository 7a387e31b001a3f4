"""What single fields may hold: text of a length, exact numbers."""

from decimal import Decimal, InvalidOperation

from aftersales.errors import Invalid
from aftersales.translate import N_

LARGEST = Decimal(1_000_000_000)


def text(value: str, field: str, longest: int) -> str:
    """Return text without blanks around it.

    :raises Invalid: nothing is left or it is too long, naming the field.
    """
    stated = value.strip()
    if not stated:
        raise Invalid(N_("%(field)s is empty"), field=field, code="field_empty")
    if len(stated) > longest:
        raise Invalid(
            N_("%(field)s has %(length)s characters; at most %(longest)s are taken"),
            field=field,
            length=len(stated),
            longest=longest,
            code="field_too_long",
        )
    return stated


def optional_text(value: str | None, field: str, longest: int) -> str | None:
    """Return text without blanks around it, or ``None`` when there is none.

    :raises Invalid: it is too long.
    """
    return text(value, field, longest) if value and value.strip() else None


def exact(value: Decimal | int, field: str, places: int) -> Decimal:
    """Return a number that the database keeps exactly.

    :raises Invalid: it is no number, has more decimal places, or is beyond a thousand million either way.
    """
    try:
        number = Decimal(value)
        fits = number.is_finite() and abs(number) <= LARGEST and number == number.quantize(Decimal(1).scaleb(-places))
    except InvalidOperation:
        fits = False
    if not fits:
        raise Invalid(
            N_("%(field)s must be a number of at most %(places)s decimal places, not %(value)s"),
            field=field,
            places=places,
            value=str(value),
            code="number",
        )
    return number
