import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.errors import SettingsError
from forecasting.stock.rebalancing import rebalance


def test_by_hand() -> None:
    transport = np.array([[0.0, 1.0, 9.0], [1.0, 0.0, 2.0], [9.0, 2.0, 0.0]])
    moves = rebalance(
        on_hand=np.array([[9.0, 5.0, 0.0], [5.0, 0.0, 0.0], [0.0, 1.0, 1.0]]),
        least=np.array([[2.0, 2.0, 6.0], [0.0, 2.0, 0.0], [3.0, 3.0, 3.0]]),
        most=np.array([[4.0, 3.0, 8.0], [4.0, 4.0, 4.0], [9.0, 9.0, 9.0]]),
        price=np.array([20.0, 0.5, 50.0]),
        transport=transport,
    )
    rows = list(zip(moves.part, moves.source, moves.target, moves.quantity, moves.saved, strict=True))
    assert rows == [(0, 0, 2, 4, 44), (0, 1, 2, 2, 36)]


def test_small_moves_are_not_worth_their_handling() -> None:
    terms = {
        "on_hand": np.array([[5.0, 0.0]]),
        "least": np.array([[0.0, 1.0]]),
        "most": np.array([[2.0, 3.0]]),
        "price": np.array([10.0]),
        "transport": np.ones((2, 2)),
    }
    assert rebalance(**terms, handling=5.0).saved.tolist() == [4]
    assert len(rebalance(**terms, handling=9.5).part) == 0


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_nothing_is_lost_and_nobody_is_left_short(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts, places = 6, 4
    on_hand = rng.integers(0, 12, (parts, places)).astype(np.float64)
    least = rng.integers(0, 5, (parts, places)).astype(np.float64)
    most = least + rng.integers(0, 4, (parts, places))
    moves = rebalance(
        on_hand=on_hand,
        least=least,
        most=most,
        price=rng.uniform(1, 30, parts),
        transport=rng.uniform(0, 10, (places, places)),
    )
    after = on_hand.copy()
    np.subtract.at(after, (moves.part, moves.source), moves.quantity)
    np.add.at(after, (moves.part, moves.target), moves.quantity)
    assert after.sum(axis=1) == pytest.approx(on_hand.sum(axis=1))
    gave = after < on_hand
    assert (after[gave] >= most[gave] - 1e-6).all()
    took = after > on_hand
    assert (after[took] <= least[took] + 1e-6).all()
    assert (moves.saved > 0).all()
    assert (moves.quantity == np.rint(moves.quantity)).all()
    assert (np.diff(moves.saved) <= 0).all()


def test_refuses_impossible_terms() -> None:
    one = np.ones((1, 2))
    with pytest.raises(SettingsError, match="above the most"):
        rebalance(on_hand=one, least=2 * one, most=one, price=np.ones(1), transport=np.ones((2, 2)))
    with pytest.raises(SettingsError, match="stock"):
        rebalance(on_hand=-one, least=one, most=one, price=np.ones(1), transport=np.ones((2, 2)))
    with pytest.raises(SettingsError, match="same parts"):
        rebalance(on_hand=one, least=one, most=one, price=np.ones(2), transport=np.ones((2, 2)))
