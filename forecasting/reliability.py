"""Whether promises are kept: what share of past lead times each quantile covered, by demand class.

Spare parts are demanded in whole pieces and mostly not at all: no stock covers exactly 90 of 100 lead times, and a
forecast that is right covers more. A promise is therefore held against two shares, of windows whose demand stayed below
the quantile and of those that did not exceed it; and the whole distribution against the randomised probability integral
transform, which is uniform when the forecast is right, whole pieces or not.
C. Czado, T. Gneiting, L. Held, Predictive model assessment for count data, Biometrics 65 (2009).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Words
from forecasting.evaluate import pit_distance

ALL = "all"
BINS = 10
CHANCE = 2.0
"""Standard errors by which a share may miss its promise by chance."""


@dataclass(frozen=True)
class Reliability:
    """The promises of one demand class, checked over past lead times.

    :param demand_class: the class, or "all".
    :param windows: pairs of part and origin whose lead time is wholly known; ``parts`` how many parts they are of.
    :param promised: probabilities asked for.
    :param covered: share of windows whose demand did not exceed the quantile, per promise; ``below`` stayed below it.
    :param pit: share of windows by tenth of the randomised transform; a tenth each when the forecast is right.
    :param distance: largest gap between such a share and a tenth.
    """

    demand_class: str
    windows: int
    parts: int
    promised: tuple[float, ...]
    covered: tuple[float, ...]
    below: tuple[float, ...]
    pit: tuple[float, ...]
    distance: float

    @property
    def kept(self) -> tuple[bool, ...]:
        """Whether each promise lies between both shares, but for chance.

        Windows of one part overlap, so chance is reckoned from the number of parts.
        """
        slack = [CHANCE * float(np.sqrt(share * (1 - share) / max(self.parts, 1))) for share in self.promised]
        return tuple(
            low - error <= share <= high + error
            for share, low, high, error in zip(self.promised, self.below, self.covered, slack, strict=True)
        )


def reliability(
    actual: Array,
    quantiles: Array,
    probabilities: Sequence[float],
    promised: Sequence[float],
    groups: Words,
    seed: int = 0,
) -> tuple[Reliability, ...]:
    """Check every promise in every class that has known windows, all parts together first.

    :param actual: demand of past lead times, shape (origins, parts); NaN = not known.
    :param quantiles: what was said before, shape (origins, parts, probabilities), ascending.
    :param probabilities: of the quantiles, ascending; the more, the finer the transform.
    :param promised: those of them that are checked one by one.
    :param groups: class of each part, shape (parts,).
    """
    values = randomised_pit(actual, quantiles, probabilities, np.random.default_rng(seed))
    columns = [list(probabilities).index(probability) for probability in promised]
    found = []
    for group in (ALL, *np.unique(groups).tolist()):
        mine = np.ones(len(groups), dtype=np.bool_) if group == ALL else groups == group
        known = ~np.isnan(actual[:, mine])
        if not known.any():
            continue
        truth, said, transformed = actual[:, mine][known], quantiles[:, mine][known], values[:, mine][known]
        share = np.histogram(transformed, bins=BINS, range=(0.0, 1.0))[0] / len(transformed)
        found.append(
            Reliability(
                str(group),
                len(truth),
                int(known.any(axis=0).sum()),
                tuple(promised),
                tuple(float((truth <= said[:, column]).mean()) for column in columns),
                tuple(float((truth < said[:, column]).mean()) for column in columns),
                tuple(share.tolist()),
                pit_distance(transformed, BINS),
            )
        )
    return tuple(found)


def randomised_pit(actual: Array, quantiles: Array, probabilities: Sequence[float], rng: np.random.Generator) -> Array:
    """A number uniform between the probabilities of less than the demand and of no more than it; NaN where not known.

    The distribution is known at its quantiles only: a demand that is one of them has at least the probability of the
    highest such quantile and less than that of the next one up; the middle is taken.

    :param actual: any shape; ``quantiles`` that shape and one more axis, ascending.
    """
    edges = np.concatenate([[0.0], np.asarray(probabilities), [1.0]])
    most = (quantiles <= actual[..., None]).sum(axis=-1)
    less = (quantiles < actual[..., None]).sum(axis=-1)
    # between two quantiles it lies anywhere between their probabilities; on one or more of them, from the middle of the
    # step below the first to the middle of the step above the last
    on = most > less
    lower = np.where(on, np.where(less > 0, (edges[less] + edges[less + 1]) / 2, 0.0), edges[less])
    upper = np.where(on, (edges[most] + edges[np.minimum(most + 1, len(edges) - 1)]) / 2, edges[less + 1])
    values = lower + rng.uniform(size=actual.shape) * (upper - lower)
    return np.where(np.isnan(actual), np.nan, values)
