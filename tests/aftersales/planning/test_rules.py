"""Months, counting, stocking and scoring, by hand and by property."""

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftersales.errors import Invalid
from aftersales.planning.rules import months
from aftersales.planning.rules.counting import Traces, count_once
from aftersales.planning.rules.scoring import Promise, actuals, judge
from aftersales.planning.rules.stocking import SERVICE, StockLine, propose
from aftersales.vocabulary import Criticality
from forecasting.demand import DemandPanel
from forecasting.stock.policy import Reason

DAY = date(2026, 6, 15)


@pytest.mark.parametrize(
    ("days", "expected"), [(0, 1), (30, 1), (31, 2), (91, 3), (100, 4), (130, 6), (300, 12), (5000, 36)]
)
def test_lead_times_are_rounded_up_to_few_lengths(days: int, expected: int) -> None:
    assert months.lead_time_in_months(days) == expected


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(-200, 200))
def test_months_added_are_months_between(day: date, count: int) -> None:
    month = months.month_of(day)
    assert months.between(month, months.plus(month, count)) == count
    assert months.parse(months.label(month)) == month


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-00", "26-01", "2026-1", "0000-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        months.parse(text)


@pytest.mark.parametrize(
    ("event", "imported", "expected"),
    [
        (None, None, date(2026, 6, 1)),
        (date(2026, 6, 3), None, date(2026, 6, 1)),
        (date(2025, 12, 3), None, date(2026, 6, 1)),
        (date(2025, 10, 3), None, date(2025, 11, 1)),
        (date(2020, 10, 3), date(2021, 3, 1), date(2021, 4, 1)),
        (date(2021, 1, 1), None, date(2021, 1, 1)),
        (date(2026, 6, 1), None, date(2026, 6, 1)),
        (date(2026, 5, 1), None, date(2026, 6, 1)),
        (None, date(2026, 5, 1), date(2026, 6, 1)),
    ],
)
def test_the_forecast_begins_now_or_where_the_records_ended(
    event: date | None, imported: date | None, expected: date
) -> None:
    assert months.origin_of(DAY, event, imported, 6) == expected


Place = tuple[int, int, pd.Timestamp, int | None]
moments = st.integers(0, 200).map(lambda day: pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(days=day))
places = st.tuples(st.sampled_from([1, 2]), st.sampled_from([10, 11]), moments, st.sampled_from([None, 7, 8]))


def traces_of(issued: list[Place], broken: list[Place]) -> Traces:
    issues = pd.DataFrame(
        [(part, at, 1.0, order, machine, None) for part, machine, at, order in issued],
        columns=["part", "at", "quantity", "order", "machine", "serial"],
    )
    failures = pd.DataFrame(
        [(part, at, machine, order, False) for part, machine, at, order in broken],
        columns=["part", "at", "machine", "order", "closed"],
    )
    columns = ["part", "own", "component", "serial", "machine", "position", "slot", "at", "until", "reason", "order"]
    stays = pd.DataFrame([], columns=columns)
    for frame in (issues, failures, stays):
        frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return Traces(issues, stays, failures)


@settings(max_examples=60, deadline=None)
@given(st.lists(places, max_size=8), st.lists(places, max_size=8))
def test_demand_lies_between_what_was_used_and_that_with_all_failures(issued: list[Place], broken: list[Place]) -> None:
    found = count_once(traces_of(issued, broken))
    total = found["quantity"].sum() if len(found) else 0
    assert max(len(issued), len(broken)) <= total <= len(issued) + len(broken)
    assert count_once(traces_of(issued, []))["quantity"].sum() == len(issued)


@settings(max_examples=40, deadline=None)
@given(st.lists(places, max_size=8))
def test_failures_each_mended_at_once_add_nothing(broken: list[Place]) -> None:
    found = count_once(traces_of(broken, broken))
    assert set(found["source"]) <= {"consumption"}
    assert len(found) == len(broken)


def stock_line(**changes: object) -> StockLine:
    base: dict[str, object] = {
        "quantiles": {"0.5": 2.0, "0.9": 5.0, "0.95": 6.0, "0.99": 9.0},
        "months": 3,
        "criticality": Criticality.ESSENTIAL,
        "whole_units": True,
        "minimum": Decimal(1),
        "multiple": Decimal(1),
        "on_hand": Decimal(2),
        "reserved": Decimal(0),
    }
    return StockLine(**(base | changes))  # type: ignore[arg-type] # a test's shorthand


@pytest.mark.parametrize(
    ("changes", "quantity", "point", "reason"),
    [
        ({}, 4, 6, Reason.BELOW_REORDER_POINT),
        ({"criticality": Criticality.VITAL}, 7, 9, Reason.BELOW_REORDER_POINT),
        ({"criticality": Criticality.DESIRABLE}, 3, 5, Reason.BELOW_REORDER_POINT),
        ({"on_hand": Decimal(8)}, 0, 6, Reason.ENOUGH),
        ({"on_hand": Decimal(8), "reserved": Decimal(5)}, 3, 6, Reason.BELOW_REORDER_POINT),
        ({"on_order": Decimal(4)}, 0, 6, Reason.ENOUGH),
        ({"minimum": Decimal(10)}, 10, 6, Reason.RAISED_TO_MINIMUM),
        ({"multiple": Decimal(5)}, 5, 6, Reason.ROUNDED_TO_MULTIPLE),
        ({"quantiles": {"0.5": 0.0, "0.9": 0.0, "0.95": 0.0, "0.99": 0.0}}, 0, 0, Reason.NO_DEMAND),
        (
            {"quantiles": {"0.5": 0.1, "0.9": 1.2, "0.95": 1.3, "0.99": 2.0}, "on_hand": Decimal(0)},
            2,
            2,
            Reason.BELOW_REORDER_POINT,
        ),
    ],
)
def test_what_to_order_and_why(changes: dict[str, object], quantity: int, point: int, reason: Reason) -> None:
    (found,) = propose([stock_line(**changes)])
    assert [int(found.quantity), int(found.reorder_point)] == [quantity, point]
    assert found.reason is reason
    assert "%(" not in found.words % found.params


def test_service_rises_with_criticality() -> None:
    assert [SERVICE[kind] for kind in (Criticality.VITAL, Criticality.ESSENTIAL, Criticality.DESIRABLE)] == [
        0.99,
        0.95,
        0.9,
    ]


def test_a_forecast_is_judged_beside_its_rivals_by_hand() -> None:
    promise = Promise(
        history=np.array([[1.0, 3.0], [0.0, float("nan")]]),
        mean=np.array([[2.0, 2.0], [1.0, 1.0]]),
        quantiles=np.array([[[2.0, 4.0], [2.0, 4.0]], [[1.0, 1.0], [1.0, 1.0]]]),
        probabilities=(0.5, 0.9),
    )
    actual = np.array([[4.0, 2.0], [float("nan"), 2.0]])
    forecast, naive, zero = judge(promise, actual)
    # Total forecast 2 + 2 + 1 = 5 against 8; the missing month counts nowhere.
    assert (forecast.bias, naive.bias, zero.bias) == (-0.375, -0.25, -1.0)
    # Pinball at .5: 1 + 0 + .5 = 1.5; at .9: 0 + .1·2 + .9 = 1.1; wQL = mean of 2·1.5/8 and 2·1.1/8.
    assert forecast.wql == pytest.approx(0.325)
    assert zero.wql == pytest.approx((2 * 4 / 8 + 2 * 7.2 / 8) / 2)
    assert forecast.coverage == {"0.5": pytest.approx(1 / 3), "0.9": pytest.approx(2 / 3)}


def test_actual_months_are_read_by_part_and_month() -> None:
    panel = DemandPanel.from_arrays([[1, 2, 3], [4, 5, 6]], first_period="2026-01", part_ids=["7", "8"])
    found = actuals(panel, ["8", "9", "7"], "2026-02", 3)
    nan = float("nan")
    assert np.allclose(found, [[5, 6, nan], [nan, nan, nan], [2, 3, nan]], equal_nan=True)
