import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.errors import SettingsError
from forecasting.production import capacity as module
from forecasting.production.capacity import Capacity, level
from tests.forecasting.production.test_netting import rows


def test_what_does_not_fit_is_made_earlier() -> None:
    found = level(
        rows([0, 0, 10], [0, 2, 2]),
        Capacity(hours=rows([1.0], [2.0]), available=rows([6, 6, 6])),
        holding_cost=np.array([1.0, 5.0]),
        late_cost=np.array([100.0, 100.0]),
    )
    assert found.quantity.tolist() == [[6, 2, 2], [0, 2, 2]]
    assert found.load.tolist() == [[6, 6, 6]]
    assert found.early.tolist() == [[6, 8, 0], [0, 0, 0]]
    assert (found.over == 0).all()
    assert found.cost == pytest.approx(14)
    assert found.least == pytest.approx(14)


def test_overtime_where_it_is_cheaper_and_late_where_nothing_helps() -> None:
    wanted, free = rows([0, 8]), rows([6, 6])
    overtime = level(
        wanted,
        Capacity(hours=rows([1.0]), available=free, overtime=rows([2, 2]), overtime_cost=0.5),
        holding_cost=np.array([1.0]),
        late_cost=np.array([50.0]),
    )
    assert overtime.quantity.tolist() == [[0, 8]]
    assert overtime.over.tolist() == [[0, 2]]
    late = level(
        rows([9, 0]), Capacity(hours=rows([1.0]), available=free), holding_cost=np.ones(1), late_cost=np.array([50.0])
    )
    assert late.quantity.tolist() == [[6, 3]]
    assert late.late.tolist() == [[3, 0]]
    never = level(
        rows([9, 9]), Capacity(hours=rows([1.0]), available=free), holding_cost=np.ones(1), late_cost=np.array([50.0])
    )
    assert never.late[0, -1] == 6


def test_a_plan_that_fits_is_left_alone() -> None:
    wanted = rows([3, 3], [1, 0])
    found = level(
        wanted,
        Capacity(hours=rows([1.0, 0], [0, 1.0]), available=rows([5, 5], [5, 5])),
        holding_cost=np.ones(2),
        late_cost=np.full(2, 9.0),
    )
    assert found.quantity.tolist() == wanted.tolist()
    assert not found.moved.any()
    assert found.cost == 0


@given(seed=st.integers(0, 10_000), whole=st.booleans())
@settings(max_examples=8, deadline=None)
def test_nothing_is_lost_and_no_limit_passed(seed: int, whole: bool) -> None:
    rng = np.random.default_rng(seed)
    parts, periods, resources = 4, 5, 2
    wanted = rng.poisson(4, (parts, periods)).astype(np.float64) + (0 if whole else 0.25)
    capacity = Capacity(
        hours=rng.integers(0, 3, (parts, resources)).astype(np.float64),
        available=rng.uniform(10, 40, (resources, periods)),
        overtime=rng.uniform(0, 4, (resources, periods)),
        overtime_cost=2.0,
    )
    found = level(wanted, capacity, holding_cost=rng.uniform(0.1, 1, parts), late_cost=np.full(parts, 30.0))
    assert (found.quantity >= -1e-9).all()
    assert found.quantity.sum(axis=1) + found.late[:, -1] == pytest.approx(wanted.sum(axis=1) + found.early[:, -1])
    assert (found.load <= capacity.available + capacity.overtime + 1e-5).all()
    if whole:
        assert (found.quantity == np.rint(found.quantity)).all()


def test_large_plans_are_rounded_along_the_running_total(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WHOLE", 0)
    wanted = np.random.default_rng(4).poisson(6, (20, 6)).astype(np.float64)
    free = np.full((1, 6), wanted.sum() / 6 * 1.02)
    found = level(
        wanted,
        Capacity(hours=np.ones((20, 1)), available=free),
        holding_cost=np.linspace(1, 2, 20),
        late_cost=np.full(20, 99.0),
    )
    assert (found.quantity == np.rint(found.quantity)).all()
    assert found.over.max() < 1e-6
    assert found.least <= found.cost <= found.least * 1.1 + 20


def test_refuses_impossible_terms() -> None:
    with pytest.raises(SettingsError, match="available"):
        Capacity(hours=np.ones((1, 1)), available=-np.ones((1, 2)))
    with pytest.raises(SettingsError, match="same resources"):
        Capacity(hours=np.ones((1, 2)), available=np.ones((1, 2)))
    with pytest.raises(SettingsError, match="same parts"):
        level(
            np.ones((2, 2)),
            Capacity(hours=np.ones((1, 1)), available=np.ones((1, 2))),
            holding_cost=np.ones(2),
            late_cost=np.ones(2),
        )


def test_no_answer_in_time_is_said_so() -> None:
    rng = np.random.default_rng(1)
    wanted = rng.poisson(3, (120, 12)).astype(np.float64)
    hours = rng.uniform(0.2, 2, (120, 3))
    capacity = Capacity(hours=hours, available=np.full((3, 12), float((hours.T @ wanted).mean())))
    with pytest.raises(SettingsError, match="could not be levelled"):
        level(wanted, capacity, holding_cost=np.ones(120), late_cost=np.full(120, 9.0), seconds=1e-6)
