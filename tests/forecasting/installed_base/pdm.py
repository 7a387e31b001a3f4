"""A public fleet: 100 machines of four models, four components each, replaced on visits and on failure."""

import numpy as np
import pandas as pd

from forecasting.arrays import Array
from forecasting.installed_base.fleet import Fleet, Installations, Machines, Reason
from forecasting.periods import Frequency
from tests.forecasting.data import read

EPOCH = 719_163
FIRST_WEEK = "2020-W01"
"""Failures are known from here on; a few replacements before give the ages."""


def pdm_fleet() -> Fleet:
    """The fleet with all its replacements."""
    machines, made, failures = read("PdM_machines.csv"), read("PdM_maint.csv"), read("PdM_failures.csv")
    made = made.rename(columns={"comp": "part"})
    failed = failures.rename(columns={"failure": "part"}).drop_duplicates().assign(failed=True)
    rows = made.merge(failed, how="left", on=["datetime", "machineID", "part"])
    day = _days(rows["datetime"])
    rows = rows.assign(day=day, machine=rows["machineID"] - 1).sort_values(["machine", "part", "day"])
    parts = np.unique(rows["part"].to_numpy(dtype=str))
    following = rows.groupby(["machine", "part"])[["day", "failed"]].shift(-1)
    removed = following["day"].to_numpy(dtype=np.float64)
    broke = following["failed"].eq(True).to_numpy(dtype=bool)
    reason = np.where(np.isnan(removed), Reason.RUNNING, np.where(broke, Reason.FAILURE, Reason.PLANNED))
    begun = pd.Timestamp("2019-05-01").toordinal() - 365.25 * machines["age"].to_numpy(dtype=np.float64)
    none = np.full(len(machines), np.nan)
    model = machines["model"].to_numpy(dtype=str)
    return Fleet(
        parts,
        Machines(machines["machineID"].to_numpy(dtype=str), model, np.full(len(machines), "all"), begun, none),
        Installations(
            rows["machine"].to_numpy(dtype=np.int64),
            np.searchsorted(parts, rows["part"].to_numpy(dtype=str)),
            np.zeros(len(rows), dtype=np.int64),
            rows["day"].to_numpy(dtype=np.float64),
            removed,
            reason.astype(np.int64),
            np.zeros(len(rows)),
        ),
        frequency=Frequency.WEEK,
    )


def weekly(fleet: Fleet, first: int, weeks: int) -> Array:
    """Replacements by component and week, shape (parts, weeks)."""
    place = ((fleet.installations.installed - 1) // 7).astype(np.int64) - first
    inside = (place >= 0) & (place < weeks)
    counts = np.zeros((len(fleet.parts), weeks))
    np.add.at(counts, (fleet.installations.part[inside], place[inside]), 1)
    return counts


def _days(moments: "pd.Series[str]") -> Array:
    since = (pd.to_datetime(moments) - pd.Timestamp(1970, 1, 1)) / pd.Timedelta(days=1)
    return np.asarray(since.to_numpy(dtype=np.float64) + EPOCH)
