import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from api.cli.forecasts import group
from forecasting.installed_base import result_csv
from tests.forecasting.installed_base.files import options, write
from tests.forecasting.installed_base.fleets import World, label, simulate

MACHINES = """machine_id,model,group,commissioned_on,retired_on
A,M1,hard,2020-01-10,
B,M1,,2020-02-01,2024-03-01
C,M1,easy,2021-05-05,2025-09-01
"""
INSTALLATIONS = """machine_id,part_id,position,installed_on,removed_on,reason,initial_hours
A,pump,left,2020-01-10,2022-03-01,failure,
A,pump,left,2022-03-01,,,0
B,pump,left,2020-02-01,2023-01-01,planned,
B,pump,left,2023-01-01,,,250.5
C,pump,left,2021-05-05,2024-12-01,Failure,
C,pump,left,2024-12-01,,,0
A,filter,,2020-01-10,2024-01-01,other,
"""
USAGE = """machine_id,period,hours
A,2024-11,200
A,2024-12,210
C,2024-11,0
C,2024-12,90.5
C,2025-02,9
"""
FILTER = INSTALLATIONS.splitlines()[-1]
PLANNED = "machine_id,part_id,due_on\nC,pump,2025-03-15\n"
SALES = "model,period,machines\nM1,2025-02,3\n"
TABLES = {"machines": MACHINES, "installations": INSTALLATIONS, "usage": USAGE, "planned": PLANNED, "sales": SALES}


def run(folder: Path, *more: str, **changed: str | bytes) -> Result:
    arguments = ["installed-base", "--origin", "2025-01", "--out", str(folder / "out")]
    for name, text in {**TABLES, **changed}.items():
        path = folder / f"{name}.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        arguments += [f"--{name}", str(path)]
    return CliRunner().invoke(group, [*arguments, *more])


def test_writes_what_it_promises(tmp_path: Path) -> None:
    result = run(tmp_path, "--horizon", "6")
    assert result.exit_code == 0, result.output
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == ["demand.csv", "explain.csv", "lives.csv", "summary.json"]
    demand = pd.read_csv(out / "demand.csv")
    heads = "part_id period mean q0.5 q0.9 q0.95 q0.99 planned failures new_machines retirements correction method"
    assert demand.columns.tolist() == heads.split()
    assert demand["part_id"].tolist() == ["pump"] * 6 + ["filter"] * 6
    assert demand["period"].tolist()[:6] == [f"2025-0{month}" for month in range(1, 7)]
    pump = demand[demand["part_id"] == "pump"]
    assert pump["planned"].tolist() == [0, 0, 1, 0, 0, 0]
    assert (pump["new_machines"].to_numpy()[2:] > 0).all()
    lives = pd.read_csv(out / "lives.csv")
    assert lives.columns.tolist() == ["part_id", "group", "shape", "scale_hours", "failures", "exposure_hours"]
    assert set(zip(lives["part_id"], lives["group"], strict=True)) == {
        ("pump", "hard"), ("pump", "M1"), ("pump", "easy"), ("filter", "hard"),
    }  # fmt: skip
    summary = json.loads((out / "summary.json").read_text())
    assert summary["seconds"] > 0
    assert summary["peak_memory_mib"] > 0
    assert sum(summary["methods"].values()) == 2


def test_the_explanation_sums_up_in_the_files(tmp_path: Path) -> None:
    world = World(machines=150, parts=6, preventive=0.4)
    made = simulate(world, 60, seed=5)
    paths = write(made.fleet, tmp_path)
    arguments = ["installed-base", *options(paths), "--origin", label(made.origin), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(group, arguments)
    assert result.exit_code == 0, result.output
    demand = pd.read_csv(tmp_path / "out/demand.csv")
    said = (
        demand["planned"] + demand["failures"] + demand["new_machines"] - demand["retirements"] + demand["correction"]
    )
    assert np.allclose(said, demand["mean"], rtol=0, atol=1e-9)
    explain = pd.read_csv(tmp_path / "out/explain.csv")
    assert explain.columns.tolist() == ["part_id", "period", "machine_id", "expected"]
    by_part = explain.groupby(["part_id", "period"])["expected"].sum()
    assert np.allclose(by_part, demand.set_index(["part_id", "period"])["mean"].reindex(by_part.index), atol=1e-9)
    assert set(explain["machine_id"]) <= {*made.fleet.machines.id, *(f"new:{model}" for model in ("M0", "M1"))}


def test_nothing_from_the_origin_on_is_used_save_plans(tmp_path: Path) -> None:
    later = INSTALLATIONS.replace("A,pump,left,2022-03-01,,,0", "A,pump,left,2022-03-01,2025-01-01,failure,0")
    later += "A,pump,left,2025-01-01,,,0\n"
    used = USAGE + "A,2025-01,700\n"
    bought = MACHINES + "D,M1,hard,2025-01-02,\n"
    texts = []
    for name, changed in (("one", {}), ("two", {"installations": later, "usage": used, "machines": bought})):
        (tmp_path / name).mkdir()
        assert run(tmp_path / name, **changed).exit_code == 0
        texts.append(
            [(tmp_path / name / "out" / file).read_text() for file in ("demand.csv", "explain.csv", "lives.csv")]
        )
    assert texts[0] == texts[1]


def test_plans_are_optional_and_change_what_they_speak_of(tmp_path: Path) -> None:
    for name, changed in (("all", {}), ("none", {"planned": PLANNED[:26], "sales": SALES[:22]})):
        (tmp_path / name).mkdir()
        assert run(tmp_path / name, **changed).exit_code == 0
    with_plans, without = (pd.read_csv(tmp_path / name / "out/demand.csv") for name in ("all", "none"))
    assert with_plans["new_machines"].sum() > 0 == without["new_machines"].sum()
    assert with_plans["planned"].sum() == 1 > without["planned"].sum() == 0


BAD = [
    ("machines", "", "the file is empty"),
    ("installations", " \n", "the file is empty"),
    ("usage", "", "the file is empty"),
    ("machines", MACHINES[:49], "there is no row below the heading"),
    ("machines", MACHINES + "A,M2,,2021-01-01,\n", "row 5, column 'machine_id': this machine stood in row 2"),
    ("machines", MACHINES.replace("2020-02-01", "2020-02-31"), "row 3, column 'commissioned_on': '2020-02-31' is not"),
    ("machines", MACHINES.replace("2024-03-01", "2019-03-01"), "row 3, column 'retired_on': "),
    ("machines", MACHINES.replace("A,M1", ",M1"), "row 2, column 'machine_id': the cell is blank"),
    ("machines", MACHINES.replace(",", ";"), "separated by ';'"),
    ("machines", MACHINES.replace("model", "modell"), "row 1, column 'model': there is no column"),
    ("installations", INSTALLATIONS.replace("C,pump", "X,pump"), "row 6, column 'machine_id': 'X' is not among"),
    (
        "installations",
        INSTALLATIONS.replace("2022-03-01,f", "2019-03-01,f"),
        "row 2, column 'removed_on': '2019-03-01'",
    ),
    ("installations", INSTALLATIONS.replace("250.5", "many"), "row 5, column 'initial_hours': 'many' is not a number"),
    ("installations", INSTALLATIONS.replace("250.5", "-3"), "is below zero"),
    ("installations", INSTALLATIONS.replace("250.5", "9e15"), "is too large"),
    ("installations", INSTALLATIONS.replace("planned", "worn"), "row 4, column 'reason': 'worn' is not failure,"),
    ("installations", INSTALLATIONS.replace("planned", ""), "row 4, column 'reason': a removed component needs"),
    ("installations", INSTALLATIONS + FILTER + "\n", "row 9, column 'installed_on': this installation stood in row 8"),
    ("installations", INSTALLATIONS + FILTER + ",,,\n", "row 9: 10 cells where the heading has 7"),
    ("installations", INSTALLATIONS + "A,filter\n", "row 9, column 'installed_on': the cell is blank"),
    ("usage", USAGE.replace("210", "a lot"), "row 3, column 'hours': 'a lot' is not a number"),
    ("usage", USAGE.replace("210", "-1"), "row 3, column 'hours': '-1' is below zero"),
    ("usage", USAGE.replace("210", "8000"), "row 3, column 'hours': '8000' is more than the period can hold"),
    ("usage", USAGE.replace("210", ""), "row 3, column 'hours': the cell is blank"),
    ("usage", USAGE.replace("A,2024-12", "A,2024-W50"), "row 3, column 'period': '2024-W50' is not a month"),
    (
        "usage",
        USAGE.replace("A,2024-12", "A,2024-11"),
        "row 3, column 'period': this machine and period stood in row 2",
    ),
    ("usage", USAGE.replace("A,", "Z,"), "row 2, column 'machine_id': 'Z' is not among the machines"),
    ("planned", PLANNED.replace("C,", "Q,"), "row 2, column 'machine_id': 'Q' is not among"),
    ("planned", PLANNED + "C,pump,2025-03-15\n", "row 3: this replacement stands more often"),
    ("planned", PLANNED.replace("2025-03-15", "15.3.2025"), "row 2, column 'due_on'"),
    ("sales", SALES + "M1,2025-02,1\n", "row 3, column 'period': this model and period stood in row 2"),
    ("sales", SALES.replace(",3", ",three"), "row 2, column 'machines': 'three' is not a number"),
    ("sales", b"model,period,machines\nM1,2025-02,\xff\n", "row 2: the file is not UTF-8"),
    ("sales", "model,period,machines,model\nM1,2025-02,1,M1\n", "row 1, column 'model': this column stands twice"),
]


def test_demand_really_drawn_sets_the_level(tmp_path: Path) -> None:
    months = [f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 13)]
    told = f"part_id,{','.join(months)}\npump,{','.join('4' * 24)}\n"
    for name, changed in (("one", {}), ("two", {"demand": told})):
        (tmp_path / name).mkdir()
        assert run(tmp_path / name, **changed).exit_code == 0
    one, two = (pd.read_csv(tmp_path / name / "out/demand.csv").query("part_id == 'pump'") for name in ("one", "two"))
    assert two["mean"].sum() > 5 * one["mean"].sum()
    weekly = told.replace("2023-01", "2023-W01")
    assert "mixed frequency" in run(tmp_path, demand=weekly).output
    assert "none of its parts" in " ".join(run(tmp_path, demand=told.replace("pump", "nut")).output.split())


@pytest.mark.parametrize(("table", "text", "message"), BAD)
def test_bad_tables_are_refused_by_file_row_and_column(
    tmp_path: Path, table: str, text: str | bytes, message: str
) -> None:
    result = run(tmp_path, **{table: text})
    assert result.exit_code == 2, result.output
    said = " ".join(result.output.split())
    assert f"{table}.csv" in said
    assert message in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--origin", "2025-13"), "not a period"),
        (("--origin", "W12"), "must be a month or an ISO week"),
        (("--origin", "2019-06"), "nothing was installed before 2019-06"),
        (("--horizon", "0"), "horizon"),
        (("--quantiles", "1.5"), "between 0 and 1"),
    ],
)
def test_bad_options_are_refused(tmp_path: Path, more: tuple[str, ...], message: str) -> None:
    result = run(tmp_path, *more)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert not (tmp_path / "out").exists()


def test_files_may_carry_a_byte_order_mark_blank_lines_and_columns_of_their_own(tmp_path: Path) -> None:
    extra = "\n".join(line + ",note" if line else line for line in MACHINES.splitlines()) + "\n\n"
    result = run(tmp_path, machines=b"\xef\xbb\xbf" + extra.encode())
    assert result.exit_code == 0, result.output


def test_without_any_hours_age_is_calendar_age(tmp_path: Path) -> None:
    assert run(tmp_path, usage="machine_id,period,hours\n").exit_code == 0
    assert "around the clock" in json.loads((tmp_path / "out/summary.json").read_text())["notes"][0]


def test_a_model_nobody_has_yet_is_noted(tmp_path: Path) -> None:
    assert run(tmp_path, sales=SALES + "M9,2025-02,5\n").exit_code == 0
    assert "M9" in json.loads((tmp_path / "out/summary.json").read_text())["notes"][0]


def test_cancelling_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancelled(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(result_csv, "lives_lines", cancelled)
    result = run(tmp_path)
    assert result.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_a_request_to_end_leaves_nothing_behind(tmp_path: Path) -> None:
    made = simulate(World(machines=300, parts=10), 60, seed=5)
    paths = write(made.fleet, tmp_path)
    words = ["installed-base", *options(paths), "--origin", label(made.origin), "--out", str(tmp_path / "out")]
    code = "import sys, signal\nfrom forecasting.installed_base import result_csv\n"
    code += "plain = result_csv.lives_lines\n"
    code += "result_csv.lives_lines = lambda made: (signal.raise_signal(signal.SIGTERM), plain(made))[1]\n"
    code += "from api.cli.forecasts import group\ngroup(sys.argv[1:])\n"
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, check=False)
    assert done.returncode == 128 + signal.SIGTERM
    assert not (tmp_path / "out").exists()
