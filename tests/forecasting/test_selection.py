import numpy as np

from forecasting.arrays import Array
from forecasting.selection import BackTest, choose, table

TAUS = (0.5, 0.9)


def said(name: str, level: float, parts: int, eligible: "list[int] | None" = None) -> BackTest:
    flags = np.ones(parts, dtype=bool)
    if eligible is not None:
        flags[:] = False
        flags[eligible] = True
    return BackTest(name, np.full((6, parts), level), np.full((6, parts, 2), level), flags)


def demand(parts: int) -> Array:
    return np.asarray(np.random.default_rng(0).poisson(4.0, (6, parts)), dtype=np.float64)


def test_the_first_method_stands_against_luck() -> None:
    actual = demand(4)
    choice = choose(actual, [said("pooled", 5.0, 4), said("mean", 4.9, 4)], TAUS, np.array(["smooth"] * 4))
    assert choice.by_class == {}


def test_a_clearly_better_rival_takes_over_its_class_only() -> None:
    actual = demand(200)
    actual[:, 100:] = 20.0
    groups = np.array(["lumpy"] * 100 + ["smooth"] * 100)
    choice = choose(actual, [said("pooled", 20.0, 200), said("mean", 4.0, 200)], TAUS, groups)
    assert choice.by_class == {"lumpy": "mean"}


def test_a_method_for_certain_parts_takes_over_those_it_fits() -> None:
    actual = demand(3)
    tests = [said("pooled", 9.0, 3), said("seasonal", 4.0, 3, [1])]
    assert choose(actual, tests, TAUS, np.array(["smooth"] * 3)).by_part == {1: "seasonal"}


def test_missing_windows_are_left_out_of_the_table() -> None:
    actual = demand(3)
    actual[:, 2] = np.nan
    scores = table(actual, [said("zero", 0.0, 3), said("mean", 4.0, 3)], TAUS)
    assert [score.method for score in scores] == ["mean", "zero"]
    assert scores[1].bias == -1
    assert np.isfinite([score.wql for score in scores]).all()
