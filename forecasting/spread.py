"""Variance of the demand of a lead time, for methods that forecast a mean only."""

import numpy as np

from forecasting.arrays import Array
from forecasting.distribution import inflate
from forecasting.states import MOMENTS, States


def lead_variance(states: States, lead: int) -> Array:
    """Variance of lead-time demand, shape (origins, parts).

    The mean of three estimates: L times the variance of all known periods, L times that of recent ones (weight .05),
    both inflated for their few observations, and the mean squared error made L periods ahead where there is one.
    """
    known = np.maximum(states.known, 1.0)
    mean = states.total / known
    overall = np.maximum(states.total_squares / known - np.square(mean), 0.0)
    # of the newest level and the second moment of the same weight
    recent = np.maximum(states.squares[MOMENTS.index(0.05)] - np.square(states.levels[1]), 0.0)
    periodic = inflate(lead * 0.5 * (overall + recent), lead, states.known)
    return np.where(np.isnan(states.lead_error), periodic, (2 * periodic + states.lead_error) / 3)
