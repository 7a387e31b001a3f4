"""Forecasts as lines of CSV, fast enough for a million parts.

Most numbers of a forecast stand in many lines (a flat forecast repeats its period, quantiles are whole lots): each
different number is turned into text once.
"""

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from forecasting.arrays import Array, Words
from forecasting.engine import ForecastResult

DIGITS = "%.10g"


def monthly_heading(probabilities: Sequence[float]) -> str:
    """Heading of the lines of ``monthly_lines``."""
    return ",".join(["part_id", "period", "mean", *quantile_names(probabilities)]) + "\n"


def lead_time_heading(probabilities: Sequence[float]) -> str:
    """Heading of the lines of ``lead_time_lines``."""
    return ",".join(["part_id", "mean", *quantile_names(probabilities)]) + "\n"


def quantile_names(probabilities: Sequence[float]) -> list[str]:
    """Headings such as ``q0.95``."""
    return [f"q{probability:g}" for probability in probabilities]


def monthly_lines(result: ForecastResult) -> str:
    """A line for every part and period."""
    parts, horizon = result.mean.shape
    names = np.repeat(np.array(_names(result.part_ids), dtype=object), horizon).tolist()
    columns = [result.mean, *np.moveaxis(result.quantiles, -1, 0)]
    return _lines([names, result.periods.labels() * parts, *(_text(column.ravel()) for column in columns)])


def lead_time_lines(result: ForecastResult) -> str:
    """A line for every part."""
    columns = [result.lead_mean, *result.lead_quantiles.T]
    return _lines([_names(result.part_ids), *(_text(column) for column in columns)])


def _lines(columns: Iterable[list[str]]) -> str:
    return "".join([",".join(cells) + "\n" for cells in zip(*columns, strict=True)])


def _text(values: Array) -> list[str]:
    different, place = np.unique(values, return_inverse=True)
    texts: list[str] = np.array([DIGITS % value for value in different.tolist()], dtype=object)[place].tolist()
    return texts


def _names(part_ids: Words) -> list[str]:
    """Part numbers, in quotes where a comma, a quote or a line end would break the line."""
    names: list[str] = part_ids.tolist()
    joined = "".join(names)
    if not any(mark in joined for mark in ',"\r\n'):
        return names
    quoted = []
    for name in names:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow([name])
        quoted.append(line.getvalue())
    return quoted
