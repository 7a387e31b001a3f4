import numpy as np
import pytest

from forecasting.demand import DemandPanel, Returns, carry_over
from forecasting.errors import PanelError

NAN = float("nan")


def test_negative_cells_are_returns_netted_to_zero_and_counted() -> None:
    panel = DemandPanel.from_arrays([[1, -2, NAN], [0, -1, 4]], first_period="2020-01")
    assert panel.returns == Returns(2, 3.0)
    np.testing.assert_array_equal(panel.demand, [[1, 0, NAN], [0, 0, 4]])


def test_the_panel_cannot_be_changed() -> None:
    panel = DemandPanel.from_arrays([[1.0, 2.0]], first_period="2020-01")
    with pytest.raises(ValueError, match="read-only"):
        panel.demand[0, 0] = 5


def test_before_drops_the_future_and_fills_the_gap_to_a_later_origin() -> None:
    panel = DemandPanel.from_arrays([[1, 2, 3]], first_period="2020-01")
    assert panel.before(2).demand.tolist() == [[1, 2]]
    later = panel.before(5)
    assert later.periods.labels()[-1] == "2020-05"
    assert np.isnan(later.demand[0, 3:]).all()
    with pytest.raises(PanelError, match="no demand lies before 2020-01"):
        panel.before(0)


def test_missing_is_read_as_zero_only_on_request() -> None:
    panel = DemandPanel.from_arrays([[1, NAN]], first_period="2020-01")
    assert panel.blank_as_zero().demand.tolist() == [[1, 0]]


@pytest.mark.parametrize(
    ("demand", "ids", "match"),
    [
        ([[1.0, 2.0], [1.0, 2.0]], ["A", "A"], "more than once"),
        ([[1.0, np.inf]], ["A"], "column '2020-02'.*infinite"),
        ([[1.0, 1e15]], ["A"], "column '2020-02'.*above 1e\\+12"),
        ([[1.0, 2.0]], ["A", "B"], "shape"),
    ],
)
def test_refuses_bad_panels(demand: list[list[float]], ids: list[str], match: str) -> None:
    with pytest.raises(PanelError, match=match):
        DemandPanel.from_arrays(demand, first_period="2020-01", part_ids=ids)


def test_refuses_a_flat_array() -> None:
    with pytest.raises(PanelError, match="parts x periods"):
        DemandPanel.from_arrays(np.zeros(3), first_period="2020-01")


def test_superseded_demand_goes_along_the_chain() -> None:
    panel = DemandPanel.from_arrays(
        [[4, 2, NAN, NAN], [NAN, 1, 3, NAN], [NAN, NAN, NAN, 5], [7, 7, 7, 7]],
        first_period="2020-01",
        part_ids=["old", "newer", "newest", "other"],
        prices=np.array([1.0, 2.0, 3.0, 4.0]),
    )
    carried = carry_over(panel, {"old": "newer", "newer": "newest"}, {"old": 2.0})
    assert carried.part_ids.tolist() == ["newest", "other"]
    assert carried.demand.tolist() == [[8, 5, 3, 5], [7, 7, 7, 7]]
    assert carried.prices is not None
    assert carried.prices.tolist() == [3.0, 4.0]


def test_a_successor_without_history_is_added() -> None:
    panel = DemandPanel.from_arrays([[1, NAN]], first_period="2020-01", part_ids=["old"])
    carried = carry_over(panel, {"old": "new"})
    assert carried.part_ids.tolist() == ["new"]
    np.testing.assert_array_equal(carried.demand, [[1, NAN]])


def test_circles_and_bad_ratios_are_refused() -> None:
    panel = DemandPanel.from_arrays([[1.0], [1.0]], first_period="2020-01", part_ids=["A", "B"])
    with pytest.raises(PanelError, match="circle: A → B → A"):
        carry_over(panel, {"A": "B", "B": "A"})
    with pytest.raises(PanelError, match="circle: A → A"):
        carry_over(panel, {"A": "A"})
    with pytest.raises(PanelError, match="ratio of superseded part 'A' is 0"):
        carry_over(panel, {"A": "B"}, {"A": 0})


def test_runs_cover_every_part_once_and_the_volume_is_what_is_known() -> None:
    demand = np.arange(60_000.0).reshape(30_000, 2)
    demand[7, 1] = np.nan
    panel = DemandPanel.from_arrays(demand, first_period="2024-01")
    rows = np.concatenate([np.arange(len(panel))[run] for run in panel.runs(7_000)])
    np.testing.assert_array_equal(rows, np.arange(30_000))
    np.testing.assert_array_equal(panel.volume, np.nansum(demand, axis=1))


def test_an_array_nobody_can_write_to_is_not_copied() -> None:
    demand = np.ones((2, 3))
    open_to_all = DemandPanel.from_arrays(demand, first_period="2024-01")
    demand[0, 0] = 5
    assert open_to_all.demand[0, 0] == 1
    again = DemandPanel(open_to_all.part_ids, open_to_all.periods, open_to_all.demand)
    assert again.demand is open_to_all.demand
