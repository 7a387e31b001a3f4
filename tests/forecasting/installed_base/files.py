"""A fleet as the files a planner would hand in."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.arrays import Array, Integers
from forecasting.installed_base.fleet import Fleet, Reason
from forecasting.periods import PeriodIndex

WORDS = {Reason.RUNNING: "", Reason.FAILURE: "failure", Reason.PLANNED: "planned", Reason.OTHER: "other"}


def write(fleet: Fleet, folder: Path) -> dict[str, Path]:
    """Write machines, installations, usage, planned replacements and sales; the paths by option."""
    machines, rows, use = fleet.machines, fleet.installations, fleet.usage
    tables = {
        "machines": {
            "machine_id": machines.id,
            "model": machines.model,
            "group": machines.group,
            "commissioned_on": _days(machines.commissioned),
            "retired_on": _days(machines.retired),
        },
        "installations": {
            "machine_id": machines.id[rows.machine],
            "part_id": fleet.parts[rows.part],
            "position": rows.position,
            "installed_on": _days(rows.installed),
            "removed_on": _days(rows.removed),
            "reason": [WORDS[Reason(code)] for code in rows.reason.tolist()],
            "initial_hours": rows.initial_hours,
        },
        "usage": {"machine_id": machines.id[use.machine], "period": _labels(fleet, use.period), "hours": use.hours},
        "planned": {
            "machine_id": machines.id[fleet.planned.machine],
            "part_id": fleet.parts[fleet.planned.part],
            "due_on": _days(fleet.planned.due),
        },
        "sales": {
            "model": fleet.sales.model,
            "period": _labels(fleet, fleet.sales.period),
            "machines": fleet.sales.machines,
        },
    }
    paths = {}
    for name, columns in tables.items():
        paths[name] = folder / f"{name}.csv"
        pd.DataFrame(columns).to_csv(paths[name], index=False)
    return paths


def options(paths: dict[str, Path]) -> list[str]:
    """The options of the command for these files."""
    return [word for name, path in paths.items() for word in (f"--{name}", str(path))]


def _days(days: Array) -> list[str]:
    return ["" if np.isnan(day) else date.fromordinal(int(day)).isoformat() for day in days.tolist()]


def _labels(fleet: Fleet, periods: Integers) -> list[str]:
    return [PeriodIndex(fleet.frequency, number, 1).label(0) for number in periods.tolist()]
