"""Moving what lies spare at one location to where it is short, instead of buying it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, sparse

from forecasting.arrays import Array, Flags, Integers
from forecasting.errors import SettingsError
from forecasting.stock.demands import check

TOGETHER = 2_000
"""Parts in one linear programme; parts do not touch each other."""


@dataclass(frozen=True, eq=False)
class Moves:
    """What to move, one row per part and way, those that save most first; all arrays have shape (moves,).

    :param part: row of the part. ``source`` and ``target``: columns of the locations.
    :param quantity: pieces.
    :param bought_less: money not spent on buying. ``transport``: money the moves cost, with handling.
    """

    part: Integers
    source: Integers
    target: Integers
    quantity: Array
    bought_less: Array
    transport: Array

    @property
    def saved(self) -> Array:
        """Money saved by each move."""
        return self.bought_less - self.transport


def rebalance(
    *, on_hand: Array, least: Array, most: Array, price: Array, transport: Array, handling: float = 0.0
) -> Moves:
    """The moves that save most money: pieces above ``most`` go to where less than ``least`` is.

    A transportation problem (F. L. Hitchcock, Journal of Mathematics and Physics 20, 1941), solved as linear programme
    by HiGHS (Q. Huangfu, J. A. J. Hall, Mathematical Programming Computation 10, 2018). Its solution is whole where the
    stock is. Moves that save less than their handling are left out.

    :param on_hand: pieces, shape (parts, locations). ``least``: below it is short. ``most``: above it is spare.
    :param price: money for which a missing piece would be bought, shape (parts,).
    :param transport: money per piece from row to column, shape (locations, locations).
    :param handling: money per move.
    :raises SettingsError: for negative numbers or where the least is above the most.
    """
    for name, values in (
        ("stock", on_hand),
        ("least", least),
        ("most", most),
        ("price", price),
        ("transport", transport),
    ):
        check(name, values)
    if not on_hand.shape == least.shape == most.shape or on_hand.shape[0] != len(price):
        raise SettingsError("stock, least, most and price are not of the same parts and locations")
    if (least > most).any():
        raise SettingsError("the least that is wanted somewhere is above the most")
    spare, short = np.maximum(on_hand - most, 0.0), np.maximum(least - on_hand, 0.0)
    touched = np.flatnonzero(spare.any(axis=1) & short.any(axis=1))
    found = [
        _solve(rows, spare[rows], short[rows], price[rows, None, None] - transport)
        for rows in np.split(touched, range(TOGETHER, len(touched), TOGETHER))
        if len(rows)
    ]
    columns = zip(*found, strict=True) if found else ([np.zeros(0)] for _ in range(4))
    part, source, target, quantity = (np.concatenate(values) for values in columns)
    part, source, target = (values.astype(np.int64) for values in (part, source, target))
    bought = price[part] * quantity
    moved = transport[source, target] * quantity + handling
    worth = np.flatnonzero(bought > moved)
    order = worth[np.argsort(-(bought - moved)[worth], kind="stable")]
    return Moves(part[order], source[order], target[order], quantity[order], bought[order], moved[order])


def _solve(rows: Integers, spare: Array, short: Array, saving: Array) -> tuple[Integers, Integers, Integers, Array]:
    """Pieces on each way of some parts that save most."""
    possible: Flags = (spare[:, :, None] > 0) & (short[:, None, :] > 0) & (saving > 0)
    part, source, target = (places.astype(np.int64) for places in np.nonzero(possible))
    if not len(part):
        return rows[part], part, part, np.zeros(0)
    count, places = len(part), spare.shape[1]
    given = sparse.coo_array((np.ones(count), (part * places + source, np.arange(count))), (spare.size, count))
    taken = sparse.coo_array((np.ones(count), (part * places + target, np.arange(count))), (short.size, count))
    limits: Any = sparse.vstack([given, taken]).tocsr()
    answer = optimize.linprog(
        -saving[part, source, target], A_ub=limits, b_ub=np.concatenate([spare.ravel(), short.ravel()]), method="highs"
    )
    if answer.x is None:
        raise SettingsError(f"the moves could not be worked out: {answer.message}")
    pieces = np.round(answer.x, 6)
    used = pieces > 0
    return rows[part[used]], source[used].astype(np.int64), target[used].astype(np.int64), pieces[used]
