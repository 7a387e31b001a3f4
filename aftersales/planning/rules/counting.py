"""One need for a part leaves several traces: it is counted once.

A pump fails (failure record), one is taken from the store (stock issue), the old one comes out and the new one goes in
(removal and installation). The issue counts; a replacement counts where no issue was booked; a failure counts where
neither was, because it is still open or the replacement was never recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.arrays import Flags

BEFORE = pd.Timedelta(days=1)
"""Days alone are often booked: what mends a failure may seem to lie a few hours before it."""
WINDOW = pd.Timedelta(days=30)
"""A failure and what mended it, or an issue and its installation, lie at most this far apart."""
FOREVER = pd.Timedelta(days=36_500)
REPLACED = ("failure", "planned")


@dataclass(frozen=True, eq=False)
class Traces:
    """What was recorded of an organisation's parts, each frame with ``at`` in UTC; an empty order or machine is NaN.

    :param issues: part, at, quantity (returns below zero), order, machine, serial.
    :param stays: components in positions: component, part, own (a part of the organisation's catalogue), serial,
        machine, position, slot, at, until, reason (of the removal), order (of the installation), meter_in, meter_out
        (the machine's life hours), brought (hours the component had when first recorded).
    :param failures: part, at, machine, order, closed (the order that answered it is closed).
    """

    issues: pd.DataFrame
    stays: pd.DataFrame
    failures: pd.DataFrame


def count_once(traces: Traces, window: pd.Timedelta = WINDOW) -> pd.DataFrame:
    """Return demand: part, at, quantity, source (``consumption``, ``return``, ``replacement`` or ``failure``).

    With the machine and the order of each need, as far as they are known.
    """
    issues = traces.issues.reset_index(drop=True)
    used = issues[issues["quantity"] > 0].sort_values("at", kind="stable").reset_index(drop=True)
    back = issues[issues["quantity"] < 0]
    put_in = replacements(traces.stays)
    left = used["quantity"].to_numpy(dtype=np.float64).copy()
    for keys, before, after in (
        (("part", "serial"), window, window),
        (("order", "part"), FOREVER, FOREVER),
        (("machine", "part"), window, window),
    ):
        # Two different orders are two different jobs, however close in time.
        free = put_in[put_in["order"].isna()] if keys[0] == "machine" else put_in
        put_in = put_in.drop(free.index[absorbed(free, used, left, keys, before, after)])
    broken = unmended(traces.failures, used, put_in, window)
    frames = [
        used.assign(source="consumption"),
        back.assign(source="return"),
        put_in.assign(source="replacement", quantity=1.0),
        broken.assign(source="failure", quantity=1.0),
    ]
    columns = ["part", "at", "quantity", "source", "machine", "order"]
    found = [frame[columns] for frame in frames if len(frame)]
    if not found:
        return pd.DataFrame({name: [] for name in columns}).assign(at=pd.to_datetime([], utc=True))
    return pd.concat(found).sort_values(["at", "part"], kind="stable").reset_index(drop=True)


def replacements(stays: pd.DataFrame) -> pd.DataFrame:
    """Return the installations of own parts that replaced a unit removed for failure or as planned.

    The first unit of a position is production, not demand, and a unit that was in a machine before is refitted, not
    consumed. Where the next unit of a position came later than the removal does not matter.
    """
    ordered = stays.sort_values(["machine", "position", "slot", "at"], kind="stable")
    before = ordered.groupby(["machine", "position", "slot"], sort=False)[["component", "reason"]].shift()
    first = ordered.groupby("component", sort=False)["at"].transform("min") == ordered["at"]
    new = (before["component"] != ordered["component"]) & first
    found = ordered[before["reason"].isin(REPLACED) & new & ordered["own"].astype(bool)]
    return found.sort_values("at", kind="stable").reset_index(drop=True)


def unmended(
    failures: pd.DataFrame, used: pd.DataFrame, put_in: pd.DataFrame, window: pd.Timedelta = WINDOW
) -> pd.DataFrame:
    """Return the failures that nothing recorded mended and nobody closed.

    A failure answered by a closed order counts through what that order used, even if that was nothing: then it was
    mended without a part. Units an order used for its own failures mend no other one.

    :param used: issues with a positive quantity.
    :param put_in: replacements without an issue.
    """
    broken = failures.sort_values("at", kind="stable").reset_index(drop=True)
    columns = ["part", "at", "quantity", "machine", "order"]
    lines = pd.concat([used[columns], put_in.assign(quantity=1.0)[columns]]) if len(put_in) else used[columns]
    lines = lines.sort_values("at", kind="stable").reset_index(drop=True)
    left = lines["quantity"].to_numpy(dtype=np.float64).copy()
    mended = absorbed(broken, lines, left, ("order", "part"), FOREVER, FOREVER) | broken["closed"].astype(bool)
    open_ones = broken[~mended]
    later = absorbed(open_ones, lines, left, ("machine", "part"), BEFORE, window)
    return open_ones[~later]


def absorbed(
    events: pd.DataFrame,
    lines: pd.DataFrame,
    left: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]",
    keys: Sequence[str],
    before: pd.Timedelta,
    after: pd.Timedelta,
) -> "pd.Series[bool]":
    """Tell which events belong to a line with the same keys that lies at most so far before or after them.

    Events take units in order of time, each the earliest line that has one left. An empty key matches nothing.

    :param left: units each line still has, shape (lines,); lowered in place.
    :returns: by the index of the events.
    """
    found: Flags = np.zeros(len(events), dtype=np.bool_)
    by_key: dict[tuple[object, ...], list[int]] = {}
    known = lines[list(keys)].notna().all(axis=1).to_numpy()
    for row, key in enumerate(zip(*(lines[name] for name in keys), strict=True)):
        if known[row]:
            by_key.setdefault(key, []).append(row)
    line_at, event_at = _microseconds(lines["at"]), _microseconds(events["at"])
    early, late = int(before.total_seconds() * 1e6), int(after.total_seconds() * 1e6)
    usable = events[list(keys)].notna().all(axis=1).to_numpy()
    for row, key in enumerate(zip(*(events[name] for name in keys), strict=True)):
        if not usable[row]:
            continue
        for line in by_key.get(key, ()):
            if left[line] >= 1 and event_at[row] - early <= line_at[line] <= event_at[row] + late:
                left[line] -= 1
                found[row] = True
                break
    return pd.Series(found, index=events.index, dtype=bool)


def _microseconds(at: "pd.Series[pd.Timestamp]") -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    return np.asarray(pd.to_datetime(at, utc=True).dt.as_unit("us").astype("int64"), dtype=np.int64)
