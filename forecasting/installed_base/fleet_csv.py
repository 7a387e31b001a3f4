"""An installed base from CSV files: machines, installations, usage, perhaps planned replacements and a sales plan."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.arrays import Array, Flags, Integers, Words
from forecasting.demand_csv import read_wide_csv
from forecasting.errors import PanelError
from forecasting.installed_base.calendar import boundaries
from forecasting.installed_base.fleet import (
    MOST_HOURS,
    Fleet,
    Installations,
    Machines,
    PlannedReplacements,
    Reason,
    SalesPlan,
    Usage,
    no_usage,
)
from forecasting.installed_base.table_csv import Block, Coder, Table
from forecasting.periods import Frequency, PeriodIndex, parse_period

REASONS = {"failure": Reason.FAILURE, "planned": Reason.PLANNED, "other": Reason.OTHER}
MINUTES = 1440
OVERRUN = 5.0
"""Hours in a period above so many times its length are a typing mistake; a meter that runs fast is not."""


@dataclass(frozen=True)
class FleetFiles:
    """Where the tables are.

    :param machines: machine_id, model, commissioned_on and perhaps group, retired_on.
    :param installations: machine_id, part_id, installed_on, removed_on, reason and perhaps position, initial_hours.
    :param usage: machine_id, period, hours. :param planned: machine_id, part_id, due_on.
    :param sales: model, period, machines.
    :param demand: pieces really drawn, part_id and one column per period, as ``forecasting.demand_csv`` reads it.
    """

    machines: Path
    installations: Path
    usage: Path
    planned: Path | None = None
    sales: Path | None = None
    demand: Path | None = None


def read_fleet(files: FleetFiles, origin: str) -> Fleet:
    """Read and check all tables.

    A blank group is the model; a machine without a day of commissioning is not at work yet; blank initial hours are 0.
    A usage table of its heading alone means that no hours are known, and age is calendar age. Columns that are not
    known are left alone.

    :param origin: label of the first forecast period, which says whether periods are months or ISO weeks.
    :raises PanelError: naming file, row and column of the first fault.
    """
    frequency, _ = parse_period(origin)
    if frequency not in (Frequency.MONTH, Frequency.WEEK):
        raise PanelError(f"the origin {origin!r} must be a month or an ISO week, for machines are told by dates")
    machines, ids = _machines(files.machines)
    parts, places = Coder(), Coder()
    rows = _installations(files.installations, ids, parts, places)
    usage = _usage(files.usage, ids, frequency)
    planned = _planned(files.planned, ids, parts, rows)
    sales = _sales(files.sales, frequency)
    names = np.array(parts.words)
    drawn, first = _demand(files.demand, names, frequency)
    return Fleet(names, machines, rows, usage, planned, sales, frequency, drawn, first)


@dataclass
class _Seen:
    """Rows already met, so that one that stands twice is named with its first place."""

    column: str
    keys: list[Integers] = field(default_factory=list)
    rows: list[Integers] = field(default_factory=list)

    def add(self, keys: Integers, block: Block) -> None:
        self.keys.append(keys)
        self.rows.append(block.row)

    def check(self, file: str, what: str) -> None:
        """Refuse the first row whose key stood above."""
        key, row = np.concatenate(self.keys), np.concatenate(self.rows)
        order = np.argsort(key, kind="stable")
        again = np.flatnonzero(key[order][1:] == key[order][:-1]) + 1
        if not len(again):
            return
        at = again[np.argmin(row[order][again])]
        first = row[order][np.searchsorted(key[order], key[order][at])]
        raise PanelError(f"{what} stood in row {first} already", file=file, row=int(row[order][at]), column=self.column)


def _machines(path: Path) -> tuple[Machines, Coder]:
    table = Table(path, ("machine_id", "model", "commissioned_on"), ("group", "retired_on"))
    ids, seen = Coder(), _Seen("machine_id")
    blocks = []
    for block in table.blocks():
        seen.add(ids.codes(block.named("machine_id")), block)
        model, group = block.named("model"), block.words("group")
        begun, gone = block.days("commissioned_on", blank=True), block.days("retired_on", blank=True)
        block.refuse(gone < begun, "retired_on", "lies before the machine was commissioned")
        block.refuse(np.isnan(begun) & ~np.isnan(gone), "retired_on", "retires a machine that was never commissioned")
        blocks.append((model.to_numpy(dtype=str), group.where(group != "", model).to_numpy(dtype=str), begun, gone))
    _some(sum(len(block[0]) for block in blocks), path)
    seen.check(path.name, "this machine")
    return Machines(np.array(ids.words), *(np.concatenate(column) for column in zip(*blocks, strict=True))), ids


def _installations(path: Path, ids: Coder, parts: Coder, places: Coder) -> Installations:
    table = Table(
        path, ("machine_id", "part_id", "installed_on", "removed_on", "reason"), ("position", "initial_hours")
    )
    blocks, keys, lines = [], [], []
    for block in table.blocks():
        machine = _known(block, ids)
        part, position = parts.codes(block.named("part_id")), places.codes(block.words("position"))
        begun, gone = block.days("installed_on"), block.days("removed_on", blank=True)
        block.refuse(gone < begun, "removed_on", "lies before the installation")
        reason = _reasons(block, gone)
        initial = block.numbers("initial_hours", blank=0.0, most=MOST_HOURS)
        until = np.rint(np.nan_to_num(gone) * MINUTES).astype(np.int64)
        keys.append(np.column_stack([machine, part, position, np.rint(begun * MINUTES).astype(np.int64), until]))
        lines.append(block.row)
        blocks.append((machine, part, position, begun, gone, reason, initial))
    _some(sum(len(block[0]) for block in blocks), path)
    _once(np.vstack(keys), np.concatenate(lines), path.name)
    return Installations(*(np.concatenate(column) for column in zip(*blocks, strict=True)))


def _once(keys: Integers, rows: Integers, file: str) -> None:
    """Refuse two stays of one part in one position over the same time."""
    order = np.lexsort((rows, *keys.T))
    same = (keys[order][1:] == keys[order][:-1]).all(axis=1)
    if same.any():
        again = np.flatnonzero(same) + 1
        at = again[np.argmin(rows[order][again])]
        what = f"this installation stood in row {rows[order][at - 1]} already; name positions that hold several apart"
        raise PanelError(what, file=file, row=int(rows[order][at]), column="installed_on")


def _reasons(block: Block, gone: Array) -> Integers:
    words = block.words("reason").str.lower()
    place, different = pd.factorize(words)
    codes = [int(REASONS.get(str(word), -1)) if word else int(Reason.RUNNING) for word in different.tolist()]
    reason = np.array([*codes, -1], dtype=np.int64)[place]
    block.refuse(reason < 0, "reason", "is not failure, planned or other")
    removed = ~np.isnan(gone)
    blank = reason == Reason.RUNNING
    block.refuse(removed & blank, "reason", "a removed component needs a reason: failure, planned or other")
    block.refuse(~removed & ~blank, "reason", "a component without a day of removal has no reason for it")
    return np.asarray(reason)


def _usage(path: Path, ids: Coder, frequency: Frequency) -> Usage:
    seen = _Seen("period")
    blocks = []
    for block in Table(path, ("machine_id", "period", "hours"), may_be_empty=True).blocks():
        machine, period = _known(block, ids), _periods(block, frequency)
        hours = block.numbers("hours")
        first = int(period.min()) if len(period) else 0
        width = np.diff(boundaries(frequency, first, int(period.max()) - first + 1)) if len(period) else np.zeros(0)
        block.refuse(hours > OVERRUN * 24 * width[period - first], "hours", "is more than the period can hold")
        seen.add(machine * 1_000_000 + period, block)
        blocks.append((machine, period, hours))
    if not blocks:
        return no_usage()
    seen.check(path.name, "this machine and period")
    return Usage(*(np.concatenate(column) for column in zip(*blocks, strict=True)))


def _planned(path: Path | None, ids: Coder, parts: Coder, rows: Installations) -> PlannedReplacements:
    none = np.zeros(0, dtype=np.int64)
    if path is None:
        return PlannedReplacements(none, none, np.zeros(0))
    found, lines = [(none, none, np.zeros(0))], [none]
    for block in Table(path, ("machine_id", "part_id", "due_on"), may_be_empty=True).blocks():
        found.append((_known(block, ids), parts.codes(block.named("part_id")), block.days("due_on")))
        lines.append(block.row)
    machine, part, due = (np.concatenate(column) for column in zip(*found, strict=True))
    _not_more_than_positions(machine, part, due, np.concatenate(lines), rows, path.name)
    return PlannedReplacements(machine, part, due)


def _not_more_than_positions(
    machine: Integers, part: Integers, due: Array, lines: Integers, rows: Installations, file: str
) -> None:
    """As many rows of one machine, part and day as the machine has such positions; more stand twice by mistake."""
    width = int(max(part.max(initial=0), rows.part.max(initial=0))) + 1
    places = np.unique(np.column_stack([rows.machine * width + rows.part, rows.position]), axis=0)[:, 0]
    key = machine * width + part
    order = np.lexsort((lines, due, key))
    head = np.r_[True, (key[order][1:] != key[order][:-1]) | (due[order][1:] != due[order][:-1])][: len(order)]
    number = np.arange(len(order)) - np.maximum.accumulate(np.where(head, np.arange(len(order)), 0))
    room = np.searchsorted(places, key[order], side="right") - np.searchsorted(places, key[order])
    over = np.flatnonzero(number >= np.maximum(room, 1))
    if len(over):
        line = int(lines[order][over].min())
        raise PanelError("this replacement stands more often than the machine has such positions", file=file, row=line)


def _sales(path: Path | None, frequency: Frequency) -> SalesPlan:
    if path is None:
        return SalesPlan(np.zeros(0, dtype=np.str_), np.zeros(0, dtype=np.int64), np.zeros(0))
    models, seen = Coder(), _Seen("period")
    codes, periods, numbers = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    for block in Table(path, ("model", "period", "machines"), may_be_empty=True).blocks():
        codes.append(models.codes(block.named("model")))
        periods.append(_periods(block, frequency))
        numbers.append(block.numbers("machines"))
        seen.add(codes[-1] * 1_000_000 + periods[-1], block)
    if seen.keys:
        seen.check(path.name, "this model and period")
    names = np.array(models.words, dtype=np.str_)
    return SalesPlan(names[np.concatenate(codes)], np.concatenate(periods), np.concatenate(numbers))


def _demand(path: Path | None, parts: Words, frequency: Frequency) -> tuple[Array | None, int]:
    """Demand of the parts of the fleet, NaN for those the file does not have, and its first period."""
    if path is None:
        return None, 0
    panel = read_wide_csv(path)
    if panel.periods.frequency is not frequency:
        what = f"the demand is by {panel.periods.frequency}, but the origin is a {frequency}"
        raise PanelError(what, file=path.name, row=1)
    place = {part: row for row, part in enumerate(panel.part_ids.tolist())}
    row = np.array([place.get(part, -1) for part in parts.tolist()], dtype=np.int64)
    if (row < 0).all():
        raise PanelError("none of its parts is among the installations", file=path.name, column="part_id")
    return np.where((row >= 0)[:, None], panel.demand[row], np.nan), panel.periods.first


def _known(block: Block, ids: Coder) -> Integers:
    machine = ids.codes(block.named("machine_id"), grow=False)
    block.refuse(machine < 0, "machine_id", "is not among the machines")
    return machine


def _periods(block: Block, frequency: Frequency) -> Integers:
    place, different = pd.factorize(block.named("period"))
    numbers = []
    wrong: list[bool] = []
    for word in different.tolist():
        try:
            kind, number = parse_period(str(word))
        except PanelError:
            kind, number = Frequency.RUNNING_WEEK, 0
        plausible = kind is frequency and _plausible(kind, number)
        numbers.append(number if plausible else 0)
        wrong.append(not plausible)
    bad: Flags = np.array([*wrong, False], dtype=np.bool_)[place]
    example = "2025-01" if frequency is Frequency.MONTH else "2025-W07"
    block.refuse(bad, "period", f"is not a {frequency} between 1900 and 2200, written as {example}")
    return np.asarray(np.array([*numbers, 0], dtype=np.int64)[place])


def _plausible(kind: Frequency, number: int) -> bool:
    return 1900 <= int(PeriodIndex(kind, number, 1).label(0)[:4]) < 2200


def _some(rows: int, path: Path) -> None:
    if not rows:
        raise PanelError("there is no row below the heading", file=path.name)
