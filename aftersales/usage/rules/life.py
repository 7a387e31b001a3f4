"""The life of a machine by one meter: a pure function of its displays and of what was read on them.

Life = what it had when the display was fitted + display - first display, plus what the display holds for every time it
rolled over. Rules decided here:

- *Rollover*: a fall counts as one only when the display is known to roll over, going over the top is the shorter way
  (less than half of what it holds), and, for hours, the clock allows it. Any other fall is a reading going backwards.
- *Estimates*: measured readings make the curve. An estimate bends it only where it fits between the measured ones; one
  that contradicts them is left out, so that it can never stand in the way of a measured value.
- *Counter-entries*: the last one to a reading stands. A correction counts as measured.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from aftersales.usage.rules.scale import HOUR
from aftersales.vocabulary import ReadingKind

TOLERANCE = 1000
"""Thousandths of an hour by which two clocks may differ when a gain is held against the time elapsed."""


@dataclass(frozen=True, slots=True)
class Counter:
    """What a display is: does it count hours, and at which value (thousandths) does it start from zero again."""

    hours: bool
    rolls_over_at: int | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One display: moment fitted (µs), first value, life by then (``None``: carried on), where it rolls over."""

    started_at: int
    first_display: int
    life_offset: int | None
    rolls_over_at: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger."""

    id: int
    at: int
    display: int
    kind: ReadingKind
    corrects_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What still counts of a reading after its counter-entries."""

    id: int
    at: int
    display: int
    estimated: bool
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the life curve; ``reading_id`` is empty where a display was fitted."""

    at: int
    display: int
    life: int
    estimated: bool = False
    reading_id: int | None = None


def step(counter: Counter, before: int, after: int, elapsed: int) -> int:
    """Return the life gained between two values of one display; negative when it went backwards.

    :param elapsed: microseconds between them.
    """
    gain = after - before
    held = counter.rolls_over_at
    if gain < 0 and held and 2 * (gain + held) < held and in_time(counter, gain + held, elapsed):
        return gain + held
    return gain


def in_time(counter: Counter, gain: int, elapsed: int) -> bool:
    """Tell whether so much can be gained in so much time: hours not faster than the clock, within the tolerance."""
    return not counter.hours or gain <= elapsed * 1000 // HOUR + TOLERANCE


def standing(entries: Iterable[Entry]) -> list[Standing]:
    """Return what stands of each reading, in order of time; voided ones stay, marked."""
    last: dict[int, Entry] = {}
    first: list[Entry] = []
    for entry in sorted(entries, key=lambda entry: entry.id):
        if entry.corrects_id is None:
            first.append(entry)
        else:
            last[entry.corrects_id] = entry
    return sorted((_after(entry, last.get(entry.id)) for entry in first), key=lambda reading: reading.at)


def _after(entry: Entry, counter: Entry | None) -> Standing:
    if counter is None:
        return Standing(entry.id, entry.at, entry.display, entry.kind is ReadingKind.ESTIMATED)
    if counter.kind is ReadingKind.VOID:
        return Standing(entry.id, entry.at, entry.display, entry.kind is ReadingKind.ESTIMATED, voided=True)
    return Standing(entry.id, entry.at, counter.display, estimated=False)


def segment_of(segments: Sequence[Segment], at: int) -> int:
    """Return which display was fitted at a moment; -1 before the first. The moment of a change belongs to the old."""
    index = bisect_right(segments, at, key=lambda segment: segment.started_at) - 1
    return index - 1 if index > 0 and segments[index].started_at == at else index


def curve(hours: bool, segments: Sequence[Segment], readings: Sequence[Standing]) -> list[Point]:
    """Return the life curve: points in order of time, along which life does not fall as long as the ledger is sound.

    :param hours: whether the meter counts hours.
    :param segments: the displays in order of time.
    :param readings: what stands, in order of time.
    """
    split: list[list[Standing]] = [[] for _ in segments]
    for reading in readings:
        index = segment_of(segments, reading.at)
        if index >= 0 and not reading.voided:
            split[index].append(reading)
    points: list[Point] = []
    for segment, inside in zip(segments, split, strict=True):
        carried = points[-1].life if points else 0
        life = carried if segment.life_offset is None else segment.life_offset
        start = Point(segment.started_at, segment.first_display, life)
        points += _along(Counter(hours, segment.rolls_over_at), start, inside)
    return points


def _along(counter: Counter, start: Point, readings: Sequence[Standing]) -> list[Point]:
    """Follow one display: measured readings first, then the estimates that fit between them."""
    measured, gaps = [start], [list[Standing]()]
    for reading in readings:
        if reading.estimated:
            gaps[-1].append(reading)
            continue
        last = measured[-1]
        gain = step(counter, last.display, reading.display, reading.at - last.at)
        measured.append(Point(reading.at, reading.display, last.life + gain, reading_id=reading.id))
        gaps.append([])
    points: list[Point] = []
    for index, (point, gap) in enumerate(zip(measured, gaps, strict=True)):
        points.append(point)
        following = measured[index + 1] if index + 1 < len(measured) else None
        for estimate in gap:
            fitting = _fitted(counter, points[-1], estimate, following)
            if fitting:
                points.append(fitting)
    return points


def _fitted(counter: Counter, last: Point, estimate: Standing, following: Point | None) -> Point | None:
    gain = step(counter, last.display, estimate.display, estimate.at - last.at)
    if gain < 0 or not in_time(counter, gain, estimate.at - last.at):
        return None
    if following is not None:
        onward = step(counter, estimate.display, following.display, following.at - estimate.at)
        if onward < 0 or last.life + gain + onward != following.life:
            return None
    return Point(estimate.at, estimate.display, last.life + gain, estimated=True, reading_id=estimate.id)


def life_on(points: Sequence[Point], at: int) -> int | None:
    """Return the life at a moment: on the straight line between two points, the last value after the last point.

    ``None`` before the first display was fitted.
    """
    index = bisect_right(points, at, key=lambda point: point.at) - 1
    if index < 0:
        return None
    last = points[index]
    if index + 1 == len(points) or last.at == at:
        return last.life
    following = points[index + 1]
    return last.life + (following.life - last.life) * (at - last.at) // (following.at - last.at)


def never_falls(points: Sequence[Point]) -> bool:
    """Tell whether life never falls along a curve."""
    return all(before.life <= after.life for before, after in pairwise(points))
