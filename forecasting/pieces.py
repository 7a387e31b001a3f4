"""A catalogue forecast some parts at a time, so that memory does not grow with it."""

from collections.abc import Generator

import numpy as np

from forecasting.arrays import Integers
from forecasting.demand import DemandPanel
from forecasting.engine import ForecastResult, Learned, Progress, apply
from forecasting.errors import SettingsError

PIECE = 10_000
"""Parts forecast at once."""


def pieces(parts: int, most: int = PIECE) -> list[Integers]:
    """Rows of the parts in runs of at most ``most``.

    :raises SettingsError: when a piece could hold no part.
    """
    if most < 1:
        raise SettingsError(f"pieces of {most} parts; at least one is needed")
    return [np.arange(start, min(start + most, parts), dtype=np.int64) for start in range(0, parts, most)]


def in_pieces(
    learned: Learned, known: DemandPanel, leads: Integers, tell: Progress, most: int = PIECE
) -> Generator[ForecastResult]:
    """Forecast the parts of the catalogue that was learned from, piece by piece in their order.

    :param known: from ``engine.known_before``; ``leads`` from ``engine.lead_times``.
    """
    parts = len(known)
    for rows in pieces(parts, most):
        tell(int(rows[0]), parts, "forecast")
        yield apply(learned, known.select(rows), leads[rows])
    tell(parts, parts, "done")
