"""Trying a reading against what stands on a meter: accepted, the same once more, or refused with its neighbours."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from aftersales.translate import N_
from aftersales.usage.rules.life import Counter, Point, Segment, Standing, curve, in_time, segment_of, step
from aftersales.usage.rules.scale import HOUR, said, said_at

CLOCKS_DIFFER = 5 * 60 * 1_000_000
"""Microseconds by which a reading may be ahead of our clock."""


class Outcome(StrEnum):
    """What became of a reading handed in."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a reading is refused: a stable code, and a sentence with its parameters apart."""

    code: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of trying a reading. ``counters`` is the estimate of the same moment that it takes the place of."""

    outcome: Outcome
    reading_id: int | None = None
    counters: int | None = None
    refusal: Refusal | None = None


ACCEPTED = Verdict(Outcome.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Mark:
    """A value the display is believed to have shown; ``reading_id`` is empty where a display was fitted."""

    segment: int
    at: int
    display: int
    estimated: bool = False
    reading_id: int | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in time; the moment of a change of displays counts twice."""
        return self.segment, self.at


class Ledger:
    """What stands on one meter, in order of time; readings can be tried against it and added.

    :param hours: whether the meter counts hours.
    :param segments: its displays in order of time, at least one.
    :param readings: what stands, in order of time.
    """

    def __init__(self, hours: bool, segments: Sequence[Segment], readings: Sequence[Standing]) -> None:
        self.hours = hours
        self.segments = list(segments)
        self.readings = list(readings)
        self._voided = {reading.at: reading for reading in readings if reading.voided}
        self._marks = sorted(
            [Mark(index, segment.started_at, segment.first_display) for index, segment in enumerate(segments)]
            + [self._mark(reading) for reading in readings if not reading.voided],
            key=lambda mark: (mark.place, mark.reading_id is not None),
        )

    def _mark(self, reading: Standing) -> Mark:
        segment = segment_of(self.segments, reading.at)
        return Mark(segment, reading.at, reading.display, reading.estimated, reading.id)

    def points(self) -> list[Point]:
        """Return the life curve."""
        return curve(self.hours, self.segments, self.readings)

    def unsettled(self, latest: Point) -> bool:
        """Tell whether a newer reading has to be held against more than the latest point of the curve."""
        return latest.estimated or any(reading.at > latest.at for reading in self.readings)

    def add(self, reading: Standing, *, counters: int | None = None) -> None:
        """Take in a reading that was accepted."""
        if counters is not None:
            self.remove(counters)
        mark = self._mark(reading)
        self._marks.insert(bisect_right(self._marks, mark.place, key=lambda other: other.place), mark)
        index = bisect_right(self.readings, reading.at, key=lambda other: other.at)
        self.readings.insert(index, reading)

    def remove(self, reading_id: int) -> Standing:
        """Take a reading out, as one does to try another value in its place."""
        self._marks = [mark for mark in self._marks if mark.reading_id != reading_id]
        found = next(reading for reading in self.readings if reading.id == reading_id)
        self.readings.remove(found)
        self._voided.pop(found.at, None)
        return found

    def void(self, reading_id: int) -> None:
        """Mark a reading as not counting any more."""
        found = replace(self.remove(reading_id), voided=True)
        self._voided[found.at] = found
        self.readings.insert(bisect_right(self.readings, found.at, key=lambda other: other.at), found)

    def place(self, at: int, display: int, *, estimated: bool, now: int, correcting: bool = False) -> Verdict:
        """Try a reading.

        A measured one is held against its measured neighbours only, an estimate against all of them. It must not go
        backwards, not count faster than the clock, and not change the life of a later reading.

        :param at: moment of the reading, microseconds.
        :param display: what the display showed, thousandths.
        :param now: present moment; later readings are refused.
        :param correcting: the reading was taken out to try another value; that may change the life of later ones.
        """
        segment = segment_of(self.segments, at)
        refusal = self._impossible(segment, at, display, now)
        if refusal:
            return Verdict(Outcome.REFUSED, refusal=refusal)
        place = (segment, at)
        index = bisect_left(self._marks, place, key=lambda mark: mark.place)
        there = [mark for mark in self._marks[index : index + 2] if mark.place == place and mark.reading_id is not None]
        counters = None
        if there:
            verdict = self._same_moment(there[0], display, estimated)
            if verdict:
                return verdict
            counters = there[0].reading_id
        before, after = self._neighbours(place, believed=not estimated, without=counters)
        counter = Counter(self.hours, self.segments[segment].rolls_over_at)
        refusal = _between(counter, before, after, Mark(segment, at, display), keep=not correcting)
        if refusal:
            return Verdict(Outcome.REFUSED, refusal=refusal)
        return Verdict(Outcome.ACCEPTED, counters=counters)

    def _impossible(self, segment: int, at: int, display: int, now: int) -> Refusal | None:
        if at > now + CLOCKS_DIFFER:
            message = N_("%(at)s lies in the future")
            return Refusal("reading_in_future", message, {"at": said_at(at)})
        if segment < 0:
            message = N_("The meter was fitted on %(fitted)s; there can be no reading of %(at)s")
            started = said_at(self.segments[0].started_at) if self.segments else "-"
            return Refusal("reading_before_meter", message, {"at": said_at(at), "fitted": started})
        held = self.segments[segment].rolls_over_at
        if held and display >= held:
            message = N_("This display starts again from zero at %(limit)s; it cannot show %(display)s")
            return Refusal("display_over_range", message, {"limit": said(held), "display": said(display)})
        if at in self._voided:
            message = N_("The reading of %(at)s was withdrawn; correct that one if it is to count again")
            return Refusal("reading_voided", message, {"at": said_at(at)})
        return None

    @staticmethod
    def _same_moment(there: Mark, display: int, estimated: bool) -> Verdict | None:
        """Judge a reading of a moment that has one; ``None`` when it may take the place of an estimate."""
        if there.estimated and not estimated:
            return None
        if there.display == display:
            return Verdict(Outcome.DUPLICATE, reading_id=there.reading_id)
        message = N_("The reading of %(at)s is already recorded as %(recorded)s; correct that one instead")
        params: dict[str, Any] = {"at": said_at(there.at), "recorded": said(there.display)}
        return Verdict(Outcome.REFUSED, refusal=Refusal("reading_conflict", message, params))

    def _neighbours(self, place: tuple[int, int], *, believed: bool, without: int | None) -> tuple[Mark, Mark | None]:
        """Return the marks before and after a place on the same display; ``believed`` passes over estimates."""
        index = bisect_left(self._marks, place, key=lambda mark: mark.place)
        if (
            self._marks[index : index + 1]
            and self._marks[index].place == place
            and (self._marks[index].reading_id is None)
        ):
            index += 1
        back = index - 1
        while believed and self._marks[back].estimated:
            back -= 1
        ahead = index
        while ahead < len(self._marks) and (
            self._marks[ahead].reading_id == without is not None or (believed and self._marks[ahead].estimated)
        ):
            ahead += 1
        after = self._marks[ahead] if ahead < len(self._marks) and self._marks[ahead].segment == place[0] else None
        return self._marks[back], after


def _between(counter: Counter, before: Mark, after: Mark | None, new: Mark, *, keep: bool) -> Refusal | None:
    """Hold a value against its neighbours; ``keep`` the gain from one neighbour to the other as it is."""
    gain = step(counter, before.display, new.display, new.at - before.at)
    fits = gain >= 0 and in_time(counter, gain, new.at - before.at)
    params: dict[str, Any] = {
        "display": said(new.display),
        "at": said_at(new.at),
        "before": said(before.display),
        "before_at": said_at(before.at),
    }
    if after is not None:
        onward = step(counter, new.display, after.display, after.at - new.at)
        whole = step(counter, before.display, after.display, after.at - before.at)
        fits = fits and onward >= 0 and in_time(counter, onward, after.at - new.at)
        if fits and (not keep or gain + onward == whole):
            return None
        message = N_(
            "%(display)s on %(at)s does not fit between %(before)s on %(before_at)s and %(after)s on %(after_at)s"
        )
        return Refusal(
            "reading_not_between", message, params | {"after": said(after.display), "after_at": said_at(after.at)}
        )
    if fits:
        return None
    if gain < 0:
        message = N_("%(display)s on %(at)s goes backwards: the last good reading is %(before)s on %(before_at)s")
        return Refusal("reading_backwards", message, params)
    message = N_(
        "%(display)s on %(at)s is %(gain)s hours more than %(before)s on %(before_at)s, but only %(elapsed)s hours "
        "went by: a meter does not run faster than the clock"
    )
    elapsed = said((new.at - before.at) * 1000 // HOUR)
    return Refusal("reading_jumps", message, params | {"gain": said(gain), "elapsed": elapsed})
