"""From failures and consumption to demand: what belongs together counts once, outages of data stay missing."""

from collections import deque
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from forecasting.arrays import Flags, Integers
from forecasting.demand import DemandPanel, Returns
from forecasting.errors import PanelError
from forecasting.periods import Frequency, PeriodIndex


def count_once(failures: pd.DataFrame, consumptions: pd.DataFrame, window: pd.Timedelta) -> pd.DataFrame:
    """Demand records in which a failure and the replacement that mended it count once.

    Every consumption is demand. A failure is demand of one piece only when no consumption of the same part on the
    same machine follows within ``window`` (the repair is still open or was never booked). A consumption of n pieces
    mends at most n failures, oldest first. A negative quantity is a return and mends nothing.

    :param failures: columns machine_id, part_id, at.
    :param consumptions: columns machine_id, part_id, at, quantity.
    :returns: columns machine_id, part_id, at, quantity, source (``replacement`` or ``failure``), by time.
    :raises PanelError: for a missing column.
    """
    _require(failures, ("machine_id", "part_id", "at"), "failures")
    _require(consumptions, ("machine_id", "part_id", "at", "quantity"), "consumptions")
    keys = ["machine_id", "part_id", "at"]
    broken = failures[keys].assign(quantity=1.0, source="failure").sort_values("at", kind="stable")
    used = consumptions[[*keys, "quantity"]].assign(source="replacement").sort_values("at", kind="stable")
    lonely = broken.loc[~_mended(broken, used, window)]
    parts = [frame for frame in (used, lonely) if len(frame)]
    records = pd.concat(parts) if parts else used
    return records.sort_values(["at", "machine_id", "part_id"], kind="stable").reset_index(drop=True)


def _mended(broken: pd.DataFrame, used: pd.DataFrame, window: pd.Timedelta) -> Flags:
    """Which failures a later consumption mended: one walk through both lists in order of time."""
    open_lines: dict[tuple[object, object], deque[list[float]]] = {}
    for machine, part, at, quantity in zip(
        used["machine_id"], used["part_id"], _microseconds(used["at"]), used["quantity"], strict=True
    ):
        if quantity > 0:
            open_lines.setdefault((machine, part), deque()).append([float(at), float(quantity)])
    width = window.total_seconds() * 1e6
    mended = np.zeros(len(broken), dtype=np.bool_)
    moments = _microseconds(broken["at"])
    for row, (machine, part, at) in enumerate(zip(broken["machine_id"], broken["part_id"], moments, strict=True)):
        lines = open_lines.get((machine, part), deque())
        while lines and (lines[0][0] < at or lines[0][1] <= 0):
            lines.popleft()
        if lines and lines[0][0] <= at + width:
            lines[0][1] -= 1
            mended[row] = True
    return mended


def _microseconds(at: "pd.Series[pd.Timestamp]") -> Integers:
    """Moments as whole microseconds, whatever the resolution they came in."""
    return np.asarray(pd.to_datetime(at, utc=True).dt.as_unit("us").astype("int64"), dtype=np.int64)


def panel_from_records(
    records: pd.DataFrame,
    *,
    periods: PeriodIndex,
    part_ids: Sequence[str] | None = None,
    outages: Sequence[tuple[str, str]] = (),
    known_since: Mapping[str, str] | None = None,
) -> DemandPanel:
    """Sum dated demand into a panel by month or ISO week.

    A period without records is a zero, except where nobody could have recorded: during ``outages`` and before a part
    was known. Returns are netted within their period, never below zero. Records outside ``periods`` are left out.

    :param records: columns part_id, at, quantity.
    :param part_ids: the parts of the panel; default those with records, sorted.
    :param outages: first and last period, both included, in which data are missing for all parts.
    :param known_since: part -> first period in which it could be demanded.
    :raises PanelError: for a missing column, an unknown part or a period of another frequency.
    """
    _require(records, ("part_id", "at", "quantity"), "records")
    names = sorted(records["part_id"].astype(str).unique()) if part_ids is None else list(part_ids)
    rows = {name: row for row, name in enumerate(names)}
    row = records["part_id"].astype(str).map(rows)
    if row.isna().any():
        raise PanelError(f"part {str(records.loc[row.isna(), 'part_id'].iloc[0])!r} is not in the list of parts")
    place = _positions(records["at"], periods)
    inside = (place >= 0) & (place < periods.count)
    net = np.zeros((len(names), periods.count))
    quantity = records["quantity"].to_numpy(dtype=np.float64)
    np.add.at(net, (row.to_numpy(dtype=np.int64)[inside], place[inside]), quantity[inside])
    returns = Returns(int((quantity[inside] < 0).sum()), float(-net[net < 0].sum()))
    demand = np.maximum(net, 0.0)
    for first, last in outages:
        demand[:, max(periods.position(first), 0) : max(periods.position(last) + 1, 0)] = np.nan
    for part, since in (known_since or {}).items():
        if part in rows:
            demand[rows[part], : max(periods.position(since), 0)] = np.nan
    return DemandPanel(np.array(names, dtype=np.str_), periods, demand, returns=returns)


def _positions(at: "pd.Series[pd.Timestamp]", periods: PeriodIndex) -> Integers:
    """Position of each moment in the calendar."""
    days = pd.to_datetime(at)
    if periods.frequency is Frequency.MONTH:
        number = days.dt.year * 12 + days.dt.month - 1
    elif periods.frequency is Frequency.WEEK:
        monday = days.dt.tz_localize(None).dt.normalize() - pd.to_timedelta(days.dt.day_of_week, unit="D")
        number = (monday - pd.Timestamp(1970, 1, 1)).dt.days // 7 + _EPOCH_WEEK
    else:
        raise PanelError("dated records need months or ISO weeks, numbered weeks have no date")
    return np.asarray(number.to_numpy(dtype=np.int64) - periods.first, dtype=np.int64)


# 1970-01-01 is a Thursday: the Monday four days later begins the first whole week, counted like periods.parse_period
_EPOCH_WEEK = (pd.Timestamp(1970, 1, 5).toordinal()) // 7


def _require(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    for column in columns:
        if column not in frame.columns:
            raise PanelError(f"the {what} have no column {column!r}", column=column)
