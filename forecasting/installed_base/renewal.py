"""Expected renewals of components by age and use: the renewal function, tabled once per life and looked up for all.

With H the cumulative hazard, a component of age a survives another h hours with probability exp(H(a) − H(a + h)), so
its next renewal falls within h with probability F_a(h). Renewals of a new one solve M(h) = F(h) + ∫ M(h − x) dF(x),
of one of age a M_a(h) = F_a(h) + ∫ M(h − x) dF_a(x). D. R. Cox, Renewal Theory (1962), chapters 4 and 5; the integral
by the trapezoidal rule in M. Renewals of one cause among several (failure beside habitual replacement) replace the
first F by the share of that cause.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from forecasting.arrays import Array, Integers
from forecasting.errors import ForecastError

Hazard = Callable[[Array], Array]
"""Cumulative hazard of cells at ages of shape (cells, …)."""

STEPS, AGES = 160, 40
"""Steps of use and of age in a table."""
MANY_CELLS, FEW_STEPS = 4000, 96
"""With more cells than this a coarser table."""
LIVES_AHEAD = 30.0
"""Mean lives beyond which renewals go on evenly and are no longer tabled."""


@dataclass(frozen=True, eq=False)
class RenewalTable:
    """Renewals of some cells by age and use.

    :param age: largest age of the table by cell; nodes lie at age·(i / AGES)².
    :param use: largest use by cell; nodes lie evenly.
    :param failures: expected failures, shape (cells, ages, steps + 1).
    :param planned: expected habitual replacements, likewise; None where there is no habit in any cell.
    """

    age: Array
    use: Array
    failures: Array
    planned: Array | None

    def start(self, cell: Integers, age: Array) -> "tuple[Integers, Array]":
        """Row of the table below an age, as a place in the flat table, and the share of the way to the next."""
        _, ages, width = self.failures.shape
        with np.errstate(divide="ignore", invalid="ignore"):
            place = np.sqrt(np.clip(age / self.age[cell], 0.0, 1.0)) * (ages - 1)
        place = np.nan_to_num(place)
        below = np.minimum(place.astype(np.int64), ages - 2)
        low, high = np.square(below / (ages - 1)), np.square((below + 1) / (ages - 1))
        share = (np.square(place / (ages - 1)) - low) / (high - low)
        return (cell * ages + below) * width, share

    def at(self, table: Array, row: Integers, share: Array, cell: Integers, use: Array) -> Array:
        """Renewals up to a use; evenly on beyond the end of the table.

        :param row, share: as ``start`` gave them; :param use: shape (components, …).
        """
        width = table.shape[2]
        more = use.ndim - 1
        step = self.use[cell] / (width - 1)
        place = use / np.maximum(step, 1e-300).reshape(-1, *([1] * more))
        below = np.minimum(place.astype(np.int64), width - 2)
        place -= below
        below += row.reshape(-1, *([1] * more))
        flat = table.reshape(-1)
        first = flat[below]
        first += (flat[below + 1] - first) * place
        below += width
        second = flat[below]
        second += (flat[below + 1] - second) * place
        second -= first
        second *= share.reshape(-1, *([1] * more))
        second += first
        return np.asarray(second)


def renewal_table(
    failure: Hazard,
    habit: Hazard | None,
    age: Array,
    use: Array,
    *,
    steps: int = STEPS,
    ages: int = AGES,
    at_visits: bool = False,
) -> RenewalTable:
    """Table the renewals of cells.

    :param failure: cumulative hazard of failure of these cells; :param habit: of habitual replacement.
    :param age: largest age of each cell, hours; :param use: largest use, hours.
    :param at_visits: renewals happen at the ends of steps only.
    """
    width = np.maximum(use, 1e-6)
    grid = width[:, None] * np.linspace(0.0, 1.0, steps + 1)
    first = np.maximum(age, 1e-6)[:, None] * np.square(np.linspace(0.0, 1.0, ages))
    at = first[:, :, None] + grid[:, None, :]
    start_f = failure(at[:, :, 0])
    hazard_f = failure(at) - start_f[:, :, None]
    total = hazard_f
    if habit is not None:
        total = hazard_f + habit(at) - habit(at[:, :, 0])[:, :, None]
    dead = -np.expm1(-total)
    steps_dead = np.diff(dead, axis=2)
    if habit is None:
        return RenewalTable(np.maximum(age, 1e-6), width, _renewals(dead, steps_dead, at_visits), None)
    share = np.diff(hazard_f, axis=2) / np.maximum(np.diff(total, axis=2), 1e-300)
    cause = np.concatenate([np.zeros((*dead.shape[:2], 1)), np.cumsum(steps_dead * share, axis=2)], axis=2)
    failures = _renewals(cause, steps_dead, at_visits)
    return RenewalTable(np.maximum(age, 1e-6), width, failures, _renewals(dead - cause, steps_dead, at_visits))


def _renewals(first: Array, steps: Array, at_visits: bool = False) -> Array:
    """M_a on the grid for all ages, the first of which is zero.

    :param first: first renewals of the cause counted, shape (cells, ages, steps + 1).
    :param steps: probability of any renewal within each step, shape (cells, ages, steps).
    :param at_visits: a renewal within a step is one at its end; otherwise anywhere in it.
    """
    count = steps.shape[2]
    new = np.zeros((len(first), count + 1))
    middle = np.zeros((len(first), count))
    for end in range(1, count + 1):
        # trapezoid: the value sought stands on both sides of its first term
        known = first[:, 0, end] + np.einsum("cj,cj->c", middle[:, : end - 1][:, ::-1], steps[:, 0, 1:end])
        gone = 0.0 if at_visits else steps[:, 0, 0]
        known += new[:, end - 1] * steps[:, 0, 0] if at_visits else 0.0
        new[:, end] = (known + gone * new[:, end - 1] / 2) / (1 - gone / 2)
        middle[:, end - 1] = new[:, end - 1] if at_visits else (new[:, end - 1] + new[:, end]) / 2
    # later renewals: a lower triangle of the middles, by one product per cell
    padded = np.concatenate([np.zeros((len(first), count)), middle], axis=1)
    later = sliding_window_view(padded, count, axis=1)[:, 1:, ::-1]
    result = first.copy()
    result[:, :, 1:] += np.matmul(steps, np.swapaxes(later, 1, 2))
    return result


def expected_renewals(
    shape: float, scale: float, age: "float | Array", use: "float | Array", steps: int = 800
) -> Array:
    """Expected renewals of Weibull components, each of its own age, over a use.

    :param age: hours today; :param use: hours to come; both in the unit of ``scale``, of shapes that go together.
    :raises ForecastError: unless shape and scale are above zero, ages and uses at least zero.
    """
    ages, uses = np.broadcast_arrays(np.asarray(age, dtype=np.float64), np.asarray(use, dtype=np.float64))
    if not (shape > 0 and scale > 0 and np.all(ages >= 0) and np.all(uses >= 0)):
        raise ForecastError("shape and scale must be above zero, ages and uses at least zero")
    flat, ahead = ages.ravel() / scale, uses.ravel() / scale
    most = float(ahead.max(initial=0.0))
    grid = most * np.linspace(0.0, 1.0, steps + 1)
    start = np.r_[0.0, flat]
    total = np.power(start[:, None] + grid, shape) - np.power(start, shape)[:, None]
    dead = -np.expm1(-total)[None]
    every = _renewals(dead, np.diff(dead, axis=2))[0, 1:]
    place = ahead / max(most, 1e-300) * steps
    below = np.minimum(place.astype(np.int64), steps - 1)
    row = np.arange(len(flat))
    found = every[row, below] + (every[row, below + 1] - every[row, below]) * (place - below)
    return np.asarray(found.reshape(ages.shape))
