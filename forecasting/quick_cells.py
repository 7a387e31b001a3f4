"""The cells of a wide CSV file without a fault, read by the quick parser of pandas.

It says less of what is wrong than a walk through the file, so at the first sign of anything unusual it gives up.
"""

import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.arrays import Array

ROWS = 20_000
"""Rows read at once."""


@dataclass(frozen=True, eq=False)
class QuickCells:
    """What was read.

    :param part_ids: as written, without spaces round them.
    :param prices: shape (parts,), NaN = blank or no such column.
    :param demand: shape (parts, periods), NaN = blank or no such column; returns still below zero.
    """

    part_ids: list[str]
    prices: Array
    demand: Array


def quick_cells(data: bytes, places: Sequence[int], periods: int, *, priced: bool, most: float) -> QuickCells | None:
    """Read a file whose heading is known to be right; None when any row is not plainly good.

    :param data: the whole file, UTF-8.
    :param places: position of each demand column in the calendar of so many ``periods``.
    :param most: largest number that is believed.
    """
    start = 2 if priced else 1
    width = start + len(places)
    bound = data.count(b"\n") + data.count(b"\r") + 1
    demand, prices = np.empty((bound, periods)), np.full(bound, np.nan)
    part_ids: list[str] = []
    try:
        for frame in _frames(data, width):
            rows = slice(len(part_ids), len(part_ids) + len(frame))
            part_ids += [name.strip() for name in frame["0"]]
            demand[rows] = np.nan
            demand[rows, list(places)] = frame.iloc[:, start:].to_numpy(dtype=np.float64)
            if priced:
                prices[rows] = frame["1"].to_numpy(dtype=np.float64)
    except (ValueError, AttributeError, pd.errors.ParserWarning):
        return None
    demand, prices = demand[: len(part_ids)], prices[: len(part_ids)]
    commas = (len(part_ids) + 1) * (width - 1) + sum(name.count(",") for name in part_ids)
    whole = data.count(b",") == commas and all(part_ids) and len(set(part_ids)) == len(part_ids)
    if not whole or not len(part_ids) or _beyond(demand, most) or _beyond(prices, most) or (prices < 0).any():
        return None
    return QuickCells(part_ids, prices, demand)


def _frames(data: bytes, width: int) -> Iterator[pd.DataFrame]:
    """The rows below the heading, some at a time; the columns are named by their numbers."""
    names = [str(number) for number in range(width)]
    with warnings.catch_warnings():
        # a row longer than the heading is only warned of
        warnings.simplefilter("error", pd.errors.ParserWarning)
        yield from pd.read_csv(
            io.BytesIO(data),
            header=0,
            names=names,
            index_col=False,
            dtype={names[0]: object, **dict.fromkeys(names[1:], np.float64)},
            keep_default_na=False,
            na_values={name: [""] for name in names[1:]},
            encoding="utf-8-sig",
            chunksize=ROWS,
        )


def _beyond(values: Array, most: float) -> bool:
    """Whether any number is larger than believed; by pieces, for the sake of memory."""
    return any(bool((np.abs(values[row : row + ROWS]) > most).any()) for row in range(0, len(values), ROWS))
