import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from api.cli.root import main
from tests.forecasting.data import path_of

HEADING = "site,part_id,demand,repair_time,repair_share,transport_time,depot_repair_time,price\n"
SMALL = HEADING + "North,P1,0.5,1,.3,.5,3,100\nSouth,P1,1.5,1,.3,.5,3,100\nSouth,P2,0.2,1,0,.5,4,900\n"


def echelon(file: Path, out: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["stock", "echelon", str(file), "--out", str(out), *options])


def run(folder: Path, text: str, *options: str) -> Result:
    (folder / "network.csv").write_text(text)
    return echelon(folder / "network.csv", folder / "out", *options)


def test_the_published_table_gives_the_published_optimum(tmp_path: Path) -> None:
    result = echelon(path_of("Sherbrooke_METRIC.csv"), tmp_path / "out", "--budget", "8")
    assert result.exit_code == 0, result.output
    policy = pd.read_csv(tmp_path / "out/policy.csv")
    assert policy.columns.tolist() == ["part_id", "site", "stock", "expected_backorders", "fill_rate"]
    assert policy["site"].tolist() == ["depot", "B1", "B2", "B3", "B4", "B5"]
    assert policy["stock"].tolist() == [3, 1, 1, 1, 1, 1]
    assert policy["expected_backorders"].iloc[0] == pytest.approx(0.3472, abs=5e-5)
    assert policy["expected_backorders"].iloc[1:].sum() == pytest.approx(0.2266, abs=5e-5)
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert (summary["parts"], summary["sites"], summary["investment"]) == (1, 5, 8)
    assert summary["expected_backorders"] == pytest.approx(0.2266, abs=5e-5)
    curve = pd.read_csv(tmp_path / "out/curve.csv")
    assert curve.columns.tolist() == ["investment", "availability", "expected_backorders"]
    assert (curve["expected_backorders"].diff().dropna() <= 0).all()
    assert curve[curve["investment"] == 8]["expected_backorders"].tolist() == pytest.approx([0.226598], abs=1e-6)


def test_parts_at_some_sites_only(tmp_path: Path) -> None:
    assert run(tmp_path, SMALL, "--availability", "0.9").exit_code == 0
    policy = pd.read_csv(tmp_path / "out/policy.csv")
    assert list(zip(policy["part_id"], policy["site"], strict=True)) == [
        ("P1", "depot"),
        ("P1", "North"),
        ("P1", "South"),
        ("P2", "depot"),
        ("P2", "South"),
    ]
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["availability"] >= 0.9
    price = policy["part_id"].map({"P1": 100, "P2": 900})
    assert summary["investment"] == (price * policy["stock"]).sum()
    assert run(tmp_path, SMALL, "--backorders", "0.2").exit_code == 0
    assert json.loads((tmp_path / "out/summary.json").read_text())["expected_backorders"] <= 0.2


def test_vital_parts_come_first(tmp_path: Path) -> None:
    rows = [f"S,P{number},1,1,0,.5,2,10,{'vital' if number else 'desirable'}\n" for number in range(2)]
    assert run(tmp_path, HEADING.strip() + ",criticality\n" + "".join(rows), "--budget", "60").exit_code == 0
    stock = pd.read_csv(tmp_path / "out/policy.csv").groupby("part_id")["stock"].sum()
    assert stock["P1"] > stock["P0"]


def test_failures_in_batches_need_more(tmp_path: Path) -> None:
    money = []
    for dispersion in ("", "4"):
        rows = [f"{line},{dispersion}\n" for line in SMALL.splitlines()[1:]]
        assert run(tmp_path, HEADING.strip() + ",dispersion\n" + "".join(rows), "--availability", "0.9").exit_code == 0
        money.append(json.loads((tmp_path / "out/summary.json").read_text())["investment"])
    assert money[1] > money[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SMALL.replace("900", "-1"), "row 4, column 'price': a price of -1 is below zero"),
        (SMALL.replace("South,P1,1.5,1,.3,.5,3,100", "South,P1,1.5,1,.3,.5,3,120"), "row 3, column 'price': 120 here"),
        (SMALL.replace("South,P1,1.5,1,.3,.5,3,100", "South,P1,1.5,1,.3,.5,2,100"), "column 'depot_repair_time'"),
        (SMALL.replace("South,P1", "North,P1"), "row 3, column 'part_id': 'P1' at 'North' stood in row 2 already"),
        (SMALL.replace("South,P2", "depot,P2"), "row 4, column 'site': 'depot' is the place that supplies"),
        (SMALL.replace("0.2,1,0", "0.2,1,1.5"), "a repair share of 1.5 is above 1"),
        (SMALL.replace("1.5,1,.3,.5", "1.5,1,.3,"), "the transport time is missing"),
        (SMALL.replace("1.5,1,.3,.5", "9000,1,.3,.5"), "row 3, column 'demand': 24750 pieces would be under way"),
        ("Base,LRU,bLam\nB,U,1\n", "there is no column 'repair_time'"),
    ],
)
def test_bad_files_are_refused_naming_the_place(tmp_path: Path, text: str, message: str) -> None:
    result = run(tmp_path, text, "--availability", "0.9")
    assert result.exit_code == 2, result.output
    assert message in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "give one of --backorders, --availability, --budget"),
        (("--availability", "100%"), "cannot be promised"),
        (("--backorders", "0"), "cannot be reached"),
        (("--budget", "-3"), "not below zero"),
    ],
)
def test_bad_targets_are_refused(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    result = run(tmp_path, SMALL, *options)
    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "out").exists()
