import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from api.cli import stock_optimise
from api.cli.root import main

HEADING = "part_id,price,lead_time,mean,variance,criticality,minimum,multiple\n"
SMALL = HEADING + 'A,100,2,1.5,3,vital,,\nB,5,1,20,60,desirable,10,10\n"C, left",900,3,.05,.06,,,\nD,7,1,0,0,,,\n'


def run(folder: Path, text: str | bytes, *options: str) -> Result:
    path = folder / "parts.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return CliRunner().invoke(main, ["stock", "optimise", str(path), "--out", str(folder / "out"), *options])


def test_writes_policy_curve_and_summary(tmp_path: Path) -> None:
    result = run(tmp_path, SMALL, "--availability", "0.95")
    assert result.exit_code == 0, result.output
    policy = pd.read_csv(tmp_path / "out/policy.csv")
    assert policy.columns.tolist() == [
        "part_id",
        "stock",
        "reorder_point",
        "order_quantity",
        "expected_backorders",
        "fill_rate",
    ]
    assert policy["part_id"].tolist() == ["A", "B", "C, left", "D"]
    assert policy["order_quantity"].tolist() == [1, 10, 1, 1]
    assert policy["stock"].iloc[3] == 0
    kept = policy["stock"] > 0
    assert (policy["stock"] - policy["reorder_point"])[kept].tolist() == policy["order_quantity"][kept].tolist()
    assert (policy["reorder_point"][~kept] == -1).all()
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["investment"] == pytest.approx(policy["stock"] @ np.array([100, 5, 900, 7]))
    share = np.array([1.5, 20, 0.05, 0]) / 21.55
    assert summary["availability"] == pytest.approx(policy["fill_rate"] @ share, abs=1e-5)
    assert summary["availability"] >= 0.95
    assert summary["expected_backorders"] == pytest.approx(policy["expected_backorders"].sum(), abs=1e-5)
    assert set(summary["by_criticality"]) == {"vital", "essential", "desirable"}
    assert min(summary["money_at_the_same_availability"].values()) >= summary["investment"]
    curve = pd.read_csv(tmp_path / "out/curve.csv")
    assert curve.columns.tolist() == ["investment", "availability", "expected_backorders"]
    assert (curve["investment"].diff().dropna() > 0).all()
    assert (curve["availability"].diff().dropna() >= 0).all()
    assert curve.iloc[0].tolist() == [0, 0, 3 + 20 + 0.15]


def test_a_budget_is_kept_and_spent(tmp_path: Path) -> None:
    assert run(tmp_path, SMALL, "--budget", "500").exit_code == 0
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert 400 <= summary["investment"] <= 500
    assert summary["target"] == {"budget": 500}


def test_not_stocked_what_is_there_and_what_it_saves(tmp_path: Path) -> None:
    text = (
        "part_id,price,lead_time,mean,variance,in_stock,stocked,colour\n"
        "A,10,1,2,2,9,yes,red\nB,10,1,2,2,0,no,\nC,1,1,9,9,0,,\n"
    )
    assert run(tmp_path, text, "--availability", "0.8", "--keep").exit_code == 0
    policy = pd.read_csv(tmp_path / "out/policy.csv")
    assert policy["stock"].iloc[0] >= 9
    assert policy["stock"].iloc[1] == 0
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["today"]["investment"] == 90
    changed = pd.read_csv(tmp_path / "out/changes.csv")
    assert set(changed["part_id"]) == {"A", "B", "C"}
    assert changed["change"].tolist() == (changed["stock"] - changed["in_stock"]).tolist()
    assert changed["money"].abs().is_monotonic_decreasing
    assert changed["money"].sum() == pytest.approx(summary["investment"] - 90)
    assert summary["columns_not_used"] == ["colour"]
    refused = run(tmp_path, text, "--availability", "0.9", "--keep")
    assert refused.exit_code == 2
    assert "cannot be reached" in refused.output
    assert run(tmp_path, text, "--availability", "0.3").exit_code == 0
    better = json.loads((tmp_path / "out/summary.json").read_text())["today_served_at_least_money"]
    assert better["saved"] == pytest.approx(90 - better["investment"])
    assert better["saved"] > 0


def test_criticality_and_its_weights_steer(tmp_path: Path) -> None:
    rows = [f"P{number},10,2,1,2,{'vital' if number % 2 else 'desirable'},," for number in range(40)]
    text = HEADING + "\n".join(rows) + "\n"
    fills = []
    for weights in ("vital=1,essential=1,desirable=1", "vital=9"):
        assert run(tmp_path, text, "--availability", "0.8", "--weights", weights).exit_code == 0
        classes = json.loads((tmp_path / "out/summary.json").read_text())["by_criticality"]
        fills.append(classes["vital"]["fill_rate"] - classes["desirable"]["fill_rate"])
    assert fills[1] > fills[0] + 0.05


def test_a_floor_keeps_vital_parts_that_money_would_leave_out(tmp_path: Path) -> None:
    text = HEADING + "FILTER,12,1,40,90,essential,,\nPUMP,1450,3,.8,1.1,vital,,\n"
    plain = run(tmp_path, text, "--availability", "0.95")
    assert "1 vital parts are not kept" in plain.output
    assert pd.read_csv(tmp_path / "out/policy.csv")["stock"].iloc[1] == 0
    held = run(tmp_path, text, "--availability", "0.95", "--floor", "vital=0.9")
    assert "not kept" not in held.output
    assert pd.read_csv(tmp_path / "out/policy.csv")["fill_rate"].iloc[1] >= 0.9
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["floor"] == {"vital": 0.9, "essential": 0, "desirable": 0}
    assert summary["by_criticality"]["vital"]["parts_not_kept"] == 0


def test_fewer_owed_for_the_same_money_when_that_is_the_objective(tmp_path: Path) -> None:
    text = HEADING + "FILTER,12,1,40,90,,,\nPUMP,1450,3,.8,1.1,,,\nSEAL,35,2,6,9,,,\n"
    owed = []
    for objective in ("fill_rate", "backorders"):
        assert run(tmp_path, text, "--budget", "6000", "--objective", objective).exit_code == 0
        owed.append(json.loads((tmp_path / "out/summary.json").read_text())["expected_backorders"])
    assert owed[1] <= owed[0]


def with_row(row: str) -> str:
    return HEADING + "A,100,2,1.5,3,vital,,\n" + row + "\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (with_row("B,-5,1,2,6,vital,,"), "row 3, column 'price': a price of -5 is below zero"),
        (with_row("B,5,,2,6,vital,,"), "row 3, column 'lead_time': the lead time is missing"),
        (with_row("B,5,0,2,6,vital,,"), "row 3, column 'lead_time': a lead time of 0 must be above zero"),
        (with_row("B,5,1,two,6,vital,,"), "row 3, column 'mean': 'two' is not a number"),
        (with_row("B,5,1,nan,6,vital,,"), "'nan' is not a number"),
        (with_row("B,5,1,inf,6,vital,,"), "a mean of inf is above"),
        (with_row("B,5,1,2,,vital,,"), "column 'variance': the variance is missing"),
        (with_row("B,5,1,2,-1,vital,,"), "a variance of -1 is below zero"),
        (with_row("B,5,1,2,6,urgent,,"), "'urgent' is not known; it is one of vital, essential, desirable"),
        (with_row("B,5,1,2,6,vital,-1,"), "a minimum of -1"),
        (with_row("B,5,1,2,6,vital,,0"), "a multiple of 0 must be above zero"),
        (with_row("A,5,1,2,6,vital,,"), "'A' stood in row 2 already"),
        (with_row(",5,1,2,6,vital,,"), "the cell is blank"),
        (with_row("B,5,1"), "row 3: 3 cells where the heading has 8"),
        ("part_id,price,mean,variance\nA,1,1,1\n", "there is no column 'lead_time'"),
        ("part_id;price;lead_time\nA;1;1\n", "separated by ';'"),
        ("part_id,price,price,lead_time,mean,variance\nA,1,1,1,1,1\n", "stands twice"),
        (HEADING, "no row below the heading"),
        ("", "the file is empty"),
        (b"part_id\xff,price\n", "not UTF-8"),
        (b"part_id\0,price\n", "binary"),
    ],
)
def test_bad_files_are_refused_naming_the_place(tmp_path: Path, text: str | bytes, message: str) -> None:
    result = run(tmp_path, text, "--availability", "0.95")
    assert result.exit_code == 2, result.output
    assert message in result.output
    assert "Traceback" not in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["parts.csv"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--availability", "1"), "cannot be promised"),
        (("--availability", "100%"), "cannot be promised"),
        (("--availability", "95"), "is written 0.95"),
        (("--availability", "0"), "cannot be promised"),
        (("--availability", "nan"), "cannot be promised"),
        (("--availability", "much"), "is not a share"),
        (("--budget", "-1"), "not below zero"),
        (("--budget", "inf"), "finite"),
        (("--budget", "all"), "not a number"),
        ((), "give one of --availability, --budget"),
        (("--availability", "0.9", "--budget", "10"), "give one of"),
        (("--availability", "0.9", "--weights", "vitals=3"), "classes are vital"),
        (("--availability", "0.9", "--weights", "vital=0"), "classes are vital"),
        (("--availability", "0.9", "--weights", "vital"), "classes are vital"),
        (("--availability", "0.9", "--floor", "vital=1"), "classes are vital"),
        (("--availability", "0.9", "--objective", "profit"), "not one of"),
    ],
)
def test_bad_options_are_refused(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    result = run(tmp_path, SMALL, *options)
    assert result.exit_code == 2, result.output
    assert message in result.output
    assert not (tmp_path / "out").exists()


def test_stopping_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stock_optimise, "write_summary", stopped)
    assert run(tmp_path, SMALL, "--budget", "10").exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["parts.csv"]


def test_help_teaches() -> None:
    text = CliRunner().invoke(main, ["stock", "optimise", "--help"]).output
    for word in ("lead_time", "policy.csv", "curve.csv", "vital=4"):
        assert word in text
