"""Which method for which part: a rolling-origin back-test on the pinball loss of lead-time demand.

A part's own few windows are too few to tell good luck from a good method. The first method of the test (the pooled
model) therefore stands unless another one was better in a whole demand class by more than chance explains, or, for
methods meant for certain parts only (seasonal ones), was better for that part by a wide margin.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from forecasting import tables
from forecasting.arrays import Array, Flags, Words
from forecasting.evaluate import cycle_service, pinball, weighted_quantile_loss

LEAST_PARTS = 20
"""Parts a class needs before its comparison says anything."""
SURE = 2.5
"""Standard errors by which a rival must have been better in a class."""
WORTH = 0.02
"""Share of the loss a rival must have saved in a class."""
WIDE = 0.25
"""Share of the loss a seasonal method must have saved for one part."""


@dataclass(frozen=True, eq=False)
class BackTest:
    """What one method would have said at past origins.

    :param mean: expected lead-time demand, shape (origins, parts).
    :param quantiles: shape (origins, parts, probabilities).
    :param eligible: parts the method may be chosen for, shape (parts,).
    """

    name: str
    mean: Array
    quantiles: Array
    eligible: Flags


@dataclass(frozen=True)
class Score:
    """One line of the table of methods, over all parts and origins of the back-test.

    :param wql: weighted quantile loss over the probabilities asked for.
    :param bias: total forecast over total demand, less one.
    :param service: share of windows covered by each quantile.
    """

    method: str
    wql: float
    bias: float
    service: tuple[float, ...]


@dataclass(frozen=True)
class Choice:
    """Where another method than the first is better: by demand class, and by row of a part."""

    by_class: dict[str, str] = field(default_factory=dict)
    by_part: dict[int, str] = field(default_factory=dict)


def quick_quantiles(mean: Array, variance: Array, lot: Array, probabilities: Sequence[float]) -> Array:
    """Quantiles by table for back-tests; shape of ``mean`` and one more axis for the probabilities."""
    unit = np.where(lot > 0, lot, 1.0)
    floor = np.maximum(variance, mean * unit)
    columns = [
        np.where(
            lot > 0,
            np.rint(tables.counted(mean / unit, floor / unit**2, probability)) * unit,
            tables.gamma(mean, variance, probability),
        )
        for probability in probabilities
    ]
    return np.stack(columns, axis=-1)


def choose(actual: Array, tests: Sequence[BackTest], probabilities: Sequence[float], groups: Words) -> Choice:
    """Compare every method with the first one.

    :param actual: lead-time demand from each origin, shape (origins, parts); NaN = not known.
    :param groups: the class of each part, shape (parts,).
    """
    losses = np.stack([_losses(actual, test, probabilities) for test in tests])
    by_class = {str(group): name for group in np.unique(groups) if (name := _best(losses[:, groups == group], tests))}
    by_part = {}
    for row in [number for number, test in enumerate(tests) if not test.eligible.all()]:
        for part in np.flatnonzero(tests[row].eligible):
            rivals = [number for number, test in enumerate(tests) if test.eligible[part]]
            if losses[row, part] <= losses[rivals, part].min() < (1 - WIDE) * losses[0, part]:
                by_part[int(part)] = tests[row].name
    return Choice(by_class, by_part)


def _best(losses: Array, tests: Sequence[BackTest]) -> str | None:
    """The method clearly better than the first for these parts, if there is one."""
    total = losses.sum(axis=1)
    if losses.shape[1] < LEAST_PARTS:
        return None
    for number in sorted(range(len(tests)), key=lambda number: float(total[number])):
        if number == 0:
            return None
        gain = losses[0] - losses[number]
        error = float(np.sqrt(len(gain)) * gain.std())
        if tests[number].eligible.all() and gain.sum() > max(SURE * error, WORTH * total[0]):
            return tests[number].name
    return None


def chosen(choice: Choice, tests: Sequence[BackTest], groups: Words) -> Array:
    """What the methods chosen would have said, shape (origins, parts, probabilities).

    :param groups: the class of each part, shape (parts,).
    """
    said = tests[0].quantiles.copy()
    by_name = {test.name: test.quantiles for test in tests}
    for group, name in choice.by_class.items():
        said[:, groups == group] = by_name[name][:, groups == group]
    for row, name in choice.by_part.items():
        said[:, row] = by_name[name][:, row]
    return said


def table(actual: Array, tests: Sequence[BackTest], probabilities: Sequence[float]) -> tuple[Score, ...]:
    """Scores of all methods over all parts, best first; the all-zero forecast is among them whatever its place."""
    rows = []
    total = float(np.nansum(actual))
    for test in tests:
        gap = float(np.nansum(test.mean - actual))
        service = tuple(cycle_service(actual, test.quantiles[..., column]) for column in range(len(probabilities)))
        wql = weighted_quantile_loss(actual, test.quantiles, probabilities)
        rows.append(Score(test.name, wql, gap / total if total > 0 else float("nan"), service))
    return tuple(sorted(rows, key=lambda row: (np.isnan(row.wql), row.wql)))


def _losses(actual: Array, test: BackTest, probabilities: Sequence[float]) -> Array:
    """Pinball loss of each part, summed over known windows and probabilities, shape (parts,)."""
    losses = [
        np.nansum(pinball(actual, test.quantiles[..., column], tau), axis=0) for column, tau in enumerate(probabilities)
    ]
    return np.asarray(np.sum(losses, axis=0))
