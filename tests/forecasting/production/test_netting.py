import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.errors import SettingsError
from forecasting.production.netting import Plan, Position, net, planning_lead_time
from forecasting.production.structure import CircularError, Structure


def rows(*values: list[float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


def test_one_part_by_hand() -> None:
    plan = net(
        Position(
            demand=rows([5, 5, 5, 5, 5]),
            on_hand=np.array([8.0]),
            receipts=rows([0, 4, 0, 0, 0]),
            lead_time=np.array([2]),
            safety=np.array([2.0]),
            minimum=np.array([4.0]),
            multiple=np.array([3.0]),
        ),
        Structure(names=["A"]),
    )
    # 8-5=3 | 3+4-5=2 | 2-5=-3, lacks 5 -> 6 | 3-5=-2, lacks 4 -> 6 | 4-5=-1, lacks 3 -> raised to 4 -> 6
    assert plan.stock.tolist() == [[3, 2, 3, 4, 5]]
    assert plan.ordered.tolist() == [[0, 0, 6, 6, 6]]
    assert plan.begun.tolist() == [[6, 6, 6, 0, 0]]
    assert (plan.owed == 0).all()


def test_what_comes_too_late_is_owed_and_made_good() -> None:
    plan = net(
        Position(demand=rows([3, 3, 3]), on_hand=np.array([1.0]), receipts=rows([0, 0, 0]), lead_time=np.array([2])),
        Structure(names=["A"]),
    )
    assert plan.owed.tolist() == [[2, 5, 0]]
    assert plan.ordered.tolist() == [[0, 0, 8]]
    assert plan.begun.tolist() == [[8, 0, 0]]


def test_components_down_the_levels() -> None:
    """A machine of two wheels and a frame; a wheel of five spokes; a frame takes two periods."""
    plan = net(
        Position(
            demand=rows([0, 0, 0, 10], [0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]),
            on_hand=np.array([1.0, 3.0, 0.0, 7.0]),
            receipts=np.zeros((4, 4)),
            lead_time=np.array([1, 1, 2, 0]),
        ),
        Structure(
            names=["machine", "wheel", "frame", "spoke"],
            parent=np.array([0, 0, 1]),
            component=np.array([1, 2, 3]),
            per=np.array([2.0, 1.0, 5.0]),
        ),
    )
    assert plan.structure.level.tolist() == [0, 1, 1, 2]
    assert plan.begun[0].tolist() == [0, 0, 9, 0]
    assert plan.gross[1].tolist() == [0, 0, 18, 1]
    assert plan.begun[1].tolist() == [0, 15, 1, 0]
    assert plan.begun[2].tolist() == [9, 0, 0, 0]
    assert plan.gross[3].tolist() == [0, 75, 5, 0]
    assert plan.ordered[3].tolist() == [0, 68, 5, 0]


def test_the_successor_serves_when_the_old_stock_is_used_up() -> None:
    plan = net(
        Position(
            demand=rows([2, 2, 2], [1, 1, 1]),
            on_hand=np.array([3.0, 0.0]),
            receipts=np.zeros((2, 3)),
            lead_time=np.array([0, 0]),
            safety=np.array([5.0, 0.0]),
        ),
        Structure(names=["old", "new"], old=np.array([0]), new=np.array([1])),
    )
    assert plan.passed[0].tolist() == [0, 1, 2]
    assert plan.ordered.tolist() == [[0, 0, 0], [1, 2, 3]]
    assert plan.stock[0].tolist() == [1, 0, 0]


def test_worn_units_are_refurbished_before_new_ones_are_ordered() -> None:
    plan = net(
        Position(
            demand=rows([0, 4, 4, 4]),
            on_hand=np.array([0.0]),
            receipts=np.zeros((1, 4)),
            lead_time=np.array([1]),
            cores=rows([4, 4, 4, 4]),
            refurbishing_time=np.array([1]),
            yields=np.array([0.75]),
        ),
        Structure(names=["pump"]),
    )
    assert plan.refurbished.tolist() == [[0, 3, 3, 3]]
    assert plan.ordered.tolist() == [[0, 1, 1, 1]]


def test_safety_time_for_lead_times_that_vary() -> None:
    mean, deviation = np.array([2.0, 2.0, 0.5, 0.0]), np.array([0.0, 1.0, 0.0, 0.0])
    assert planning_lead_time(mean, deviation, 0.95).tolist() == [2, 4, 1, 0]
    rng = np.random.default_rng(1)
    assert (rng.gamma(4.0, 0.5, 100_000) <= 4).mean() > 0.95
    with pytest.raises(SettingsError, match="above 240"):
        planning_lead_time(np.array([500.0]), np.zeros(1), 0.9)
    with pytest.raises(SettingsError, match="service"):
        planning_lead_time(mean, deviation, 1.0)


def random_plan(seed: int) -> Plan:
    """A random catalogue: a part needs only parts of higher rows, and is superseded only by such."""
    rng = np.random.default_rng(seed)
    parts, periods = int(rng.integers(2, 12)), int(rng.integers(1, 9))
    pairs = [(low, high) for low in range(parts) for high in range(low + 1, parts) if rng.uniform() < 0.2]
    ended = [row for row in range(parts - 1) if rng.uniform() < 0.2]
    made = [pair for pair in pairs if pair[0] not in ended]
    return net(
        Position(
            demand=rng.poisson(2, (parts, periods)).astype(np.float64),
            on_hand=rng.integers(0, 12, parts).astype(np.float64),
            receipts=rng.poisson(0.5, (parts, periods)).astype(np.float64),
            lead_time=rng.integers(0, 5, parts),
            safety=rng.integers(0, 4, parts).astype(np.float64),
            minimum=rng.integers(0, 6, parts).astype(np.float64),
            multiple=rng.integers(1, 4, parts).astype(np.float64),
            cores=rng.poisson(0.7, (parts, periods)).astype(np.float64),
            refurbishing_time=rng.integers(0, 3, parts),
            yields=rng.uniform(0, 1, parts),
        ),
        Structure(
            names=[f"P{row}" for row in range(parts)],
            parent=np.array([low for low, _ in made], dtype=np.int64),
            component=np.array([high for _, high in made], dtype=np.int64),
            per=rng.integers(1, 4, len(made)).astype(np.float64),
            old=np.array(ended, dtype=np.int64),
            new=np.array([int(rng.integers(row + 1, parts)) for row in ended], dtype=np.int64),
        ),
    )


@given(seed=st.integers(0, 100_000))
@settings(max_examples=120, deadline=None)
def test_netting_conserves_and_keeps_its_promises(seed: int) -> None:
    plan = random_plan(seed)
    place = plan.position
    flows = place.receipts + plan.ordered + plan.refurbished - plan.gross + plan.passed
    assert plan.stock == pytest.approx(place.on_hand[:, None] + np.cumsum(flows, axis=1))
    usage = plan.structure.usage()
    taken = np.zeros_like(plan.gross)
    np.add.at(taken, plan.structure.new, plan.passed[plan.structure.old])
    assert plan.gross == pytest.approx(place.demand + usage @ plan.begun + taken)
    assert plan.begun.sum(axis=1) == pytest.approx(plan.ordered.sum(axis=1))
    ended = np.isin(np.arange(len(plan.gross)), plan.structure.old)
    assert (plan.ordered[ended] == 0).all()
    assert (plan.stock[ended] >= 0).all()
    for part in np.flatnonzero(~ended):
        assert (plan.stock[part, place.lead_time[part] :] >= place.safety[part] - 1e-9).all()
        some = plan.ordered[part][plan.ordered[part] > 0]
        assert (some >= place.minimum[part]).all()
        assert np.mod(some, place.multiple[part]) == pytest.approx(0)
    good = np.floor(np.cumsum(place.cores * place.yields[:, None], axis=1) + 1e-9)
    assert (np.cumsum(plan.refurbished, axis=1) <= good).all()


def test_circles_are_refused_naming_the_parts() -> None:
    with pytest.raises(CircularError, match=r"bolt → axle → bolt|axle → bolt → axle") as refused:
        Structure(
            names=["wheel", "axle", "bolt"], parent=np.array([0, 1, 2]), component=np.array([1, 2, 1]), per=np.ones(3)
        )
    assert set(refused.value.parts) == {"axle", "bolt"}
    with pytest.raises(CircularError, match="wheel"):
        Structure(names=["wheel"], parent=np.array([0]), component=np.array([0]), per=np.ones(1))
    with pytest.raises(CircularError):
        Structure(names=["a", "b", "c"], old=np.array([0, 1, 2]), new=np.array([1, 2, 0]))
    with pytest.raises(CircularError):
        Structure(
            names=["a", "b"],
            parent=np.array([0]),
            component=np.array([1]),
            per=np.ones(1),
            old=np.array([1]),
            new=np.array([0]),
        )


def test_refuses_impossible_terms() -> None:
    with pytest.raises(SettingsError, match="bolt in wheel"):
        Structure(names=["wheel", "bolt"], parent=np.array([0]), component=np.array([1]), per=np.zeros(1))
    with pytest.raises(SettingsError, match="a is superseded by more than one"):
        Structure(names=["a", "b", "c"], old=np.array([0, 0]), new=np.array([1, 2]))
    with pytest.raises(SettingsError, match="outside the 1 parts"):
        Structure(names=["a"], old=np.array([0]), new=np.array([1]))
    one = np.ones((1, 2))
    with pytest.raises(SettingsError, match="demand must be finite"):
        Position(demand=-one, on_hand=np.ones(1), receipts=one, lead_time=np.zeros(1, dtype=np.int64))
    with pytest.raises(SettingsError, match="receipts is of shape"):
        Position(demand=one, on_hand=np.ones(1), receipts=one[:, :1], lead_time=np.zeros(1, dtype=np.int64))
    with pytest.raises(SettingsError, match="2 parts, the position 1"):
        net(
            Position(demand=one, on_hand=np.ones(1), receipts=one, lead_time=np.zeros(1, dtype=np.int64)),
            Structure(names=["a", "b"]),
        )
