"""Components in machines as the forecast takes them: each stay with the life the component brought into it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
import pandas as pd

from aftersales.planning.installed_base.machines import Known
from aftersales.vocabulary import RemovalReason
from forecasting.arrays import Array
from forecasting.installed_base.fleet import MOST_HOURS, Installations, Reason

REASONS: Mapping[str, Reason] = {
    RemovalReason.FAILURE.value: Reason.FAILURE,
    RemovalReason.PLANNED.value: Reason.PLANNED,
    RemovalReason.UPGRADE.value: Reason.OTHER,
    RemovalReason.OTHER.value: Reason.OTHER,
}
EPOCH_DAY = 719_163
"""Proleptic number of 1970-01-01."""
FILL = 10**12
"""Positions of what has none: filters and oil changed by services."""

Uses = dict[int, dict[tuple[int, int], float]]
"""Per row of a part the quantity by machine and day."""


def table(
    stays: pd.DataFrame, machines: Mapping[int, int], parts: Mapping[int, int], origin: pd.Timestamp
) -> Installations:
    """Return the stays of parts that are forecast in machines that are known, as they were known at the origin.

    :param stays: as in :class:`aftersales.planning.rules.counting.Traces`.
    :param machines: row of each machine; ``parts`` row of each part, that of its successor where it is superseded.
    :param origin: nothing dated then or later is used: what was removed later is still there.
    """
    kept = stays[stays["machine"].isin(list(machines)) & stays["part"].isin(list(parts)) & (stays["at"] < origin)]
    kept = kept.sort_values(["component", "at"], kind="stable")
    initial = initial_hours(kept)
    until = pd.to_datetime(kept["until"], utc=True)
    running = until.isna() | (until >= origin)
    removed = np.where(running, np.nan, _days(until.fillna(origin)))
    reason = kept["reason"].map(lambda word: int(REASONS.get(str(word), Reason.OTHER))).to_numpy(dtype=np.int64)
    places = kept["position"].astype("int64") * 1000 + kept["slot"].astype("int64")
    return Installations(
        machine=_rows(kept["machine"], machines),
        part=_rows(kept["part"], parts),
        position=np.asarray(places, dtype=np.int64),
        installed=_days(kept["at"]),
        removed=removed,
        reason=np.where(running, int(Reason.RUNNING), reason).astype(np.int64),
        initial_hours=initial,
    )


def initial_hours(stays: pd.DataFrame) -> Array:
    """Return the hours each component had when each of its stays began: brought along + Σ (meter out − meter in).

    :param stays: sorted by component and time.
    """
    if not len(stays):
        return np.zeros(0)
    gained = (stays["meter_out"].astype(float) - stays["meter_in"].astype(float)).fillna(0.0).clip(lower=0.0)
    before = gained.groupby(stays["component"]).cumsum() - gained
    total = (stays["brought"].astype(float).fillna(0.0) + before).to_numpy(dtype=np.float64)
    return np.asarray(np.clip(total, 0.0, MOST_HOURS))


def _rows(numbers: "pd.Series[int]", rows: Mapping[int, int]) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    return np.array([rows[int(number)] for number in numbers], dtype=np.int64)


def _days(at: "pd.Series[pd.Timestamp]") -> Array:
    moments = pd.DatetimeIndex(pd.to_datetime(at, utc=True)).as_unit("us").asi8
    return np.asarray(moments / 86_400e6 + EPOCH_DAY, dtype=np.float64)


def fills(done: Uses, units: set[int], unit: Array, known: Sequence[Known]) -> Installations:
    """Return what services changed as stays: a filter is in its machine from one change to the next.

    :param done: what past services needed.
    :param units: rows of parts that are followed as units, whose own stays are known.
    :param unit: amount that one piece stands for, shape (parts,).
    """
    rows = list[tuple[int, int, int, float, float, int]]()
    for part, uses in sorted(done.items()):
        by_machine: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for (machine, on), quantity in sorted(uses.items()):
            by_machine[machine].append((on, quantity))
        for machine, changed in [] if part in units else by_machine.items():
            for slot in range(max(round(max(quantity for _, quantity in changed) / float(unit[part])), 1)):
                days = [on for on, quantity in changed if round(quantity / float(unit[part])) > slot]
                begun = float(known[machine].commissioned.toordinal())
                for day in days:
                    if day > begun:
                        rows.append((machine, part, FILL + slot, begun, float(day), int(Reason.PLANNED)))
                        begun = float(day)
                rows.append((machine, part, FILL + slot, begun, np.nan, int(Reason.RUNNING)))
    columns = [np.array(column) for column in zip(*rows, strict=True)] if rows else [np.zeros(0)] * 6
    machine_rows, parts, positions = (column.astype(np.int64) for column in columns[:3])
    return Installations(
        machine=machine_rows,
        part=parts,
        position=positions,
        installed=columns[3].astype(np.float64),
        removed=columns[4].astype(np.float64),
        reason=columns[5].astype(np.int64),
        initial_hours=np.zeros(len(rows)),
    )


def together(one: Installations, other: Installations) -> Installations:
    """Return both as one table."""
    return Installations(
        **{field.name: np.concatenate([getattr(one, field.name), getattr(other, field.name)]) for field in fields(one)}
    )
