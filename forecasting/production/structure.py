"""Which parts need which: bills of materials and supersessions, in the order in which they are planned."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from forecasting.arrays import Array, Integers
from forecasting.errors import SettingsError


class CircularError(SettingsError):
    """Parts that need one another, or supersede one another, in a circle.

    :param parts: the parts of the circle in order, the first one again at the end.
    """

    def __init__(self, parts: Sequence[str]) -> None:
        self.parts = tuple(parts)
        super().__init__(f"these parts need or replace one another in a circle: {' → '.join(parts)}")


def _none() -> Integers:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False, kw_only=True)
class Structure:
    """Parts by their row, and how they hang together.

    :param names: of the parts, for errors.
    :param parent: made from components, row of the part, shape (lines,). ``component``: row of what goes into it.
    :param per: pieces of the component in one piece of the parent, > 0, shape (lines,).
    :param old: superseded part, shape (supersessions,): its stock is used up, then ``new`` serves its demand.
    :raises SettingsError: for rows that are not parts, pieces not above zero, or a part superseded twice.
    :raises CircularError: naming the parts of a circle.
    """

    names: Sequence[str]
    parent: Integers = field(default_factory=_none)
    component: Integers = field(default_factory=_none)
    per: Array = field(default_factory=lambda: np.zeros(0))
    old: Integers = field(default_factory=_none)
    new: Integers = field(default_factory=_none)
    level: Integers = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.names)
        for rows in (self.parent, self.component, self.old, self.new):
            if len(rows) and not (rows.min() >= 0 and rows.max() < count):
                raise SettingsError(f"a bill of materials or supersession names a row outside the {count} parts")
        if not len(self.parent) == len(self.component) == len(self.per) or len(self.old) != len(self.new):
            raise SettingsError("bill of materials or supersessions are of unequal length")
        if not (np.isfinite(self.per).all() and (self.per > 0).all()):
            line = int(np.argmin(np.where(np.isfinite(self.per), self.per, -1)))
            raise SettingsError(
                f"{self.names[self.component[line]]} in {self.names[self.parent[line]]}: "
                f"the pieces needed must be above zero"
            )
        twice = np.flatnonzero(np.bincount(self.old, minlength=count) > 1)
        if len(twice):
            raise SettingsError(f"{self.names[twice[0]]} is superseded by more than one part")
        object.__setattr__(self, "level", self._levels())

    def usage(self) -> "sparse.csr_array":
        """Pieces of each component (row) in one piece of each parent (column)."""
        count = len(self.names)
        return sparse.coo_array((self.per, (self.component, self.parent)), (count, count)).tocsr()

    def _levels(self) -> Integers:
        """How many steps lie above each part at most; a part is planned after all those that need it.

        A. B. Kahn, Communications of the ACM 5 (1962), a whole level at a time.
        """
        above, below = np.concatenate([self.parent, self.old]), np.concatenate([self.component, self.new])
        count = len(self.names)
        order = np.argsort(above, kind="stable")
        above, below = above[order], below[order]
        first = np.searchsorted(above, np.arange(count + 1))
        waiting = np.bincount(below, minlength=count)
        level = np.zeros(count, dtype=np.int64)
        ready = np.flatnonzero(waiting == 0)
        depth, done = 0, 0
        while len(ready):
            level[ready] = depth
            done += len(ready)
            edges = np.concatenate([np.arange(first[row], first[row + 1]) for row in ready.tolist()] or [_none()])
            freed = np.bincount(below[edges], minlength=count)
            waiting -= freed
            ready = np.flatnonzero((freed > 0) & (waiting == 0))
            depth += 1
        if done < count:
            raise CircularError(self._circle(np.flatnonzero(waiting > 0), above, below))
        return level

    def _circle(self, left: Integers, above: Integers, below: Integers) -> list[str]:
        """One circle among the parts that wait for one another, walking upwards until a part comes again."""
        stuck = set(left.tolist())
        upward = {low: high for high, low in zip(above.tolist(), below.tolist(), strict=True) if high in stuck}
        path = [int(left[0])]
        while path[-1] not in path[:-1]:
            path.append(upward[path[-1]])
        circle = path[path.index(path[-1]) :]
        return [self.names[row] for row in reversed(circle)]
