"""Pieces add up, alarms tell luck from bias, choices are shrunk, services fall due when they do: all by rules alone."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aftersales.planning.rules.choosing import choose, losses
from aftersales.planning.rules.explaining import PIECES, apportioned, exact_pieces, remainder, share_of
from aftersales.planning.rules.servicing import Service, interval_days, last_in_time, late_share, pieces, times
from aftersales.planning.rules.tracking import track

amounts = st.floats(min_value=-50, max_value=5000, allow_nan=False)


@given(st.lists(amounts, min_size=1, max_size=40), st.integers(0, 3))
def test_rounded_parts_add_up_to_the_rounded_sum(parts: list[float], places: int) -> None:
    shown = apportioned(parts, places)
    exact = sum(round(part * 10**6) for part in parts) / 10**6
    assert abs(float(sum(shown)) - exact) <= 0.5001 * 10.0**-places
    assert all(abs(float(one) - part) < 1.01 * 10.0**-places for one, part in zip(shown, parts, strict=True))
    assert all(one == 0 for one, part in zip(shown, parts, strict=True) if part == 0)


@given(st.data())
def test_pieces_of_a_mean_sum_to_it_exactly(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    row = st.lists(st.floats(min_value=0, max_value=1e4), min_size=count, max_size=count)
    mean, known = np.array(data.draw(row)), {name: np.array(data.draw(row)) for name in PIECES[:-1]}
    found = exact_pieces(mean, known)
    for month in range(count):
        whole = sum(Decimal(str(found[name][month])) for name in PIECES)
        assert whole == Decimal(str(round(float(mean[month]) * 10**6) / 10**6))
    assert all(value <= 0 for value in found["retirements"])


def test_what_is_missing_to_the_whole_is_named() -> None:
    assert remainder([1.0, 2.0], [[0.1, 0.2], [0.2, 3.0]]) == [0.7, -1.2]
    assert share_of(None, [1.5])["correction"] == [1.5]


def test_bias_raises_an_alarm_and_luck_does_not() -> None:
    rng = np.random.default_rng(3)
    months, parts = 18, 600
    expected = np.full((months, parts), 6.0)
    right = rng.poisson(6.0, (months, parts)).astype(np.float64)
    upper = np.full((months, parts), 10.0)
    alarms = track(right, expected, upper).alarm != ""
    assert alarms.mean() < 0.10
    low = track(right * 2.0, expected, upper)
    assert (low.alarm == "low").mean() > 0.8
    assert (low.signal > 0.5).mean() > 0.95
    high = track(right * 0.3, expected, upper)
    assert (high.alarm == "high").mean() > 0.8


def test_a_slow_part_asked_for_in_no_month_raises_no_alarm() -> None:
    found = track(np.zeros((8, 1)), np.full((8, 1), 0.1), np.ones((8, 1)))
    assert found.signal[0] == pytest.approx(-1.0)
    assert found.alarm[0] == ""
    nothing = track(np.full((8, 1), np.nan), np.ones((8, 1)), np.ones((8, 1)))
    assert np.isnan(nothing.signal[0])


def test_a_rival_takes_over_where_it_saves_loss_and_luck_is_shrunk() -> None:
    groups = np.array(["lumpy"] * 10)
    history, fleet = np.full((4, 10), 10.0), np.full((4, 10), 6.0)
    demanded = np.ones((4, 10), dtype=np.bool_)
    assert (choose(np.stack([history, fleet]), demanded, groups) == 1).all()
    fleet[:, 0] = 40.0
    assert choose(np.stack([history, fleet]), demanded, groups)[0] == 0
    lucky = np.full((4, 10), 12.0)
    lucky[:, 0] = 8.0
    assert (choose(np.stack([history, lucky]), demanded, groups)[1:] == 0).all()
    unknown = np.full((4, 10), np.nan)
    assert (choose(np.stack([history, unknown]), demanded, groups) == 0).all()


def test_losses_are_the_pinball_losses() -> None:
    found = losses(np.array([3.0, np.nan]), np.array([[2.0, 5.0], [1.0, 1.0]]), (0.5, 0.9))
    assert found[0] == pytest.approx(0.5 * 1.0 + 0.1 * 2.0)
    assert np.isnan(found[1])


def test_services_repeat_and_bigger_ones_take_the_place_of_smaller() -> None:
    small, big = Service("S", 100.0, 150.0), Service("B", 200.0, 250.0, ("S",))
    found = times([small, big], 100.0, 700.0)
    assert found["B"].tolist() == [250.0, 450.0, 650.0]
    assert found["S"].tolist() == [150.0, 350.0, 550.0]
    assert times([Service("once", 0.0, 50.0)], 100.0, 700.0)["once"].tolist() == []
    early = times([Service("S", 100.0, 20.0)], 300.0, 500.0)
    assert early["S"].tolist() == [320.0, 420.0]


@given(st.floats(1, 400), st.floats(0, 1000), st.floats(0, 500), st.floats(0, 800))
def test_services_lie_within_and_a_step_apart(interval: float, first: float, begin: float, length: float) -> None:
    found = times([Service("S", interval, first)], begin, begin + length)["S"]
    assert ((found >= begin - 1e-6) & (found < begin + length + 1e-6)).all()
    assert np.allclose(np.diff(found), interval)


def test_the_shorter_interval_counts() -> None:
    assert interval_days(500.0, None, 10.0) == 50.0
    assert interval_days(500.0, 30, 10.0) == 30.0
    assert interval_days(500.0, None, None) is None
    assert interval_days(None, 365, None) == 365.0


def test_late_work_is_expected_late_and_given_up_work_in_its_turn() -> None:
    assert last_in_time(120.0, 50.0, 100.0) == 120.0
    assert last_in_time(95.0, 50.0, 100.0, late=10.0) == 105.0
    assert last_in_time(80.0, 50.0, 100.0, late=10.0) == 110.0
    assert last_in_time(10.0, 50.0, 100.0, late=10.0) == 110.0
    assert late_share([]) == 0.0
    assert late_share([0.2] * 15) == pytest.approx(0.15)


def test_oil_is_counted_by_what_its_fills_have_in_common() -> None:
    assert pieces({1: [20.0, 30.0], 2: [2.5], 3: [4.0]}, {3}) == {1: 10.0, 2: 2.5, 3: 1.0}
