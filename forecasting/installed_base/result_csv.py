"""The forecast from the installed base as lines of CSV."""

from collections.abc import Iterator

import numpy as np

from forecasting.arrays import Array
from forecasting.installed_base.results import CausalForecast
from forecasting.result_csv import quantile_names

BLOCK = 20_000
"""Rows of the explanation written at a time."""
DIGITS = "%.12g"


def demand_heading(forecast: CausalForecast) -> str:
    """Heading of the lines of ``demand_lines``."""
    parts = ["planned", "failures", "new_machines", "retirements", "correction", "method"]
    return ",".join(["part_id", "period", "mean", *quantile_names(forecast.probabilities), *parts]) + "\n"


def demand_lines(forecast: CausalForecast) -> Iterator[str]:
    """A line for every part and period."""
    labels = forecast.periods.labels()
    columns = [
        forecast.mean,
        *np.moveaxis(forecast.quantiles, -1, 0),
        forecast.planned,
        forecast.failures,
        forecast.new_machines,
        forecast.retirements,
        forecast.correction,
    ]
    for row, (part, method) in enumerate(zip(forecast.part_ids.tolist(), forecast.method.tolist(), strict=True)):
        cells = np.column_stack([column[row] for column in columns]).tolist()
        for label, values in zip(labels, cells, strict=True):
            numbers = ",".join(DIGITS % value for value in values)
            yield f"{quoted(part)},{label},{numbers},{method}\n"


EXPLAIN_HEADING = "part_id,period,machine_id,expected\n"


def explain_lines(forecast: CausalForecast) -> Iterator[str]:
    """A line for every part, period and machine that adds to the mean; they sum up to it.

    Machines still to be sold stand as ``new:MODEL``; a blank machine_id is what belongs to no machine.
    """
    rows, labels = forecast.explain, forecast.periods.labels()
    names = [quoted(part) for part in forecast.part_ids.tolist()]
    for first in range(0, len(rows.part), BLOCK):
        block = slice(first, first + BLOCK)
        lines = []
        for part, machine, values in zip(
            rows.part[block].tolist(), rows.label[block].tolist(), rows.expected[block].tolist(), strict=True
        ):
            name, who = names[part], quoted(machine)
            lines += [
                f"{name},{label},{who},{DIGITS % value}\n" for label, value in zip(labels, values, strict=True) if value
            ]
        yield "".join(lines)


LIVES_HEADING = "part_id,group,shape,scale_hours,failures,exposure_hours\n"


def lives_lines(forecast: CausalForecast) -> Iterator[str]:
    """A line for every part and group of machines."""
    lives = forecast.lives
    names = forecast.part_ids.tolist()
    numbers: Array = np.column_stack([lives.shape, lives.scale, lives.failures, lives.exposure])
    for part, group, values in zip(lives.part.tolist(), lives.group.tolist(), numbers.tolist(), strict=True):
        shape, scale, failures, exposure = values
        yield f"{quoted(names[part])},{quoted(group)},{shape:.6g},{scale:.8g},{failures:.10g},{exposure:.10g}\n"


def quoted(word: str) -> str:
    """A word, in quotes where a comma, a quote or a line end would break the line."""
    if any(mark in word for mark in ',"\r\n'):
        return '"' + word.replace('"', '""') + '"'
    return word
