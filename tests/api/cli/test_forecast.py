import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from api.cli.forecast import group
from forecasting import result_csv
from forecasting.cluster import INSTALLED
from forecasting.engine import Settings
from tests.forecasting.data import path_of

SMALL = "part_id,price,2023-11,2023-12,2024-01,2024-02,2024-03,2024-04\nA,2,1,0,,2,1,0\nB,3,0,-4,0,0,0,7\n"


def run(folder: Path, text: str | bytes, *options: str) -> Result:
    path = folder / "demand.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return CliRunner().invoke(group, ["demand", str(path), "--out", str(folder / "out"), *options])


def test_writes_three_files(tmp_path: Path) -> None:
    result = run(tmp_path, SMALL, "--horizon", "2", "--quantiles", "0.5,0.95")
    assert result.exit_code == 0, result.output
    monthly = pd.read_csv(tmp_path / "out" / "monthly.csv")
    assert monthly.columns.tolist() == ["part_id", "period", "mean", "q0.5", "q0.95"]
    assert monthly["part_id"].tolist() == ["A", "A", "B", "B"]
    assert monthly["period"].tolist() == ["2024-05", "2024-06"] * 2
    lead = pd.read_csv(tmp_path / "out" / "lead_time.csv")
    assert lead.columns.tolist() == ["part_id", "mean", "q0.5", "q0.95"]
    assert (lead["q0.5"] <= lead["q0.95"]).all()
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["parts"] == sum(summary["classes"].values()) == sum(summary["methods"].values()) == 2
    assert sum(sum(methods.values()) for methods in summary["methods_by_class"].values()) == 2
    assert summary["returns"] == {"cells": 1, "pieces_below_zero": 4.0, "read_as": "no demand in that period"}
    assert summary["blanks"] == {"cells": 1, "read_as": "missing"}
    assert summary["seconds"] > 0
    assert summary["seconds"] >= sum(summary["seconds_by_step"].values()) - 0.01
    assert summary["peak_memory_mib"] > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demand.csv", "out"]


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert run(tmp_path / name, SMALL, "--seed", "7").exit_code == 0
    for name in ("monthly.csv", "lead_time.csv"):
        assert (tmp_path / "one/out" / name).read_text() == (tmp_path / "two/out" / name).read_text()


def test_nothing_at_or_after_the_origin_is_used(tmp_path: Path) -> None:
    known = "part_id,W01,W02,W03,W04\nA,1,2,0,3\nB,0,0,1,0\n"
    changed = "part_id,W01,W02,W03,W04\nA,1,2,900,400\nB,0,0,,50\n"
    for name, text in (("one", known), ("two", changed)):
        (tmp_path / name).mkdir()
        assert run(tmp_path / name, text, "--origin", "W03").exit_code == 0
    monthly = [(tmp_path / name / "out/monthly.csv").read_text() for name in ("one", "two")]
    assert monthly[0] == monthly[1]
    assert pd.read_csv(tmp_path / "one/out/monthly.csv")["period"].iloc[0] == "W03"


def test_blank_means_missing_unless_told_otherwise(tmp_path: Path) -> None:
    text = "part_id,2024-W50,2024-W51,2024-W52,2025-W01\nA,2,,,2\n"
    means = []
    for blank in ("missing", "zero"):
        assert run(tmp_path, text, "--blank", blank).exit_code == 0
        means.append(pd.read_csv(tmp_path / "out/lead_time.csv")["mean"].iloc[0])
    assert means[0] > means[1]


def test_an_existing_folder_keeps_its_other_files(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/notes.txt").write_text("mine")
    (tmp_path / "out/monthly.csv").write_text("old")
    assert run(tmp_path, SMALL).exit_code == 0
    assert (tmp_path / "out/notes.txt").read_text() == "mine"
    assert (tmp_path / "out/monthly.csv").read_text().startswith("part_id")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--quantiles", "0.5,2"), "between 0 and 1"),
        (("--quantiles", "half"), "not a list of numbers"),
        (("--quantiles", "nan"), "between 0 and 1"),
        (("--horizon", "0"), "horizon"),
        (("--lead-time", "0"), "lead-time"),
        (("--origin", "2024-13"), "not a period"),
        (("--origin", "2023-11"), "no demand lies before"),
        (("--origin", "2029-01"), "more than a year after"),
        (("--origin", "2024-W05"), "by month"),
    ],
)
def test_bad_options_are_refused(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    result = run(tmp_path, SMALL, *options)
    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "out").exists()


def test_one_period_is_enough(tmp_path: Path) -> None:
    assert run(tmp_path, "part_id,2024-01\nA,3\n").exit_code == 0
    assert pd.read_csv(tmp_path / "out/lead_time.csv")["mean"].iloc[0] > 0


def test_cancelling_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancelled(*_: object) -> Settings:
        raise KeyboardInterrupt

    monkeypatch.setattr(result_csv, "lead_time_lines", cancelled)
    result = run(tmp_path, SMALL)
    assert result.exit_code == 1
    assert "Aborted" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["demand.csv"]


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    result = run(tmp_path, SMALL, "--out", str(tmp_path / "file" / "out"))
    assert result.exit_code == 2
    assert "cannot be written" in result.output


def test_car_parts(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(group, ["demand", str(path_of("carparts.csv")), "--blank", "zero", "--out", str(out)])
    assert result.exit_code == 0, result.output
    summary = json.loads((out / "summary.json").read_text())
    assert summary["parts"] == 2674
    assert len(pd.read_csv(out / "monthly.csv")) == 2674 * 12
    assert "zero" in [score["method"] for score in summary["scores"]]


def test_help_teaches() -> None:
    text = CliRunner().invoke(group, ["demand", "--help"]).output
    assert "part_id" in text
    assert "lead_time.csv" in text


@pytest.mark.skipif(not INSTALLED, reason="dask distributed is not installed")
def test_a_cluster_writes_the_same_files(tmp_path: Path) -> None:
    for name, options in (("one", ()), ("many", ("--cluster", "local"))):
        (tmp_path / name).mkdir()
        result = run(tmp_path / name, SMALL, *options)
        assert result.exit_code == 0, result.output
    for name in ("monthly.csv", "lead_time.csv"):
        assert (tmp_path / "one/out" / name).read_text() == (tmp_path / "many/out" / name).read_text()


def test_a_cluster_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = run(tmp_path, SMALL, "--cluster", "nonsense://here")
    assert result.exit_code == 2
    assert "no dask scheduler answers" in result.output or "install aftersales[cluster]" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["demand.csv"]


def test_boosting_needs_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forecasting.boost.INSTALLED", False)
    result = run(tmp_path, SMALL, "--boost")
    assert result.exit_code == 2
    assert "install aftersales[boost]" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["demand.csv"]
