"""What the catalogue decides: who replaces whom, what may stand in, how many to order."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal


@dataclass(frozen=True, slots=True)
class Link:
    """``old`` is replaced by ``new`` from a day on; ``ratio`` units of ``new`` do the work of one ``old``."""

    old: int
    new: int
    valid_from: date
    ratio: Decimal = Decimal(1)
    both_ways: bool = False


@dataclass(frozen=True, slots=True)
class Replacement:
    """The part to use instead and how many of it do the work of one."""

    part_id: int
    ratio: Decimal


@dataclass(frozen=True, slots=True)
class Substitute:
    """A part that can stand in, how many steps away it is, and the parts passed on the way."""

    part_id: int
    ratio: Decimal
    path: tuple[int, ...]

    @property
    def level(self) -> int:
        """How many steps away it is; 1 is a direct one."""
        return len(self.path)


def chain(links: Mapping[int, int], start: int) -> list[int]:
    """Return ``start`` and every part that follows it, oldest first.

    :param links: per part the one that replaces it; a circle ends the chain where it closes.
    """
    parts = [start]
    while (following := links.get(parts[-1])) is not None and following not in parts:
        parts.append(following)
    return parts


def circle(links: Mapping[int, int], old: int, new: int) -> list[int] | None:
    """Return the circle that replacing ``old`` by ``new`` would close, or ``None`` when it closes none."""
    following = chain(links, new)
    return [old, *following[: following.index(old) + 1]] if old in following else None


def successor(links: Mapping[int, Link], part_id: int, on: date) -> Replacement:
    """Return the part to order on a day instead of this one; itself when nothing replaces it yet.

    :param links: per part the link that replaces it; one that begins after ``on`` does not count.
    """
    ratio, current, seen = Decimal(1), part_id, {part_id}
    while (link := links.get(current)) is not None and link.valid_from <= on and link.new not in seen:
        ratio, current = ratio * link.ratio, link.new
        seen.add(current)
    return Replacement(current, ratio)


def substitutes(
    part_id: int, links: Iterable[Link], alternates: Iterable[tuple[int, int]], on: date, *, levels: int = 3
) -> list[Substitute]:
    """Return every part that can stand in for one, nearest first.

    Successors in force stand in for their predecessors; predecessors only where the link works both ways; alternates
    one way, as listed.

    :param alternates: pairs of a part and another that may be used instead of it.
    :param levels: how many steps to go.
    """
    ways = _ways(links, alternates, on)
    found: dict[int, Substitute] = {part_id: Substitute(part_id, Decimal(1), ())}
    queue = deque([part_id])
    while queue:
        here = found[queue.popleft()]
        if here.level == levels:
            continue
        for there, ratio in ways.get(here.part_id, ()):
            if there not in found:
                found[there] = Substitute(there, here.ratio * ratio, (*here.path, there))
                queue.append(there)
    return [way for way in found.values() if way.level]


def _ways(
    links: Iterable[Link], alternates: Iterable[tuple[int, int]], on: date
) -> dict[int, list[tuple[int, Decimal]]]:
    ways: dict[int, list[tuple[int, Decimal]]] = {}
    for old, new, ratio in _steps(links, on):
        ways.setdefault(old, []).append((new, ratio))
    for part, other in alternates:
        ways.setdefault(part, []).append((other, Decimal(1)))
    return ways


def _steps(links: Iterable[Link], on: date) -> Iterator[tuple[int, int, Decimal]]:
    for link in links:
        if link.valid_from <= on:
            yield link.old, link.new, link.ratio
            if link.both_ways:
                yield link.new, link.old, 1 / link.ratio


def order_quantity(needed: Decimal, minimum: Decimal, multiple: Decimal) -> Decimal:
    """Return how many to order: at least ``minimum``, in whole lots of ``multiple``, not less than needed.

    Nothing is ordered when nothing is needed.
    """
    if needed <= 0:
        return Decimal(0)
    lots = (max(needed, minimum) / multiple).to_integral_value(ROUND_CEILING)
    return lots * multiple
