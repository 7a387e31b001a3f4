"""How hard a machine works, how sure that is, and what its meter will show.

Method: life is taken as a process with independent increments of mean *r* and variance *s²* a day. The window (12
months, or as much of it as was observed) is cut at readings about a fortnight apart into blocks of *w* days with a gain
*g*:

- the window begins on the straight line between the readings before and after its first moment;
- *r* = Σg / Σw, so gaps between readings and standstills count with the days they last, no more and no less;
- *s²* = Σ (g - r·w)² / w / (n - 1), from n blocks;
- a gain over the next *d* days has the variance s²·d (its own) + s²·d² / Σw (of the mean).

Intervals are two-sided 90 % by Student's t with n - 1 degrees of freedom (the linearised ratio estimator, Cochran,
*Sampling Techniques*, 3rd ed. 1977, section 6.3), cut off where no meter can go: below zero and, for hours, above 24 a
day. One block tells no spread: the interval is then all that is possible.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from math import inf, sqrt

from scipy.special import stdtrit

from aftersales.usage.rules.life import Point, life_on
from aftersales.usage.rules.scale import DAY

WINDOW_DAYS = 365
BLOCK_DAYS = 14
CONFIDENCE = 0.90
HOURS_A_DAY = 24.0
FARTHEST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Utilisation:
    """Units a day with a 90 % interval.

    ``high`` is empty when nothing bounds it; ``days_observed`` are the days it rests on; ``spread`` is the standard
    deviation of one day's gain (empty when one block tells none); ``blocks`` how many pieces were compared.
    """

    per_day: float
    low: float
    high: float | None
    days_observed: float
    spread: float | None = None
    blocks: int = 0
    limit: float | None = HOURS_A_DAY


@dataclass(frozen=True, slots=True)
class Prediction:
    """A life value to come, with its 90 % interval; ``high`` is empty when nothing bounds it."""

    life: Decimal
    low: Decimal
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class PredictedDay:
    """The day a life value is reached, with its 90 % interval; ``latest`` is empty when it may never be."""

    day: date
    earliest: date
    latest: date | None


def rate_of(points: Sequence[Point], until: int, *, hours: bool) -> Utilisation | None:
    """Return the utilisation over the 12 months up to a moment; ``None`` when less than a day was observed.

    :param points: the life curve in order of time; two points a fortnight are enough.
    :param until: end of the window, µs.
    :param hours: whether the meter counts hours, which bounds it to 24 a day.
    """
    blocks = _blocks(points, until)
    days = sum(width for width, _ in blocks)
    if days < 1:
        return None
    limit = HOURS_A_DAY if hours else None
    rate = sum(gain for _, gain in blocks) / days
    if len(blocks) < 2:
        return Utilisation(rate, 0.0, limit, days, None, len(blocks), limit)
    variance = sum((gain - rate * width) ** 2 / width for width, gain in blocks) / (len(blocks) - 1)
    half = _t(len(blocks)) * sqrt(variance / days)
    high = rate + half if limit is None else min(rate + half, limit)
    return Utilisation(rate, max(rate - half, 0.0), high, days, sqrt(variance), len(blocks), limit)


def _t(blocks: int) -> float:
    return float(stdtrit(blocks - 1, (1 + CONFIDENCE) / 2))


def _blocks(points: Sequence[Point], until: int) -> list[tuple[float, float]]:
    """Return (days, gain) between points at least about a fortnight apart, newest last."""
    start = until - WINDOW_DAYS * DAY
    before = life_on(points, start)
    inside = [point for point in points if start < point.at <= until]
    if before is not None and inside:
        inside.insert(0, Point(start, 0, before))
    kept: list[Point] = []
    for point in inside:
        if not kept or point.at - kept[-1].at >= (BLOCK_DAYS - 1) * DAY:
            kept.append(point)
    if kept and inside[-1].at > kept[-1].at:
        if len(kept) > 1 and inside[-1].at - kept[-1].at < BLOCK_DAYS * DAY // 2:
            kept[-1] = inside[-1]
        else:
            kept.append(inside[-1])
    return [((after.at - before.at) / DAY, (after.life - before.life) / 1000) for before, after in pairwise(kept)]


def predict_life(life: Decimal, days: float, use: Utilisation) -> Prediction:
    """Return the life expected ``days`` after the latest reading (zero or less: the life now).

    :param life: life at the latest reading.
    """
    days = max(days, 0.0)
    gain = use.per_day * days
    if use.spread is None:
        low, high = 0.0, None if use.limit is None else use.limit * days
    else:
        half = _t(use.blocks) * _deviation(use, days)
        low = max(gain - half, 0.0)
        high = gain + half if use.limit is None else min(gain + half, use.limit * days)
    return Prediction(life + _places(gain), life + _places(low), None if high is None else life + _places(high))


def _places(value: float) -> Decimal:
    return Decimal(f"{value:.1f}")


def _deviation(use: Utilisation, days: float) -> float:
    return (use.spread or 0.0) * sqrt(days + days * days / use.days_observed)


def predict_day(life: Decimal, on: date, wanted: Decimal, use: Utilisation) -> PredictedDay | None:
    """Return the day a life value is reached; ``None`` when at this rate it is not within ten years.

    A value passed already gives the day it was passed at this rate.

    :param life: life at the latest reading, taken on day ``on``.
    """
    missing = float(wanted - life)
    if use.per_day <= 0:
        return PredictedDay(on, on, on) if missing <= 0 else None
    days = missing / use.per_day
    if abs(days) > FARTHEST_DAYS:
        return None
    earliest, latest = _interval(missing, days, use)
    return PredictedDay(
        on + timedelta(days=round(days)),
        on + timedelta(days=round(earliest)),
        on + timedelta(days=round(latest)) if latest <= FARTHEST_DAYS else None,
    )


def _interval(missing: float, days: float, use: Utilisation) -> tuple[float, float]:
    """Days until a gain is reached at the edges of its interval, by halving; nothing is uncertain in the past."""
    if days <= 0:
        return days, days
    if use.spread is None:
        return (missing / use.limit if use.limit else 0.0), inf
    factor = _t(use.blocks)

    def reached(sign: int, after: float) -> bool:
        return use.per_day * after + sign * factor * _deviation(use, after) >= missing

    soonest = _first_true(lambda after: reached(1, after), 0.0, days)
    if use.limit:
        soonest = max(soonest, missing / use.limit)
    latest = _first_true(lambda after: reached(-1, after), days, 2.0 * FARTHEST_DAYS)
    return min(soonest, days), latest


def _first_true(holds: Callable[[float], bool], low: float, high: float) -> float:
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
