"""What sort of demand a part has, and where it stands in its life."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from forecasting.arrays import Array, Flags, Integers, Words
from forecasting.demand import DemandPanel

ADI_CUT = 1.32
CV2_CUT = 0.49
LEAST_PERIODS = 6
"""With fewer known periods than this a part is new: its numbers say nothing yet."""


AT_ONCE = 5_000
"""Parts worked on at once, so that they stay in the processor's cache."""


class DemandClass(StrEnum):
    """The four classes of Syntetos, Boylan & Croston, and the two that have no numbers to be classed by."""

    SMOOTH = "smooth"
    INTERMITTENT = "intermittent"
    ERRATIC = "erratic"
    LUMPY = "lumpy"
    NO_DEMAND = "no demand"
    NEW = "new"


class Phase(StrEnum):
    """Where a part stands in its life."""

    LAUNCH = "launch"
    MATURE = "mature"
    RUN_DOWN = "run-down"
    DEAD = "dead"


@dataclass(frozen=True, eq=False)
class Classes:
    """Demand class and its two measures for every part.

    :param interval: ADI, mean periods between demands; infinite without demand.
    :param cv2: squared coefficient of variation of the demand sizes; 0 with fewer than two demands.
    """

    demand_class: Words
    phase: Words
    interval: Array
    cv2: Array

    def rows(self, rows: Integers) -> "Classes":
        """The classes of the parts at these rows."""
        return Classes(self.demand_class[rows], self.phase[rows], self.interval[rows], self.cv2[rows])


def classify(panel: DemandPanel) -> Classes:
    """Class every part by mean demand interval (1.32) and squared variation of demand sizes (0.49).

    ADI = known periods / periods with demand; CV² = sample variance of the sizes / their squared mean.
    Missing periods count nowhere. A part with fewer than six known periods is new, whatever they hold.

    A. A. Syntetos, J. E. Boylan, J. D. Croston, On the categorization of demand patterns,
    Journal of the Operational Research Society 56 (2005).
    """
    found = [_classify(panel.demand[rows], panel.periods.season) for rows in panel.runs()]
    if not found:
        return _classify(panel.demand, panel.periods.season)
    return Classes(
        np.concatenate([part.demand_class for part in found]),
        np.concatenate([part.phase for part in found]),
        np.concatenate([part.interval for part in found]),
        np.concatenate([part.cv2 for part in found]),
    )


def _classify(demand: Array, year: int) -> Classes:
    known = (~np.isnan(demand)).sum(axis=1)
    hit = np.nan_to_num(demand) > 0
    hits = hit.sum(axis=1)
    interval = np.where(hits > 0, known / np.maximum(hits, 1), np.inf)
    cv2 = _cv2(demand, hit)
    names = np.select(
        [known < LEAST_PERIODS, hits == 0, (interval < ADI_CUT) & (cv2 < CV2_CUT), interval < ADI_CUT, cv2 < CV2_CUT],
        [DemandClass.NEW, DemandClass.NO_DEMAND, DemandClass.SMOOTH, DemandClass.ERRATIC, DemandClass.INTERMITTENT],
        DemandClass.LUMPY,
    )
    return Classes(names.astype(np.str_), _phases(demand, interval, year), interval, cv2)


def _cv2(demand: Array, hit: Flags) -> Array:
    sizes = np.where(hit, demand, 0.0)
    hits = hit.sum(axis=1)
    mean = sizes.sum(axis=1) / np.maximum(hits, 1)
    apart = np.where(hit, sizes - mean[:, None], 0.0)
    squares = np.einsum("ij,ij->i", apart, apart)
    variance = squares / np.maximum(hits - 1, 1)
    return np.where(hits > 1, variance / np.maximum(np.square(mean), 1e-300), 0.0)


def _phases(demand: Array, interval: Array, year: int) -> Words:
    """Life-cycle phase: when demand began and ended, and whether the last year fell well below those before.

    Dead: nothing for two years and four mean intervals. Launch: known or demanded for less than a year only.
    Run-down: periods with demand in the last year fewer than the years before lead to expect, by two deviations.
    """
    count = demand.shape[1]
    hit = np.nan_to_num(demand) > 0
    any_hit = hit.any(axis=1)
    first = np.where(any_hit, hit.argmax(axis=1), count)
    silent = np.where(any_hit, hit[:, ::-1].argmax(axis=1), count)
    known = ~np.isnan(demand)
    recent, recent_known = hit[:, -year:].sum(axis=1), known[:, -year:].sum(axis=1)
    past, past_known = hit[:, :-year].sum(axis=1), known[:, :-year].sum(axis=1)
    expected = past / np.maximum(past_known, 1) * recent_known
    falling = (past_known >= year) & (recent < expected - 2 * np.sqrt(expected))
    dead = (silent >= 2 * year) & (silent >= 4 * np.where(any_hit, interval, 0.0))
    launch = any_hit & ((count - first <= year) | (known.sum(axis=1) <= year))
    return np.select([dead, launch, falling], [Phase.DEAD, Phase.LAUNCH, Phase.RUN_DOWN], Phase.MATURE).astype(np.str_)
