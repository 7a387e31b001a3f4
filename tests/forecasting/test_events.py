import numpy as np
import pandas as pd
import pytest

from forecasting.errors import PanelError
from forecasting.events import count_once, panel_from_records
from forecasting.periods import PeriodIndex
from tests.forecasting.data import read

WEEK = pd.Timedelta(days=7)


def failures(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["machine_id", "part_id", "at"])
    return frame.assign(at=pd.to_datetime(frame["at"]))


def uses(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["machine_id", "part_id", "at", "quantity"])
    return frame.assign(at=pd.to_datetime(frame["at"]))


def test_a_failure_and_its_replacement_count_once() -> None:
    records = count_once(failures(("M1", "pump", "2024-01-01")), uses(("M1", "pump", "2024-01-03", 1)), WEEK)
    assert records[["part_id", "quantity", "source"]].to_numpy().tolist() == [["pump", 1.0, "replacement"]]


@pytest.mark.parametrize(
    "use",
    [
        ("M2", "pump", "2024-01-03", 1.0),
        ("M1", "hose", "2024-01-03", 1.0),
        ("M1", "pump", "2023-12-31", 1.0),
        ("M1", "pump", "2024-01-09", 1.0),
    ],
)
def test_another_machine_part_or_time_mends_nothing(use: tuple[str, str, str, float]) -> None:
    records = count_once(failures(("M1", "pump", "2024-01-01")), uses(use), WEEK)
    assert sorted(records["source"]) == ["failure", "replacement"]


def test_each_piece_mends_one_failure() -> None:
    broken = failures(("M1", "pump", "2024-01-01"), ("M1", "pump", "2024-01-02"), ("M1", "pump", "2024-01-03"))
    records = count_once(broken, uses(("M1", "pump", "2024-01-04", 2)), WEEK)
    assert records["quantity"].sum() == 3


def test_a_return_mends_nothing_and_empty_lists_are_fine() -> None:
    records = count_once(failures(("M1", "pump", "2024-01-01")), uses(("M1", "pump", "2024-01-02", -1)), WEEK)
    assert records["quantity"].tolist() == [1, -1]
    assert count_once(failures(), uses(), WEEK).empty
    assert len(count_once(failures(("M1", "pump", "2024-01-01")), uses(), WEEK)) == 1


def test_a_missing_column_is_named() -> None:
    with pytest.raises(PanelError, match="consumptions have no column 'quantity'"):
        count_once(failures(), uses().drop(columns="quantity"), WEEK)


def test_records_become_a_panel_with_outages_missing() -> None:
    records = pd.DataFrame(
        {
            "part_id": ["A", "A", "A", "B", "B"],
            "at": pd.to_datetime(
                ["2024-01-31 23:59", "2024-03-01", "2024-03-02", "2024-03-05", "2025-01-01"], utc=True, format="ISO8601"
            ),
            "quantity": [2.0, 1.0, -3.0, 1.0, 9.0],
        }
    )
    panel = panel_from_records(
        records,
        periods=PeriodIndex.between("2024-01", "2024-05"),
        part_ids=["A", "B", "C"],
        outages=[("2024-04", "2024-04")],
        known_since={"B": "2024-03"},
    )
    nan = np.nan
    np.testing.assert_array_equal(panel.demand, [[2, 0, 0, nan, 0], [nan, nan, 1, nan, 0], [0, 0, 0, nan, 0]])
    assert (panel.returns.count, panel.returns.below_zero) == (1, 2.0)


def test_weeks_follow_the_iso_calendar() -> None:
    days = pd.Series(pd.date_range("2020-12-01", "2021-01-31", freq="D"))
    records = pd.DataFrame({"part_id": "A", "at": days, "quantity": 1.0})
    panel = panel_from_records(records, periods=PeriodIndex.between("2020-W48", "2021-W05"))
    week = dict(zip(panel.periods.labels(), panel.demand[0].tolist(), strict=True))
    assert (week["2020-W49"], week["2020-W53"], week["2021-W01"]) == (6, 7, 7)
    for label, demand in week.items():
        year, number = int(label[:4]), int(label[6:])
        expected = sum(day.isocalendar()[:2] == (year, number) for day in days)
        assert demand == expected


def test_unknown_parts_and_undated_weeks_are_refused() -> None:
    records = pd.DataFrame({"part_id": ["A"], "at": pd.to_datetime(["2024-01-31"]), "quantity": [2.0]})
    with pytest.raises(PanelError, match="'A' is not in the list"):
        panel_from_records(records, periods=PeriodIndex.between("2024-01", "2024-05"), part_ids=["B"])
    with pytest.raises(PanelError, match="numbered weeks have no date"):
        panel_from_records(records, periods=PeriodIndex.between("W001", "W005"))


def test_the_fleet_of_100_machines_counts_every_replacement_once() -> None:
    broken = read("PdM_failures.csv").rename(
        columns={"datetime": "at", "machineID": "machine_id", "failure": "part_id"}
    )
    used = read("PdM_maint.csv").rename(columns={"datetime": "at", "machineID": "machine_id", "comp": "part_id"})
    records = count_once(broken, used.assign(quantity=1.0), pd.Timedelta(days=1))
    assert len(used) == 3286
    assert len(records) - len(used) == (records["source"] == "failure").sum()
    # 743 of the 761 failures are booked as replaced in the same hour, 18 never
    assert len(records) == 3286 + 18
