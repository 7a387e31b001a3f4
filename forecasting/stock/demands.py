"""What is asked for in the lead time, what it costs and in which quantities it comes."""

from dataclasses import dataclass, field

import numpy as np

from forecasting.arrays import Array, Flags
from forecasting.errors import SettingsError

MOST = 0.9999
"""Highest availability that can be asked for; all demand can never be promised."""


def lead_time_demand(
    mean: Array,
    variance: Array,
    lead_time: Array,
    *,
    lead_time_deviation: "Array | float" = 0.0,
    mean_error: "Array | float" = 0.0,
) -> tuple[Array, Array]:
    """Mean μL and variance of lead-time demand: Lσ² + (μ² + e²)·s² + L²e².

    The second term comes from lead times that vary, the third from the error of the forecast itself, which is the same
    in every period and so does not average out. S. Axsäter, Inventory Control (2015), section 5.5.

    :param mean: μ, pieces per period, shape (parts,).
    :param variance: σ², of one period.
    :param lead_time: L, periods.
    :param lead_time_deviation: s, standard deviation of the lead time in periods.
    :param mean_error: e, standard error of the mean in pieces per period.
    """
    check("mean", mean)
    check("variance", variance)
    check("lead time", lead_time)
    error, late = np.square(mean_error), np.square(lead_time_deviation)
    return mean * lead_time, lead_time * variance + (np.square(mean) + error) * late + np.square(lead_time) * error


def order_quantity(minimum: Array, multiple: Array) -> Array:
    """Least quantity the supplier accepts, in whole pieces: the minimum raised to whole packs.

    :raises SettingsError: for negative minima or packs that are not above zero.
    """
    check("minimum", minimum)
    if not (np.isfinite(multiple).all() and (multiple > 0).all()):
        raise SettingsError("the multiple must be above zero")
    return np.asarray(np.ceil(np.ceil(np.maximum(minimum, 1.0) / multiple - 1e-9) * multiple - 1e-9))


@dataclass(frozen=True, eq=False, kw_only=True)
class Demands:
    """What is asked for and what it costs, part by part; all arrays have shape (parts,).

    :param price: money per piece, ≥ 0.
    :param rate: pieces asked for per period; the parts' share in availability.
    :param mean: of lead-time demand, pieces.
    :param variance: of lead-time demand, pieces squared.
    :param quantity: order quantity in whole pieces (``order_quantity``).
    :param weight: how much a piece of this part counts beside others (criticality); steers, does not alter what is
        reported.
    :param least: pieces kept in any case, such as those already there.
    :param stocked: False = do not stock (beyond ``least``).
    :param floor: fill rate that every stocked part has at least, whatever it costs, below 1.
    :raises SettingsError: for negative or infinite numbers or unequal lengths.
    """

    price: Array
    rate: Array
    mean: Array
    variance: Array
    quantity: Array = field(default_factory=lambda: np.ones(0))
    weight: Array = field(default_factory=lambda: np.ones(0))
    least: Array = field(default_factory=lambda: np.ones(0))
    stocked: Flags = field(default_factory=lambda: np.ones(0, dtype=np.bool_))
    floor: Array = field(default_factory=lambda: np.ones(0))

    def __post_init__(self) -> None:
        parts = len(self.price)
        for name, value in (("quantity", 1.0), ("weight", 1.0), ("least", 0.0), ("floor", 0.0), ("stocked", True)):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.full(parts, value))
        for name in ("price", "rate", "mean", "variance", "quantity", "weight", "least", "floor"):
            values = getattr(self, name)
            check(name, values)
            if values.shape != (parts,):
                raise SettingsError(f"{name} holds {values.shape} values for {parts} parts")
        if (self.floor > MOST).any():
            raise SettingsError(f"a fill rate of {self.floor.max():g} cannot be promised; {MOST} is the most")
        if (self.quantity < 1).any():
            raise SettingsError("an order quantity is less than one piece")


def check(name: str, values: Array) -> None:
    """Refuse numbers that are negative or not finite.

    :raises SettingsError: naming what they are.
    """
    if not (np.isfinite(values).all() and (np.asarray(values) >= 0).all()):
        raise SettingsError(f"{name} must be finite and not below zero")
