import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from api.cli.forecasts import group
from forecasting.boost import INSTALLED
from tests.forecasting import catalogues as kinds


def run(folder: Path, *options: str) -> Result:
    path = folder / "demand.csv"
    demand = pd.DataFrame(kinds.intermittent(40, 30), columns=kinds.monthly_panel(np.ones((1, 30))).periods.labels())
    demand.insert(0, "part_id", [f"P{row}" for row in range(40)])
    demand.iloc[0, 5], demand.iloc[1, 6] = np.nan, -3.0
    demand.to_csv(path, index=False)
    return CliRunner().invoke(group, ["backtest", str(path), "--out", str(folder / "out"), *options])


def test_writes_tables_and_a_summary_and_prints_the_methods(tmp_path: Path) -> None:
    result = run(tmp_path, "--origins", "4", "--lead-time", "2", "--peer-seconds", "0")
    assert result.exit_code == 0, result.output
    methods = pd.read_csv(tmp_path / "out/methods.csv").set_index("method")
    assert methods.columns.tolist() == [
        *("windows", "lead_time_wql", "bias", "rmse", "rmse_total"),
        *("service_0.9", "service_0.95", "service_0.99", "stock_0.9", "stock_0.95", "stock_0.99"),
    ]
    assert {"aftersales", "zero", "sba + normal", "mean of 12 + negative binomial"} <= set(methods.index)
    assert methods.loc["zero", "bias"] == -1
    assert (methods["windows"] == 160).all()
    calibration = pd.read_csv(tmp_path / "out/calibration.csv")
    assert (calibration["below"] <= calibration["covered"]).all()
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["blanks"] == {"cells": 1, "read_as": "missing"}
    assert summary["returns"]["cells"] == 1
    assert len(summary["origins"]) == 4
    assert sum(summary["windows_by_class"].values()) == 160
    assert [row["method"] for row in summary["methods"]] == methods.index.tolist()
    own, rival = methods.loc["aftersales", "lead_time_wql"], methods.loc[summary["ratio_to_best_rival"]["rival"]]
    assert summary["ratio_to_best_rival"]["ratio"] == pytest.approx(own / rival["lead_time_wql"], abs=1e-4)
    assert summary["seconds"] > 0
    assert summary["peak_memory_mib"] > 0
    for word in ("aftersales", "zero", "mean of 12", "wQL", "Not in the table: statsforecast", "40 parts, 4 origins"):
        assert word in result.output


def test_the_same_seed_gives_the_same_tables(tmp_path: Path) -> None:
    tables = []
    for _ in range(2):
        assert run(tmp_path, "--origins", "2", "--seed", "5", "--peer-seconds", "0").exit_code == 0
        tables.append((tmp_path / "out/methods.csv").read_text() + (tmp_path / "out/calibration.csv").read_text())
    assert tables[0] == tables[1]


def test_help_teaches() -> None:
    text = CliRunner().invoke(group, ["backtest", "--help"]).output
    assert "methods.csv" in text
    assert "statsforecast" in text


@pytest.mark.skipif(not INSTALLED, reason="LightGBM is not installed")
def test_the_boosted_forecast_has_a_row_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forecasting.boost.TREES", 10)
    result = run(tmp_path, "--origins", "1", "--peer-seconds", "0", "--boost")
    assert result.exit_code == 0, result.output
    methods = pd.read_csv(tmp_path / "out/methods.csv").set_index("method")
    bias, loss = methods["bias"].to_dict(), methods["lead_time_wql"].to_dict()
    assert bias["aftersales"] == bias["aftersales boosted"]
    assert loss["aftersales"] != loss["aftersales boosted"]
    assert json.loads((tmp_path / "out/summary.json").read_text())["ratio_to_best_rival"]["rival"] in methods.index
