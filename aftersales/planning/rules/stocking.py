"""What to order now: the service wanted by criticality, the reorder point, and the reason in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from aftersales.translate import N_
from aftersales.vocabulary import Criticality
from forecasting.stock.policy import Reason, at_service
from forecasting.stock.policy import propose as order

SERVICE: Mapping[Criticality, float] = {
    Criticality.VITAL: 0.99,
    Criticality.ESSENTIAL: 0.95,
    Criticality.DESIRABLE: 0.90,
}
"""Share of lead times that pass without a shortage, by what it means to be without the part."""

WORDS: Mapping[Reason, str] = {
    Reason.ENOUGH: N_(
        "Enough: %(position)s available is above the reorder point of %(reorder_point)s, which lasts through the lead "
        "time in %(service)s of 100 cases"
    ),
    Reason.NO_DEMAND: N_("No demand to stock for is expected within the lead time"),
    Reason.BELOW_REORDER_POINT: N_(
        "Available %(position)s has come down to the reorder point of %(reorder_point)s, which lasts through the lead "
        "time in %(service)s of 100 cases"
    ),
    Reason.RAISED_TO_MINIMUM: N_(
        "Available %(position)s has come down to the reorder point of %(reorder_point)s; %(needed)s missing, raised to "
        "the minimum order of %(minimum)s"
    ),
    Reason.ROUNDED_TO_MULTIPLE: N_(
        "Available %(position)s has come down to the reorder point of %(reorder_point)s; %(needed)s missing, rounded "
        "up to whole packs of %(multiple)s"
    ),
    Reason.SHORT_FOR_RESERVED: N_(
        "More is set aside (%(reserved)s) than is on hand (%(on_hand)s): %(needed)s missing to the reorder point of "
        "%(reorder_point)s"
    ),
}

ADOPTED: Mapping[Reason, str] = {
    Reason.ENOUGH: N_(
        "Enough: %(position)s available is above the reorder point of %(reorder_point)s of the stock policy in force"
    ),
    Reason.NO_DEMAND: N_("Not kept in stock by the stock policy in force; ordered when asked for"),
    Reason.BELOW_REORDER_POINT: N_(
        "Available %(position)s has come down to the reorder point of %(reorder_point)s of the stock policy in force; "
        "ordered up to %(stock)s"
    ),
    Reason.RAISED_TO_MINIMUM: N_(
        "Available %(position)s has come down to the reorder point of %(reorder_point)s of the stock policy in force; "
        "%(needed)s missing to %(stock)s, raised to the minimum order of %(minimum)s"
    ),
    Reason.ROUNDED_TO_MULTIPLE: N_(
        "Available %(position)s has come down to the reorder point of %(reorder_point)s of the stock policy in force; "
        "%(needed)s missing to %(stock)s, rounded up to whole packs of %(multiple)s"
    ),
    Reason.SHORT_FOR_RESERVED: N_(
        "More is set aside (%(reserved)s) than is on hand (%(on_hand)s): %(needed)s missing to %(stock)s, to which the "
        "stock policy in force orders"
    ),
}
"""The same for parts that an adopted policy holds."""
JUST_ABOVE = 0.0005
"""Less than half of the smallest quantity: a position of exactly the policy's reorder point is at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """One part as the proposal sees it; quantities in the part's unit.

    :param quantiles: lead-time demand by probability, probabilities as text, ascending.
    :param months: the lead time.
    :param adopted: reorder point (−1 = not kept) and order-up-to level of the stock policy in force, if it holds one.
    """

    quantiles: Mapping[str, float]
    months: int
    criticality: Criticality
    whole_units: bool
    minimum: Decimal
    multiple: Decimal
    on_hand: Decimal
    reserved: Decimal
    on_order: Decimal = Decimal(0)
    adopted: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """What to order of a part now and why; ``words`` is a catalogue key, ``params`` what goes into its places.

    With ``by_policy`` an adopted stock policy says so, else the service wanted by criticality.
    """

    quantity: Decimal
    reorder_point: Decimal
    position: Decimal
    needed: Decimal
    service: float
    reason: Reason
    params: dict[str, str]
    by_policy: bool = False

    @property
    def words(self) -> str:
        """The reason as a sentence to translate."""
        return ADOPTED[self.reason] if self.by_policy else WORDS[self.reason]


def propose(lines: Sequence[StockLine]) -> list[Proposed]:
    """Propose orders: up to the reorder point when the stock position has come down to it or below.

    Reorder point = lead-time demand not exceeded with the service wanted (order-up-to policy under continuous review);
    quantity = what is missing, at least the minimum, in whole packs. S. Axsäter, Inventory Control, chapter 5.
    Parts that the stock policy in force holds are ordered at its reorder point, up to its level.
    """
    if not lines:
        return []
    probabilities = [float(name) for name in lines[0].quantiles]
    known = np.array([list(line.quantiles.values()) for line in lines], dtype=np.float64)
    point = at_service(known, probabilities, np.array([SERVICE[line.criticality] for line in lines]))
    whole = np.array([line.whole_units for line in lines])
    point = np.where(whole, np.ceil(point - 1e-9), np.ceil(point * 1000 - 1e-6) / 1000)
    level = point.copy()
    for row, line in enumerate(lines):
        if line.adopted is not None:
            point[row], level[row] = (max(float(value), 0.0) for value in line.adopted)
    kept = np.array([line.adopted is not None and line.adopted[1] > 0 for line in lines])
    result = order(
        np.where(kept, point + JUST_ABOVE, point),
        order_up_to=np.where(kept, np.maximum(level, point + JUST_ABOVE), level),
        on_hand=_column([line.on_hand for line in lines]),
        on_order=_column([line.on_order for line in lines]),
        reserved=_column([line.reserved for line in lines]),
        minimum=_column([line.minimum for line in lines]),
        multiple=_column([line.multiple for line in lines]),
    )
    return [
        _proposed(
            line,
            exact(result.quantity[row]),
            exact(point[row]),
            exact(result.needed[row]),
            Reason(str(result.reason[row])),
        )
        for row, line in enumerate(lines)
    ]


def _proposed(line: StockLine, quantity: Decimal, point: Decimal, needed: Decimal, reason: Reason) -> Proposed:
    position = line.on_hand + line.on_order - line.reserved
    service = SERVICE[line.criticality]
    numbers = {
        "position": position,
        "reorder_point": point,
        "needed": needed,
        "minimum": line.minimum,
        "multiple": line.multiple,
        "on_hand": line.on_hand,
        "reserved": line.reserved,
    }
    if line.adopted is not None:
        numbers["stock"] = line.adopted[1]
    params = {name: f"{value.normalize():f}" for name, value in numbers.items()}
    params["service"] = f"{service * 100:g}"
    return Proposed(quantity, point, position, needed, service, reason, params, line.adopted is not None)


def exact(value: float) -> Decimal:
    """Return a quantity with three decimal places."""
    return Decimal(str(round(float(value), 3) + 0.0)).quantize(Decimal("0.001"))


def _column(values: Sequence[Decimal]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    return np.array([float(value) for value in values], dtype=np.float64)
