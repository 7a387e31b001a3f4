"""Steps, lots, tolerances, lateness and lead times of supply orders, as pure decisions."""

from datetime import date, timedelta
from decimal import Decimal
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aftersales.errors import Invalid, RuleBroken
from aftersales.purchasing import rules
from aftersales.vocabulary import SupplyState, Tolerance

WHOLE = st.integers(1, 500).map(Decimal)
FINE = st.integers(1, 500_000).map(lambda n: Decimal(n).scaleb(-3))
DAY = date(2026, 6, 1)


@given(st.sampled_from([None, *SupplyState]), st.sampled_from(SupplyState))
def test_only_listed_steps_are_legal(before: SupplyState | None, after: SupplyState) -> None:
    if after in rules.STEPS[before]:
        rules.check_step("PO-1", before, after)
    else:
        with pytest.raises(RuleBroken, match="cannot become"):
            rules.check_step("PO-1", before, after)


def test_an_order_is_approved_before_it_is_sent_and_nothing_follows_a_cancelled_one() -> None:
    assert SupplyState.SENT not in rules.STEPS[SupplyState.DRAFT]
    assert rules.STEPS[SupplyState.CANCELLED] == frozenset()
    assert SupplyState.CANCELLED not in rules.STEPS[SupplyState.PART_RECEIVED] | rules.STEPS[SupplyState.RECEIVED]


@given(WHOLE, WHOLE, WHOLE)
def test_a_lot_is_the_least_that_fits(quantity: Decimal, minimum: Decimal, multiple: Decimal) -> None:
    found = rules.lot(quantity, minimum, multiple)
    rules.check_lot("B", found, minimum, multiple)
    assert found >= quantity
    less = found - multiple
    assert less < quantity or less < minimum


@given(WHOLE, WHOLE, WHOLE)
def test_what_is_no_lot_is_refused_and_names_one_that_is(
    quantity: Decimal, minimum: Decimal, multiple: Decimal
) -> None:
    if quantity >= minimum and quantity % multiple == 0:
        rules.check_lot("B", quantity, minimum, multiple)
    else:
        with pytest.raises(Invalid) as refused:
            rules.check_lot("B", quantity, minimum, multiple)
        assert refused.value.params["fits"] == f"{rules.lot(quantity, minimum, multiple).normalize():f}"


@given(FINE, st.sampled_from(Tolerance), WHOLE, st.booleans())
def test_a_tolerance_lets_more_come_and_never_less(
    quantity: Decimal, tolerance: Tolerance, multiple: Decimal, whole: bool
) -> None:
    ordered = max(Decimal(1), quantity.to_integral_value()) if whole else quantity
    most = rules.receivable(ordered, tolerance, multiple, whole_units=whole)
    assert most >= ordered
    assert most == round(most, 3)
    if whole:
        assert most % 1 == 0
    if tolerance is Tolerance.EXACT:
        assert most == ordered
    elif tolerance is Tolerance.FULL_PACK:
        assert most == ordered + multiple
    else:
        assert most <= ordered * (1 + rules.SHARES[tolerance])


@given(FINE, FINE, FINE)
def test_nothing_comes_beyond_what_may(quantity: Decimal, received: Decimal, most: Decimal) -> None:
    if received + quantity <= most:
        rules.check_receipt("B", quantity, received=received, most=most)
    else:
        with pytest.raises(RuleBroken, match="more than the order lets come"):
            rules.check_receipt("B", quantity, received=received, most=most)


AMOUNTS = st.tuples(WHOLE, st.integers(0, 500).map(Decimal), st.integers(0, 500).map(Decimal))


@given(st.lists(AMOUNTS, min_size=1, max_size=5))
def test_the_state_follows_from_the_lines(amounts: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    lines = [rules.LineFacts(*each) for each in amounts]
    state = rules.state_after(lines)
    is_all_here = all(quantity <= received + given_up for quantity, received, given_up in amounts)
    assert (state is SupplyState.RECEIVED) == is_all_here
    if not is_all_here:
        came = any(received > 0 for _, received, _ in amounts)
        assert state is (SupplyState.PART_RECEIVED if came else SupplyState.SENT)


@given(st.sampled_from(SupplyState), st.integers(0, 3), st.integers(-5, 5))
def test_late_is_what_should_be_here_and_is_not(state: SupplyState, open_quantity: int, days: int) -> None:
    expected = DAY + timedelta(days=days)
    late = rules.is_late(state, Decimal(open_quantity), expected, DAY)
    assert late == (state in rules.COMING and open_quantity > 0 and days < 0)


def test_what_the_supplier_confirmed_counts() -> None:
    assert rules.expected_on(DAY, None) == DAY
    assert rules.expected_on(DAY, DAY + timedelta(days=3)) == DAY + timedelta(days=3)


@given(st.lists(st.integers(0, 400), min_size=2, max_size=40))
def test_lead_times_are_summed_up_as_statistics_does(days: list[int]) -> None:
    told = rules.lead_time(days)
    assert told is not None
    assert told.count == len(days)
    assert told.mean == pytest.approx(mean(days))
    assert told.deviation == pytest.approx(stdev(days))
    assert (told.shortest, told.longest) == (min(days), max(days))
    assert sum(told.months.values()) == pytest.approx(1)
    assert max(told.months) == max(1, -(-max(days) // rules.DAYS_PER_MONTH))


def test_no_delivery_tells_nothing_and_one_has_no_spread() -> None:
    assert rules.lead_time([]) is None
    told = rules.lead_time([31])
    assert told is not None
    assert (told.deviation, told.months) == (0.0, {2: 1.0})
