"""A fault report's state is a function of its steps."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftersales.complaints import symptoms
from aftersales.complaints.rules import (
    CLOSED,
    NEEDS_REASON,
    OPEN,
    STEPS,
    Step,
    check_words,
    possible_steps,
    reportable,
    severity_of,
    silence_is_over,
    state_after,
    state_of,
)
from aftersales.errors import Invalid, RuleBroken
from aftersales.vocabulary import FailureMode, FaultState, MachineState, Severity

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@given(steps=st.lists(st.sampled_from(Step), max_size=30))
@settings(max_examples=300)
def test_any_legal_history_folds_to_the_state_of_its_last_step(steps: list[Step]) -> None:
    state = state_of([Step.REPORTED])
    taken = [Step.REPORTED]
    for step in steps:
        if step in possible_steps(state):
            state = state_after(state, step)
            taken.append(step)
        else:
            with pytest.raises(RuleBroken):
                state_after(state, step)
    assert state_of(taken) is state
    # Closed by the operator's word, documented silence, a rejection or as a duplicate; only reopening leaves that.
    deciding = [step for step in taken if STEPS[step][1] is not None]
    closing = {Step.CONFIRMED, Step.CLOSED_SILENTLY, Step.DUPLICATE, Step.REJECTED}
    assert (state in CLOSED) == (deciding[-1] in closing)


@pytest.mark.parametrize("state", FaultState)
def test_every_state_has_a_way_on(state: FaultState) -> None:
    assert Step.COMMENT in possible_steps(state)
    assert possible_steps(state) - {Step.COMMENT}
    if state in CLOSED:
        assert possible_steps(state) == {Step.COMMENT, Step.REOPENED}
    assert (state in OPEN) == (Step.RESOLVED in possible_steps(state))


@pytest.mark.parametrize("steps", [[], [Step.COMMENT], [Step.REPORTED, Step.REPORTED], [Step.RESOLVED]])
def test_a_history_begins_with_the_report_alone(steps: list[Step]) -> None:
    with pytest.raises(RuleBroken):
        state_of(steps)


def test_confirmation_needs_a_resolution() -> None:
    with pytest.raises(RuleBroken, match="reported"):
        state_of([Step.REPORTED, Step.CONFIRMED])


@pytest.mark.parametrize("step", sorted(NEEDS_REASON))
def test_reasons_are_asked_for(step: Step) -> None:
    with pytest.raises(Invalid):
        check_words(step, "  ", visible=True)
    assert check_words(step, " because ", visible=True) == "because"


@pytest.mark.parametrize("step", sorted(set(Step) - {Step.COMMENT}))
def test_no_change_of_state_is_hidden(step: Step) -> None:
    with pytest.raises(RuleBroken, match="kept from the operator"):
        check_words(step, "x", visible=False)
    assert check_words(Step.COMMENT, "x", visible=False) == "x"


def test_words_have_a_limit() -> None:
    with pytest.raises(Invalid, match="2000"):
        check_words(Step.COMMENT, "x" * 2001, visible=True)


def test_silence_counts_in_whole_days_from_the_resolution() -> None:
    assert not silence_is_over(NOON, NOON + timedelta(days=9, hours=23), 10)
    assert silence_is_over(NOON, NOON + timedelta(days=10), 10)


def test_severity_and_machines_that_can_be_reported() -> None:
    assert severity_of(stands_still=True) is Severity.HIGH
    assert severity_of(stands_still=False) is Severity.MEDIUM
    assert not reportable(MachineState.DISPOSED)
    assert reportable(MachineState.IN_OPERATION)


@pytest.mark.parametrize("mode", FailureMode)
def test_every_failure_mode_has_words(mode: FailureMode) -> None:
    assert symptoms.words(mode)
