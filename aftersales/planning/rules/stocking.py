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


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """One part as the proposal sees it; quantities in the part's unit.

    :param quantiles: lead-time demand by probability, probabilities as text, ascending.
    :param months: the lead time.
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


@dataclass(frozen=True, slots=True)
class Proposed:
    """What to order of a part now and why; ``words`` is a catalogue key, ``params`` what goes into its places."""

    quantity: Decimal
    reorder_point: Decimal
    position: Decimal
    needed: Decimal
    service: float
    reason: Reason
    params: dict[str, str]

    @property
    def words(self) -> str:
        """The reason as a sentence to translate."""
        return WORDS[self.reason]


def propose(lines: Sequence[StockLine]) -> list[Proposed]:
    """Propose orders: up to the reorder point when the stock position has come down to it or below.

    Reorder point = lead-time demand not exceeded with the service wanted (order-up-to policy under continuous review);
    quantity = what is missing, at least the minimum, in whole packs. S. Axsäter, Inventory Control, chapter 5.
    """
    if not lines:
        return []
    probabilities = [float(name) for name in lines[0].quantiles]
    known = np.array([list(line.quantiles.values()) for line in lines], dtype=np.float64)
    point = at_service(known, probabilities, np.array([SERVICE[line.criticality] for line in lines]))
    whole = np.array([line.whole_units for line in lines])
    point = np.where(whole, np.ceil(point - 1e-9), np.ceil(point * 1000 - 1e-6) / 1000)
    result = order(
        point,
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
    params = {name: f"{value.normalize():f}" for name, value in numbers.items()}
    params["service"] = f"{service * 100:g}"
    return Proposed(quantity, point, position, needed, service, reason, params)


def exact(value: float) -> Decimal:
    """Return a quantity with three decimal places."""
    return Decimal(str(round(float(value), 3) + 0.0)).quantize(Decimal("0.001"))


def _column(values: Sequence[Decimal]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    return np.array([float(value) for value in values], dtype=np.float64)
