import numpy as np

from forecasting.boost_rows import MOST_ROWS, Window, learning_rows, rows_at
from tests.forecasting import catalogues as kinds


def test_targets_are_the_windows_and_features_do_not_see_them() -> None:
    demand = np.ascontiguousarray(kinds.intermittent(20, 24).T)
    rows = rows_at(demand[:20], Window(1, 2), 12)
    later = learning_rows(demand[:23], [Window(1, 2)], 12, seed=0)
    assert later is not None
    parts = np.flatnonzero(demand[:20].sum(axis=0) > 0)
    # the newest origin is the last stretch of the rows
    np.testing.assert_array_equal(later.features[-len(parts) :], rows.features[parts])
    expected = demand[21:23, parts].sum(axis=0) / 2 / rows.unit[parts]
    np.testing.assert_allclose(later.target[-len(parts) :], expected)
    assert np.isnan(rows.target).all()


def test_scaling_demand_scales_the_unit_only() -> None:
    demand = np.ascontiguousarray(kinds.gaps(30).T)
    once, tenfold = (rows_at(demand * factor, Window(0, 3), 12) for factor in (1.0, 10.0))
    some = np.nansum(demand, axis=0) > 0
    np.testing.assert_allclose(tenfold.unit[some], 10 * once.unit[some])
    np.testing.assert_allclose(tenfold.weight[some], once.weight[some])
    different = ~np.isclose(once.features, tenfold.features, equal_nan=True)[some].all(axis=0)
    assert different.sum() == 1


def test_there_are_no_rows_without_whole_windows_and_never_too_many() -> None:
    assert learning_rows(np.ones((4, 5)), [Window(0, 3)], 12, seed=0) is None
    rows = learning_rows(np.ones((30, 7_000)), [Window(0, 1)], 12, seed=0)
    assert rows is not None
    assert len(rows.target) == MOST_ROWS
