"""Life, rollovers, batches and utilisation against simple models, over random histories."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftersales.usage.rules import (
    Counter,
    Entry,
    Ledger,
    Outcome,
    Point,
    Segment,
    Standing,
    decimal,
    life_on,
    micros,
    predict_day,
    predict_life,
    rate_of,
    standing,
    step,
    thousandths,
)
from aftersales.usage.rules.batch import Batch, Latest, append
from aftersales.usage.rules.life import never_falls
from aftersales.usage.rules.scale import DAY, HOUR
from aftersales.vocabulary import ReadingKind

NOW = micros(datetime(2026, 6, 1, tzinfo=UTC))
BEGIN = NOW - 2000 * DAY


@dataclass
class Step:
    hours: int
    share: int

    @property
    def gain(self) -> int:
        """Thousandths of hours worked: never faster than the clock."""
        return self.hours * 1000 * self.share // 100


STEPS = st.lists(st.builds(Step, st.integers(1, 400), st.integers(0, 100)), min_size=1, max_size=40)


@given(steps=STEPS, first=st.integers(0, 999_000), held=st.integers(1_000, 5_000))
def test_rollovers_in_order_of_time_keep_life(steps: list[Step], first: int, held: int) -> None:
    """Against the simple model: life is the sum of what was worked, whatever the display shows."""
    top = held * 1000
    ledger = Ledger(True, [Segment(BEGIN, first, 0, top)], [])
    at, life, display = BEGIN, 0, first
    for number, each in enumerate(steps, start=1):
        if 2 * each.gain >= top:
            continue
        at, life, display = at + each.hours * HOUR, life + each.gain, (display + each.gain) % top
        assert ledger.place(at, display, estimated=False, now=NOW).outcome is Outcome.ACCEPTED
        ledger.add(Standing(number, at, display, estimated=False))
    assert ledger.points()[-1].life == life
    assert never_falls(ledger.points())


@settings(max_examples=60)
@given(
    steps=STEPS,
    order=st.randoms(use_true_random=False),
    guesses=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9_000_000)), max_size=6),
)
def test_any_order_of_arrival_gives_the_same_curve(
    steps: list[Step], order: Random, guesses: list[tuple[int, int]]
) -> None:
    """Readings shuffled, estimates of any value between: the measured values have the life of the simple model."""
    truth: dict[int, int] = {}
    at, life = BEGIN, 0
    for each in steps:
        at, life = at + each.hours * HOUR, life + each.gain
        truth[at] = life
    arriving = list(truth.items())
    order.shuffle(arriving)
    ledger = Ledger(True, [Segment(BEGIN, 0, 0)], [])
    for number, (moment, display) in enumerate(arriving, start=1):
        for offset, value in guesses[number - 1 : number]:
            guess = BEGIN + (at - BEGIN) * offset // 100 + 1
            if ledger.place(guess, value, estimated=True, now=NOW).outcome is Outcome.ACCEPTED:
                ledger.add(Standing(1000 + number, guess, value, estimated=True))
        verdict = ledger.place(moment, display, estimated=False, now=NOW)
        assert verdict.outcome is Outcome.ACCEPTED, str(verdict.refusal)
        ledger.add(Standing(number, moment, display, estimated=False), counters=verdict.counters)
        assert ledger.place(moment, display, estimated=False, now=NOW).outcome is Outcome.DUPLICATE
    points = ledger.points()
    assert never_falls(points)
    assert {point.at: point.life for point in points if not point.estimated} == {BEGIN: 0, **truth}


@given(rows=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 400_000)), max_size=30))
def test_whatever_arrives_life_never_falls_nor_runs_faster_than_the_clock(rows: list[tuple[int, int]]) -> None:
    ledger = Ledger(True, [Segment(BEGIN, 0, 0, 300_000)], [])
    for number, (hours, display) in enumerate(rows, start=1):
        at = BEGIN + hours * HOUR
        before = {(point.at, point.life) for point in ledger.points()}
        if ledger.place(at, display, estimated=False, now=NOW).outcome is Outcome.ACCEPTED:
            ledger.add(Standing(number, at, display, estimated=False))
            assert before <= {(point.at, point.life) for point in ledger.points()}
    points = ledger.points()
    assert never_falls(points)
    assert all(b.life - a.life <= (b.at - a.at) * 1000 // HOUR + 1000 for a, b in pairwise(points))


@given(rows=st.lists(st.tuples(st.integers(0, 2), st.integers(-2, 60), st.integers(0, 60_000)), max_size=25))
def test_a_batch_is_judged_as_its_rows_would_be_one_by_one(rows: list[tuple[int, int, int]]) -> None:
    limits = [0, 50_000, 0]
    latest = Latest(
        np.full(3, BEGIN), np.full(3, 10_000), np.full(3, 70_000), np.array(limits), np.array([True, True, False]),
        np.full(3, fill_value=True),
    )  # fmt: skip
    meter, at, display = (np.array([row[column] for row in rows], dtype=np.int64) for column in range(3))
    at = BEGIN + at * HOUR
    done = append(latest, Batch(meter, at, display, np.zeros(len(rows), dtype=np.bool_)), NOW)
    for index in range(3):
        mine = sorted(np.flatnonzero(meter == index).tolist(), key=lambda row: at[row])
        ledger = Ledger(index != 2, [Segment(BEGIN, 10_000, 70_000, limits[index] or None)], [])
        outcomes = []
        for row in mine:
            verdict = ledger.place(int(at[row]), int(display[row]), estimated=False, now=NOW)
            outcomes.append(verdict.outcome is Outcome.ACCEPTED and at[row] > BEGIN)
            if verdict.outcome is Outcome.ACCEPTED:
                ledger.add(Standing(row + 1, int(at[row]), int(display[row]), estimated=False))
        assert done.settled[index] == (bool(mine) and all(outcomes))
        if done.settled[index]:
            assert done.life[index] == ledger.points()[-1].life
            assert done.last[index] == mine[-1]


def test_the_last_counter_entry_stands() -> None:
    entries = [
        Entry(1, 5, 10, ReadingKind.ESTIMATED),
        Entry(2, 9, 20, ReadingKind.MEASURED),
        Entry(3, 5, 11, ReadingKind.CORRECTION, 1),
        Entry(4, 9, 20, ReadingKind.VOID, 2),
    ]
    assert standing(entries) == [
        Standing(1, 5, 11, estimated=False), Standing(2, 9, 20, estimated=False, voided=True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "hours", "gain"),
    [(900, 40, 200, 140), (900, 40, 100, -860), (900, 500, 2000, -400), (100, 200, 10, 100)],
)
def test_a_fall_is_a_rollover_only_when_plausible(before: int, after: int, hours: int, gain: int) -> None:
    counter = Counter(hours=True, rolls_over_at=1_000_000)
    assert step(counter, before * 1000, after * 1000, hours * HOUR) == gain * 1000


def test_values_are_exact_thousandths() -> None:
    assert decimal(thousandths(Decimal("12.345"))) == Decimal("12.345")
    for wrong in ("-1", "0.0001", "1e12", "NaN", "Infinity"):
        with pytest.raises(ValueError, match="meter value"):
            thousandths(Decimal(wrong))


def test_life_between_readings_lies_on_the_line() -> None:
    points = [Point(0, 0, 0), Point(10, 5, 5000)]
    assert [life_on(points, at) for at in (-1, 0, 5, 10, 99)] == [None, 0, 2500, 5000, 5000]


def worked(daily: "np.ndarray[tuple[int], np.dtype[np.float64]]", every: int) -> list[Point]:
    """Points every so many days of a machine that works ``daily`` hours."""
    life = np.concatenate([[0.0], np.cumsum(daily)])
    return [Point(NOW - (len(daily) - day) * DAY, 0, int(life[day] * 1000)) for day in range(0, len(life), every)]


def test_the_interval_of_utilisation_holds_nine_times_in_ten() -> None:
    random = np.random.default_rng(7)
    inside, ahead, trials = 0, 0, 400
    for _ in range(trials):
        daily = random.gamma(2.0, 4.0, 364 + 60).clip(0, 24)
        points = worked(daily[:364], 7)
        use = rate_of(points, NOW, hours=True)
        assert use is not None
        assert use.high is not None
        inside += use.low <= 7.8 <= use.high
        then = predict_life(decimal(points[-1].life), 60, use)
        assert then.high is not None
        ahead += float(then.low) <= daily.sum() <= float(then.high)
    assert 0.85 <= inside / trials <= 0.96
    assert 0.85 <= ahead / trials <= 0.96


def test_standstill_gaps_and_short_history() -> None:
    day = np.full(182, 10.0)
    half = rate_of(worked(np.concatenate([day, np.zeros(182)]), 7), NOW, hours=True)
    assert half is not None
    assert half.per_day == pytest.approx(5.0, abs=0.1)
    gap = rate_of([Point(NOW - 364 * DAY, 0, 0), Point(NOW - 10 * DAY, 0, 3_540_000)], NOW, hours=True)
    assert gap is not None
    assert gap.per_day == pytest.approx(10.0)
    assert (gap.low, gap.high) == (0.0, 24.0)
    assert rate_of([Point(NOW - HOUR, 0, 0), Point(NOW, 0, 500)], NOW, hours=True) is None
    assert rate_of([], NOW, hours=True) is None


def test_the_day_a_value_is_reached() -> None:
    use = rate_of(worked(np.full(364, 8.0), 7), NOW, hours=True)
    assert use is not None
    today = date(2026, 6, 1)
    day = predict_day(Decimal(1000), today, Decimal(1080), use)
    assert day is not None
    assert day.day == day.earliest == day.latest == today + timedelta(days=10)
    past = predict_day(Decimal(1000), today, Decimal(920), use)
    assert past is not None
    assert past.day == today - timedelta(days=10)
    assert predict_day(Decimal(1000), today, Decimal(1_000_000), use) is None
    idle = rate_of(worked(np.zeros(364), 7), NOW, hours=True)
    assert idle is not None
    assert predict_day(Decimal(1000), today, Decimal(1001), idle) is None
