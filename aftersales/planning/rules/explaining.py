"""What a forecast consists of, so that its pieces add up to it exactly, in numbers kept and in numbers shown."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from forecasting.arrays import Array, Integers

PIECES = ("planned", "failures", "new_machines", "retirements", "correction")
MILLIONTHS = 10**6


def exact_pieces(mean: Array, known: Mapping[str, Array]) -> dict[str, list[float]]:
    """Return the pieces of a mean, rounded to millionths, the correction being whatever is missing to the whole.

    :param mean: by month, shape (months,), as it is kept.
    :param known: planned, failures, new_machines and retirements (as the pieces they take away) by month.
    """
    whole = _millionths(mean)
    rest = whole.copy()
    found: dict[str, list[float]] = {}
    for name in PIECES[:-1]:
        piece = _millionths(known[name]) if name in known else np.zeros(len(mean), dtype=np.int64)
        if name == "retirements":
            piece = -piece
        found[name] = _plain(piece)
        rest -= piece
    return found | {"correction": _plain(rest)}


def remainder(whole: Sequence[float], parts: Sequence[Sequence[float]]) -> list[float]:
    """Return what is missing to the whole, month by month, in millionths without error."""
    rest = _millionths(np.asarray(whole))
    for part in parts:
        rest = rest - _millionths(np.asarray(part))
    return _plain(rest)


def apportioned(parts: Sequence[float], places: int = 1) -> list[Decimal]:
    """Round parts so that they add up to their rounded sum (largest remainders, Hamilton's method).

    Each is rounded down first; the units still missing go to the parts that lost most. A part of zero stays zero.
    """
    scale = 10**places
    exact = [round(float(part) * MILLIONTHS) for part in parts]
    unit = MILLIONTHS // scale
    low = [value // unit for value in exact]
    missing = round(sum(exact) / unit) - sum(low)
    order = sorted((index for index, value in enumerate(exact) if value), key=lambda i: (-(exact[i] % unit), i))
    for index in order[: max(missing, 0)]:
        low[index] += 1
    return [Decimal(value).scaleb(-places) for value in low]


def share_of(explanation: Mapping[str, Any] | None, mean: Sequence[float]) -> dict[str, list[float]]:
    """Return the five pieces of a line by month; without an installed base all of it comes from the history."""
    zeros = [0.0] * len(mean)
    if not explanation:
        return {**dict.fromkeys(PIECES[:-1], zeros), "correction": list(mean)}
    return {name: list(explanation.get(name) or zeros) for name in PIECES}


def _millionths(values: Array) -> Integers:
    return np.rint(np.asarray(values, dtype=np.float64) * MILLIONTHS).astype(np.int64)


def _plain(values: Integers) -> list[float]:
    return [int(value) / MILLIONTHS for value in values]
