"""The demand panel: parts x periods, where a missing number is not a zero."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from forecasting.arrays import Array, Words
from forecasting.errors import PanelError
from forecasting.periods import PeriodIndex

GIGANTIC = 1e12
"""Demand of one part in one period above this is taken for a fault of the data."""


@dataclass(frozen=True)
class Returns:
    """Returns met while reading: how many cells or records, and how many pieces could not be netted."""

    count: int = 0
    below_zero: float = 0.0


@dataclass(frozen=True, eq=False)
class DemandPanel:
    """Demand of many parts over one calendar, checked and read-only.

    :param part_ids: one text per part, no two alike.
    :param periods: the calendar.
    :param demand: pieces per period, shape (parts, periods); NaN = missing; nothing below zero.
    :param prices: money per piece, shape (parts,), NaN = unknown; None when no prices are known.
    :param returns: what was netted when the panel was built.
    :param gaps: headings of periods that the source left out and that became missing columns.
    :raises PanelError: for wrong shapes, duplicated parts, infinite, gigantic or negative numbers.
    """

    part_ids: Words
    periods: PeriodIndex
    demand: Array
    prices: Array | None = None
    returns: Returns = field(default_factory=Returns)
    gaps: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # an array that nobody can write to need not be copied to stay as it is
        own = None if isinstance(self.demand, np.ndarray) and not self.demand.flags.writeable else True
        demand = np.array(self.demand, dtype=np.float64, order="C", copy=own)
        part_ids = np.array(self.part_ids, dtype=np.str_)
        if demand.shape != (len(part_ids), self.periods.count) or part_ids.ndim != 1:
            raise PanelError(
                f"demand has shape {demand.shape}, but there are {len(part_ids)} parts and {self.periods.count} periods"
            )
        _refuse_duplicates(part_ids)
        _refuse_bad_numbers(demand, part_ids, self.periods)
        prices = None if self.prices is None else np.array(self.prices, dtype=np.float64)
        if prices is not None and prices.shape != part_ids.shape:
            raise PanelError(f"{prices.size} prices for {len(part_ids)} parts")
        for array in (demand, part_ids, prices):
            if array is not None:
                array.flags.writeable = False
        object.__setattr__(self, "demand", demand)
        object.__setattr__(self, "part_ids", part_ids)
        object.__setattr__(self, "prices", prices)

    def __len__(self) -> int:
        return len(self.part_ids)

    @classmethod
    def from_arrays(
        cls,
        demand: Array | Sequence[Sequence[float]],
        *,
        first_period: str,
        part_ids: Sequence[str] | None = None,
        prices: Array | None = None,
    ) -> "DemandPanel":
        """Build from a wide array, netting negative cells to zero.

        :param demand: shape (parts, periods), NaN = missing, negative = more came back than went out.
        :param first_period: heading of the first column; the rest follow without gaps.
        :param part_ids: default P1, P2, …
        """
        wide = np.array(demand, dtype=np.float64)
        if wide.ndim != 2 or wide.shape[1] == 0:
            raise PanelError(f"demand must be parts x periods with at least one period, not of shape {wide.shape}")
        names = [f"P{number}" for number in range(1, len(wide) + 1)] if part_ids is None else list(part_ids)
        start = PeriodIndex.between(first_period, first_period)
        periods = PeriodIndex(start.frequency, start.first, wide.shape[1], start.width)
        net, returns = net_returns(wide)
        return cls(np.array(names, dtype=np.str_), periods, net, prices, returns)

    @property
    def volume(self) -> Array:
        """Known demand of every part over all periods, pieces, shape (parts,)."""
        return np.concatenate([np.zeros(0), *(np.nansum(self.demand[rows], axis=1) for rows in self.runs())])

    def runs(self, most: int = 10_000) -> Iterator[slice]:
        """Rows of at most so many parts at a time, for work that would else need several copies of the panel."""
        return (slice(start, start + most) for start in range(0, len(self), most))

    def before(self, count: int) -> "DemandPanel":
        """The panel as it was known before the period at position ``count``: nothing of it or later.

        Periods between the end of the panel and that position are missing.

        :raises PanelError: when no period would be left.
        """
        if count < 1:
            raise PanelError(f"no demand lies before {self.periods.label(count)}")
        ahead = np.full((len(self), max(count - self.periods.count, 0)), np.nan)
        demand = np.hstack([self.demand[:, :count], ahead])
        return replace(self, periods=self.periods.until(count), demand=_closed(demand))

    def blank_as_zero(self) -> "DemandPanel":
        """The panel with missing numbers read as no demand, save in periods the source left out: nobody looked then."""
        present = ~np.isin(self.periods.labels(), self.gaps)
        demand = self.demand.copy()
        for rows in self.runs():
            demand[rows][np.isnan(demand[rows]) & present] = 0.0
        return replace(self, demand=_closed(demand))

    def select(self, rows: "Sequence[int] | np.ndarray[tuple[int, ...], np.dtype[np.int64]]") -> "DemandPanel":
        """The panel of the parts at these rows, in this order."""
        chosen = np.asarray(rows, dtype=np.int64)
        prices = None if self.prices is None else self.prices[chosen]
        return replace(self, part_ids=self.part_ids[chosen], demand=_closed(self.demand[chosen]), prices=prices)


def net_returns(demand: Array) -> tuple[Array, Returns]:
    """Net returns within their period, never below zero, and count what was cut off."""
    negative = demand < 0
    returns = Returns(int(negative.sum()), float(-demand[negative & np.isfinite(demand)].sum()))
    return np.where(negative & np.isfinite(demand), 0.0, demand), returns


def carry_over(
    panel: DemandPanel, successor: Mapping[str, str], ratio: Mapping[str, float] | None = None
) -> DemandPanel:
    """Move the demand of superseded parts to the part that is ordered today, along whole chains.

    A superseded part leaves the panel: its history stands with its successor, so nothing is forecast twice.
    A period known of either part is known of the sum. A successor without history of its own is added.

    :param successor: superseded part -> its direct successor; parts that are not in the panel may link a chain.
    :param ratio: superseded part -> pieces of the successor that replace one piece of it; default 1.
    :raises PanelError: for a circle, which is named, or a ratio that is not above zero.
    """
    ratios = dict(ratio or {})
    for part, value in ratios.items():
        if not 0 < value < np.inf:
            raise PanelError(f"the ratio of superseded part {part!r} is {value}; it must be above zero")
    ends = {part: _end_of_chain(part, successor, ratios) for part in panel.part_ids.tolist()}
    names = list(dict.fromkeys(end for end, _ in ends.values()))
    place = {name: row for row, name in enumerate(names)}
    target = np.array([place[end] for end, _ in ends.values()], dtype=np.int64)
    factor = np.array([factor for _, factor in ends.values()], dtype=np.float64)
    known = ~np.isnan(panel.demand)
    total = np.zeros((len(names), panel.periods.count))
    seen = np.zeros(total.shape, dtype=np.int64)
    np.add.at(total, target, np.where(known, panel.demand, 0.0) * factor[:, None])
    np.add.at(seen, target, known.astype(np.int64))
    prices = None
    if panel.prices is not None:
        own = dict(zip(panel.part_ids.tolist(), panel.prices.tolist(), strict=True))
        prices = np.array([own.get(name, np.nan) for name in names], dtype=np.float64)
    return replace(
        panel, part_ids=np.array(names, dtype=np.str_), demand=np.where(seen > 0, total, np.nan), prices=prices
    )


def _end_of_chain(part: str, successor: Mapping[str, str], ratios: Mapping[str, float]) -> tuple[str, float]:
    """The last part of a chain and the product of the ratios on the way."""
    path, factor = [part], 1.0
    while (following := successor.get(path[-1])) is not None:
        factor *= ratios.get(path[-1], 1.0)
        if following in path:
            circle = " → ".join([*path[path.index(following) :], following])
            raise PanelError(f"parts supersede each other in a circle: {circle}")
        path.append(following)
    return path[-1], factor


def _closed(demand: Array) -> Array:
    """An array of our own, closed to writing so that the panel need not copy it again."""
    demand.flags.writeable = False
    return demand


def _refuse_duplicates(part_ids: Words) -> None:
    names, counts = np.unique(part_ids, return_counts=True)
    if len(names) and counts.max() > 1:
        raise PanelError(f"part {str(names[counts > 1][0])!r} stands in the panel more than once")


def _refuse_bad_numbers(demand: Array, part_ids: Words, periods: PeriodIndex) -> None:
    if not demand.size:
        return
    # NaN compares as neither: one look at the bounds is enough where all is well
    with np.errstate(invalid="ignore"):
        if np.nanmin(demand, initial=0.0) >= 0 and np.nanmax(demand, initial=0.0) <= GIGANTIC:
            return
    for wrong, what in (
        (np.isinf(demand), "is infinite"),
        (demand < 0, "is below zero; net returns first"),
        (demand > GIGANTIC, f"is above {GIGANTIC:.0e}"),
    ):
        if wrong.any():
            part, position = np.argwhere(wrong)[0]
            raise PanelError(f"demand of part {str(part_ids[part])!r} {what}", column=periods.label(int(position)))
