"""What stood in each position, one component after the other, also where a record is missing.

Records of the field have holes. A position of a working machine does not stay empty after a failure, so a component
that nobody booked is put where a chain has a gap; a component that nobody booked out ends where the next one begins.
"""

import math
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.installed_base.fleet import Fleet, Reason

FIRST_FIT = 31.0
"""Days after commissioning within which the first component of a position belongs to the new machine."""
GAP = 60.0
"""Days between a removal and the next installation beyond which a component in between went unbooked."""


@dataclass(frozen=True, eq=False)
class Stays:
    """Stays of components as known at an origin, one row each, those put into gaps among them.

    :param machine: row of the machine; :param part: row of the part.
    :param start: day it came in, not before commissioning; :param end: last day observed, at most the origin.
    :param initial: hours it came in with.
    :param reason: values of ``Reason``; RUNNING also for a stay cut off by retirement of the machine.
    :param running: still at work at the origin.
    :param extra: True where the installation itself was a demand no removal tells of.
    """

    machine: Integers
    part: Integers
    start: Array
    end: Array
    initial: Array
    reason: Integers
    running: Flags
    extra: Flags


def stays(fleet: Fleet, today: float) -> Stays:
    """Stays of all components from records before a day.

    :param today: first day that is not known.
    """
    rows = fleet.installations
    begun = fleet.machines.commissioned[rows.machine]
    known = np.flatnonzero((rows.installed < today) & (begun < today))
    key = _positions(fleet)[known]
    order = np.lexsort((rows.removed[known], rows.installed[known], key))
    chosen, key = known[order], key[order]
    installed = np.maximum(rows.installed[chosen], begun[chosen])
    removed = np.where(rows.removed[chosen] < today, rows.removed[chosen], np.nan)
    reason = np.where(np.isnan(removed), int(Reason.RUNNING), rows.reason[chosen])
    slot = _slots(key, installed, removed)
    if slot.any():
        again = np.lexsort((installed, slot, key))
        chosen, key, installed, removed, reason, slot = (
            values[again] for values in (chosen, key, installed, removed, reason, slot)
        )
    chain = _Chain(fleet, today, chosen, key, installed, removed, reason, slot)
    return chain.whole()


def _positions(fleet: Fleet) -> Integers:
    """One number per machine, part and position."""
    rows = fleet.installations
    if not len(rows):
        return np.zeros(0, dtype=np.int64)
    low = int(rows.position.min())
    width = int(rows.position.max()) - low + 1
    return np.asarray((rows.machine * len(fleet.parts) + rows.part) * width + (rows.position - low))


def _slots(key: Integers, installed: Array, removed: Array) -> Integers:
    """Which of several places in one position each stay took; 0 where a position holds one component at a time."""
    slot = np.zeros(len(key), dtype=np.int64)
    same = key[1:] == key[:-1]
    overlap = same & ~(removed[:-1] <= installed[1:] + 1.0)
    if not overlap.any():
        return slot
    heads = np.flatnonzero(np.r_[True, ~same])
    tails = np.r_[heads[1:], len(key)]
    for group in np.unique(np.searchsorted(heads, np.flatnonzero(overlap), side="right") - 1):
        first, last = int(heads[group]), int(tails[group])
        slot[first:last] = _shared(installed[first:last].tolist(), removed[first:last].tolist())
    return slot


def _shared(installed: list[float], removed: list[float]) -> list[int]:
    """Places of stays of one position: as many as components came in at the start and were not gone that day."""
    start = installed[0] + 1.0
    first = sum(day <= start and not gone <= start for day, gone in zip(installed, removed, strict=True))
    places = max(first, 1)
    until: list[float] = []
    taken = []
    for day, gone in zip(installed, removed, strict=True):
        if len(until) < places:
            place = len(until)
            until.append(0.0)
        else:
            free = [index for index, end in enumerate(until) if end <= day + 1.0]
            place = max(free, key=until.__getitem__) if free else min(range(places), key=until.__getitem__)
        until[place] = np.inf if math.isnan(gone) else gone
        taken.append(place)
    return taken


class _Chain:
    """Stays in order of position, place and day."""

    def __init__(
        self,
        fleet: Fleet,
        today: float,
        chosen: Integers,
        key: Integers,
        installed: Array,
        removed: Array,
        reason: Integers,
        slot: Integers,
    ) -> None:
        rows = fleet.installations
        self.today = today
        self.machine, self.part, self.initial = rows.machine[chosen], rows.part[chosen], rows.initial_hours[chosen]
        self.position = rows.position[chosen]
        self.installed, self.removed, self.reason = installed, removed, reason
        retired = fleet.machines.retired[self.machine]
        self.stop = np.fmin(np.where(np.isnan(retired), today, retired), today)
        self.begun = fleet.machines.commissioned[self.machine]
        linked = (key[1:] == key[:-1]) & (slot[1:] == slot[:-1])
        self.first = np.r_[True, ~linked] if len(key) else np.zeros(0, dtype=np.bool_)
        self.following = np.append(np.where(linked, installed[1:], np.nan), np.nan)[: len(key)]

    def whole(self) -> Stays:
        """All stays, closed where the next begins, and those missing in between."""
        unbooked = np.isnan(self.removed) & ~np.isnan(self.following)
        removed = np.where(unbooked, self.following, self.removed)
        reason = np.where(unbooked, int(Reason.FAILURE), self.reason)
        # what happens on the last day of a machine is its scrapping
        gone = removed < self.stop
        reason = np.where(gone, reason, int(Reason.RUNNING))
        end = np.fmin(np.where(gone, removed, self.stop), self.stop)
        active = self.stop >= self.today
        running = np.isnan(removed) & active
        late = self.first & (self.initial <= 0) & (self.installed > self.begun + FIRST_FIT)
        replaced = gone & ((reason == Reason.FAILURE) | (reason == Reason.PLANNED))
        last = replaced & np.isnan(self.following) & ~self._succeeded(removed)
        hole = np.flatnonzero((replaced & (self.following > removed + GAP)) | last)
        ended = self.following[hole] < self.stop[hole]
        stop = np.where(ended, self.following[hole], self.stop[hole])
        put = np.where(ended, int(Reason.FAILURE), int(Reason.RUNNING))
        return Stays(
            np.r_[self.machine, self.machine[hole]],
            np.r_[self.part, self.part[hole]],
            np.r_[self.installed, removed[hole]],
            np.r_[np.maximum(end, self.installed), np.maximum(stop, removed[hole])],
            np.r_[self.initial, np.zeros(len(hole))],
            np.r_[reason, put],
            np.r_[running, ~ended & active[hole]],
            np.r_[late, np.zeros(len(hole), dtype=np.bool_)],
        )

    def _succeeded(self, removed: Array) -> Flags:
        """Where another part took over a position: its own chain begins there when this one ends."""
        fresh = np.flatnonzero(self.first & (self.installed > self.begun + FIRST_FIT))
        result = np.zeros(len(removed), dtype=np.bool_)
        if not len(fresh):
            return result
        ends = np.flatnonzero(~np.isnan(removed) & np.isnan(self.following))
        width = int(self.position.max()) + 1
        low = int(min(self.position.min(), 0))
        place = self.machine * (width - low) + (self.position - low)
        span = 1e7
        begins = np.sort(place[fresh] * span + self.installed[fresh])
        wanted = place[ends] * span + removed[ends]
        found = np.searchsorted(begins, wanted - GAP)
        near = begins[np.minimum(found, len(begins) - 1)]
        result[ends] = (found < len(begins)) & (near <= wanted + GAP)
        return result
