"""A work order's states, its checks, and what is missing before it closes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftersales.errors import Invalid, RuleBroken
from aftersales.orders.rules import (
    ENDED,
    Act,
    Check,
    Exchanged,
    Job,
    Used,
    check_passes,
    check_window,
    hours_between,
    overlaps,
    possible_acts,
    problems,
    state_after,
    state_when_closed,
)
from aftersales.vocabulary import MachineState, OrderKind, OrderState

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DONE = Job(
    kind=OrderKind.REPAIR,
    answers_faults=True,
    checks=(Check(1, "Pressure", True, True, Decimal(7), True), Check(2, "Guards", False, True, None, False)),
    running=(),
    parts=(Used(5, "HP-100", "VAN1", Decimal(0), True, "S2", Decimal(0), True),),
    exchanges=(Exchanged(9, "PUMP", "S1", True, True, "core", True, "S2", True),),
    findings=1,
    needs_hours=True,
    has_hours=True,
)


@given(acts=st.lists(st.sampled_from(Act), max_size=25))
@settings(max_examples=300)
def test_any_history_of_acts_keeps_the_rules(acts: list[Act]) -> None:
    state, started = OrderState.DRAFT, False
    for act in acts:
        if act not in possible_acts(state):
            with pytest.raises(RuleBroken):
                state_after(state, act)
            continue
        assert state not in ENDED
        state = state_after(state, act)
        started = started or act is Act.START
    if state in {OrderState.CLOSED, OrderState.DONE, OrderState.IN_PROGRESS, OrderState.PAUSED}:
        assert started


@pytest.mark.parametrize("state", OrderState)
def test_ended_is_ended(state: OrderState) -> None:
    assert bool(possible_acts(state)) == (state not in ENDED)
    assert (Act.CANCEL in possible_acts(state)) == (state not in ENDED)


def test_planning_a_draft_makes_it_planned_and_replanning_keeps_the_state() -> None:
    assert state_after(OrderState.DRAFT, Act.PLAN) is OrderState.PLANNED
    assert state_after(OrderState.PAUSED, Act.PLAN) is OrderState.PAUSED
    assert state_after(OrderState.DONE, Act.START) is OrderState.IN_PROGRESS


def test_a_complete_job_has_no_problems() -> None:
    assert problems(DONE) == []


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"checks": (Check(3, "Oil", True, True, None, None),)}, "checklist", "Check 3 has no result: Oil"),
        ({"checks": (Check(3, "Oil", False, True, None, None),)}, "checklist", "Check 3"),
        ({"running": ("Ana",)}, "time", "Ana"),
        ({"findings": 0}, "findings", "what was found"),
        ({"has_hours": False}, "meter_hours", "hour meter"),
        ({"parts": (replace(DONE.parts[0], serial_number=None),)}, "parts", "needs its serial number"),
        ({"parts": (replace(DONE.parts[0], serial_here=False),)}, "parts", "S2, is not in VAN1"),
        ({"parts": (replace(DONE.parts[0], quantity=Decimal(1)),)}, "parts", "VAN1 has 0 of part HP-100"),
        ({"exchanges": (replace(DONE.exchanges[0], removed_is_there=False),)}, "exchanges", "S1 is no longer"),
        ({"exchanges": (replace(DONE.exchanges[0], core_place_known=False),)}, "exchanges", "old component"),
        ({"exchanges": (replace(DONE.exchanges[0], fitted_is_used=False),)}, "exchanges", "not among the parts"),
        ({"exchanges": (replace(DONE.exchanges[0], removed_serial=None),)}, "exchanges", "is taken"),
    ],
)
def test_each_lack_is_named_with_field(change: dict[str, object], field: str, words: str) -> None:
    [found] = problems(replace(DONE, **change))  # type: ignore[arg-type]  # the fields of the parametrisation
    assert found.field == field
    assert words in found.said


def test_all_lacks_are_named_at_once() -> None:
    job = replace(DONE, findings=0, has_hours=False, running=("Ana", "Ivo"))
    assert [item.field for item in problems(job)] == ["time", "time", "findings", "meter_hours"]


def test_lines_of_one_part_and_place_are_weighed_together() -> None:
    line = Used(1, "FLT-7", "VAN1", Decimal(2), False, None, Decimal(3), False)
    [found] = problems(replace(DONE, parts=(line, replace(line, row=2))))
    assert (found.row, "4 are needed" in found.said) == (2, True)
    assert problems(replace(DONE, parts=(line, replace(line, row=2, place="VAN2")))) == []


@given(st.decimals(-1000, 1000, places=3), st.decimals(-1000, 1000, places=3))
def test_limits_are_included(value: Decimal, limit: Decimal) -> None:
    assert check_passes(limit, limit, limit)
    assert check_passes(value, None, None)
    assert check_passes(value, limit, None) == (value >= limit)
    assert check_passes(value, None, limit) == (value <= limit)


@given(st.integers(0, 100), st.integers(1, 50), st.integers(0, 100), st.integers(1, 50))
def test_overlap_is_symmetric_and_touching_is_none(first: int, long: int, second: int, far: int) -> None:
    a, b = NOON + timedelta(hours=first), NOON + timedelta(hours=first + long)
    c, d = NOON + timedelta(hours=second), NOON + timedelta(hours=second + far)
    assert (
        overlaps(a, b, c, d)
        == overlaps(c, d, a, b)
        == bool(set(range(first, first + long)) & set(range(second, second + far)))
    )


@pytest.mark.parametrize(
    ("start", "end"), [(NOON, None), (None, NOON), (NOON, NOON), (NOON, NOON + timedelta(days=32))]
)
def test_windows_that_are_none(start: datetime | None, end: datetime | None) -> None:
    with pytest.raises(Invalid):
        check_window(start, end)


def test_hours_are_rounded_half_up_and_never_negative() -> None:
    assert hours_between(NOON, NOON + timedelta(minutes=90)) == Decimal("1.50")
    assert hours_between(NOON, NOON + timedelta(seconds=18)) == Decimal("0.01")
    assert hours_between(NOON, NOON - timedelta(hours=1)) == 0


@pytest.mark.parametrize(
    ("kind", "state", "others", "after"),
    [
        (OrderKind.REPAIR, MachineState.DOWN, False, MachineState.IN_OPERATION),
        (OrderKind.REPAIR, MachineState.UNDER_REPAIR, False, MachineState.IN_OPERATION),
        (OrderKind.REPAIR, MachineState.UNDER_REPAIR, True, None),
        (OrderKind.REPAIR, MachineState.STANDBY, False, None),
        (OrderKind.REPAIR, MachineState.UNDER_MODERNISATION, False, None),
        (OrderKind.MODERNISATION, MachineState.UNDER_MODERNISATION, False, MachineState.IN_OPERATION),
        (OrderKind.COMMISSIONING, MachineState.SHIPPED, False, MachineState.COMMISSIONED),
        (OrderKind.COMMISSIONING, MachineState.IN_OPERATION, False, None),
    ],
)
def test_the_machine_goes_back_to_work(
    kind: OrderKind, state: MachineState, others: bool, after: MachineState | None
) -> None:
    assert state_when_closed(kind, state, others_stand_still=others) is after
