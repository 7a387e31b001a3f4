"""Chains, circles, substitutes and lots."""

from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aftersales.parts import rules
from aftersales.parts.rules import Link

DAY = date(2026, 6, 1)
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def link(old: int, new: int, ratio: int | str = 1, *, since: date = DAY, both_ways: bool = False) -> Link:
    return Link(old, new, since, Decimal(ratio), both_ways)


def test_the_successor_counts_ratios_along_the_chain_up_to_what_is_in_force() -> None:
    links = {1: link(1, 2, 2), 2: link(2, 3, "1.5"), 3: link(3, 4, since=date(2026, 6, 2))}
    assert rules.successor(links, 1, DAY) == rules.Replacement(3, Decimal(3))
    assert rules.successor(links, 1, date(2026, 6, 2)).part_id == 4
    assert rules.successor(links, 1, date(2026, 5, 31)) == rules.Replacement(1, Decimal(1))


def test_a_circle_is_named_from_the_old_part_round_to_itself() -> None:
    assert rules.circle({2: 3, 3: 1}, 1, 2) == [1, 2, 3, 1]
    assert rules.circle({2: 3, 3: 4}, 1, 2) is None


@calm
@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=40))
def test_links_added_one_by_one_never_close_a_circle(pairs: list[tuple[int, int]]) -> None:
    links: dict[int, int] = {}
    for old, new in pairs:
        if old != new and old not in links and rules.circle(links, old, new) is None:
            links[old] = new
    for part in links:
        line = rules.chain(links, part)
        assert line[-1] not in links
        assert len(set(line)) == len(line)


def test_substitutes_go_through_several_levels_and_backwards_only_where_allowed() -> None:
    links = [link(1, 2, 2), link(2, 3, both_ways=True)]
    alternates = [(3, 9), (9, 10)]
    found = rules.substitutes(1, links, alternates, DAY, levels=4)
    assert [(item.part_id, item.level, item.ratio) for item in found] == [
        (2, 1, Decimal(2)),
        (3, 2, Decimal(2)),
        (9, 3, Decimal(2)),
        (10, 4, Decimal(2)),
    ]
    assert [item.part_id for item in rules.substitutes(3, links, alternates, DAY)] == [2, 9, 10]
    assert [item.part_id for item in rules.substitutes(2, links[:1], [], DAY)] == []
    assert [item.part_id for item in rules.substitutes(1, links, alternates, DAY, levels=2)] == [2, 3]


quantities = st.integers(0, 10_000).map(lambda n: Decimal(n) / 10)


@calm
@given(quantities, quantities, st.integers(1, 500).map(lambda n: Decimal(n) / 10))
def test_an_order_is_enough_and_no_lot_too_many(needed: Decimal, minimum: Decimal, multiple: Decimal) -> None:
    quantity = rules.order_quantity(needed, minimum, multiple)
    if needed == 0:
        assert quantity == 0
        return
    assert quantity % multiple == 0
    assert quantity >= max(needed, minimum) > quantity - multiple
