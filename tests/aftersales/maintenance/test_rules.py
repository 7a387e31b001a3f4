"""When tasks are due: worked cases, and what holds for any history."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aftersales.maintenance.rules import (
    Check,
    Done,
    KitLine,
    Task,
    TaskSpec,
    Usage,
    applies,
    check_tasks,
    closure,
    completion,
    due,
)
from aftersales.vocabulary import DueStatus, LifeUnit

D = Decimal
START = date(2026, 1, 1)
SERVICE = Task(every_hours=D(500), every_days=365, first_hours=D(50), first_days=60)


def on(day: int, hours: int | str, per_day: float | None = 10.0) -> Usage:
    return Usage(START + timedelta(days=day), D(hours), hours_per_day=per_day)


def test_the_first_time_is_by_its_own_interval_whichever_comes_first() -> None:
    state = due(SERVICE, START, None, on(2, 20))
    assert (state.status, state.first, state.expected_on) == (DueStatus.DUE_SOON, LifeUnit.HOURS, START + timedelta(5))
    idle = due(SERVICE, START, None, on(2, 1, 0.1))
    assert (idle.first, idle.expected_on) == (LifeUnit.DAYS, START + timedelta(60))
    assert [trigger.remaining for trigger in idle.triggers] == [D(49), D(58)]


@pytest.mark.parametrize(
    ("hours", "status"), [(449, "ok"), (450, "due"), (500, "due"), (550, "due"), ("550.1", "overdue")]
)
def test_due_is_within_the_tolerance_and_overdue_after_it(hours: int | str, status: str) -> None:
    assert due(Task(every_hours=D(500)), START, None, on(30, hours, None)).status == status


@pytest.mark.parametrize(("done_at", "next_at"), [(480, 1000), (540, 1000), (440, 940), (600, 1100)])
def test_the_next_time_counts_from_the_plan_when_done_within_tolerance(done_at: int, next_at: int) -> None:
    task = Task(every_hours=D(500))
    done, _ = completion(task, START, None, on(40, done_at))
    assert due(task, START, done, on(40, done_at)).triggers[0].due_at == next_at


@pytest.mark.parametrize(("done_at", "in_time"), [(100, True), (550, True), (551, False)])
def test_early_is_in_time_and_late_is_not(done_at: int, in_time: bool) -> None:
    assert completion(Task(every_hours=D(500)), START, None, on(40, done_at))[1] is in_time


def test_a_one_time_task_is_done_once() -> None:
    task = Task(every_hours=D(50), repeats=False)
    done, in_time = completion(task, START, None, on(5, 52))
    assert in_time
    assert due(task, START, done, on(100, 900)).status is DueStatus.DONE
    assert completion(task, START, done, on(100, 900))[1] is None


def test_without_meter_or_commissioning_nothing_is_known() -> None:
    assert due(Task(every_hours=D(50)), START, None, Usage(START)).status is DueStatus.UNKNOWN
    assert due(Task(every_days=50), None, None, Usage(START)).status is DueStatus.UNKNOWN


def test_a_due_day_passes_while_little_was_worked() -> None:
    task = Task(every_days=365, skip_below_hours=D(100))
    last = Done(START, D(1000))
    assert due(task, START, last, on(400, 1050)).triggers[0].due_on == START + timedelta(730)
    assert due(task, START, last, on(400, 1100)).status is DueStatus.DUE
    assert due(task, START, last, on(440, 1100)).status is DueStatus.OVERDUE


def test_options_choose_tasks() -> None:
    assert applies([], [], ["A"])
    assert applies(["A", "B"], [], ["B"])
    assert not applies(["A"], [], [])
    assert not applies([], ["A"], ["A"])


def test_inclusions_go_through() -> None:
    assert closure({"2000": ["1000"], "1000": ["500"], "500": []}, "2000") == {"1000", "500"}


def spec(code: str = "A", **fields: object) -> TaskSpec:
    return TaskSpec(**({"code": code, "name": code, "every_hours": D(10)} | fields))  # type: ignore[arg-type] # wrong on purpose


UNSOUND = [
    ([spec(), spec()], "code"),
    ([spec(code=" ", name="A")], "code"),
    ([spec(every_hours=None)], "every_hours"),
    ([spec(every_hours=D(0))], "every_hours"),
    ([spec(first_days=5)], "first_days"),
    ([spec(includes=("B",))], "includes"),
    ([spec("A", includes=("B",)), spec("B", includes=("A",))], "includes"),
    ([spec(checklist=(Check("x", measured=True, lower=D(2), upper=D(1)),))], "checklist"),
    ([spec(checklist=(Check("x", lower=D(2)),))], "checklist"),
    ([spec(kit=(KitLine(1, D(1)), KitLine(1, D(2))))], "kit"),
    ([spec(tolerance_percent=101)], "tolerance_percent"),
]


@pytest.mark.parametrize(("tasks", "field"), UNSOUND)
def test_what_is_unsound_is_named(tasks: list[TaskSpec], field: str) -> None:
    assert {problem["field"] for problem in check_tasks(tasks)} == {field}


def test_a_sound_programme_has_no_problems() -> None:
    assert not check_tasks([spec("A", includes=("B",)), spec("B", every_days=30, first_days=5)])


@given(
    every=st.integers(10, 2000),
    tolerance=st.integers(0, 40),
    gaps=st.lists(st.integers(0, 4000), min_size=1, max_size=12),
)
def test_the_plan_never_drifts_by_more_than_its_tolerance(every: int, tolerance: int, gaps: list[int]) -> None:
    """After any completion the next one lies one interval, give or take the tolerance, ahead of it."""
    task = Task(every_hours=D(every), tolerance_percent=tolerance)
    last, hours = None, 0
    for day, gap in enumerate(gaps):
        hours += gap
        last, in_time = completion(task, START, last, on(day, hours))
        ahead = due(task, START, last, on(day, hours)).triggers[0].remaining
        slack = D(every) * tolerance / 100
        assert D(every) - slack <= ahead <= D(every) + slack
        assert in_time is not None


@given(hours=st.lists(st.integers(0, 3000), min_size=2, max_size=2).map(sorted), days=st.integers(0, 800))
def test_a_task_never_becomes_less_due_by_working(hours: list[int], days: int) -> None:
    order = [DueStatus.OK, DueStatus.DUE_SOON, DueStatus.DUE, DueStatus.OVERDUE]
    before, after = (order.index(due(SERVICE, START, None, on(days, each)).status) for each in hours)
    assert before <= after
