"""Machines that will leave without having said so: the life of machines, from those that have retired."""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Integers
from forecasting.installed_base.fleet import Machines
from forecasting.installed_base.life import Prior, fit_weibull

LEAST_RETIRED = 5
"""Retirements it takes to speak of a life of machines."""
OWN_MODEL = 10.0
"""Retirements a model needs to be half believed against the fleet."""
USUAL = Prior(float(np.log(2.5)), 0.5)


@dataclass(frozen=True, eq=False)
class Retiring:
    """Probability that machines of the field are still there.

    :param staying: at the middle of each coming period, shape (machines, periods); 0 for machines not in the field,
        1 up to the day of a known retirement for those that have one (the day itself is the projection's business).
    """

    staying: Array


def staying(machines: Machines, model: Integers, edges: Array, *, unannounced: bool = True) -> Retiring:
    """Learn the life of machines up to an origin and look ahead.

    :param model: number of the model of each machine.
    :param edges: first days of the forecast periods and of the one after, the first being the origin.
    :param unannounced: False when every retirement ahead is known.
    """
    today = float(edges[0])
    begun = machines.commissioned < today
    gone = machines.retired < today
    active = begun & ~gone
    middle = (edges[:-1] + edges[1:]) / 2 - today
    result = np.where(active[:, None], np.ones(len(middle)), 0.0)
    age = np.where(begun, np.fmin(np.where(gone, machines.retired, today), today) - machines.commissioned, 0.0)
    lived = np.flatnonzero(age > 0)
    if not unannounced or gone[lived].sum() < LEAST_RETIRED:
        return Retiring(result)
    fit = fit_weibull(age[lived], gone[lived], prior=USUAL)
    shape, scale = float(fit.shape[0]), float(fit.scale[0])
    reached = np.power(age / scale, shape)
    count = np.bincount(model, gone) + OWN_MODEL
    factor = (count / (np.bincount(model, reached) + OWN_MODEL))[model]
    ahead = np.power((age[:, None] + middle) / scale, shape) - reached[:, None]
    ahead *= factor[:, None]
    known = np.isfinite(machines.retired) & active
    within = known & (machines.retired < edges[-1])
    # retirements that are announced are part of those expected
    expected = float(-np.expm1(-ahead[active, -1]).sum())
    left = max(1.0 - float(within.sum()) / max(expected, 1e-9), 0.0)
    open_ended = active & ~known
    result[open_ended] = np.exp(-ahead[open_ended] * left)
    return Retiring(result)
