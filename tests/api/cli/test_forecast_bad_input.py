"""Whatever is wrong with a file: one line that says what and where, nothing written, never a traceback."""

import gzip
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from api.cli.forecasts import group

COMMANDS = ("demand", "backtest")
HEAD = "part_id,2024-01,2024-02,2024-03,2024-04,2024-05,2024-06,2024-07,2024-08,2024-09,2024-10\n"


def run(command: str, folder: Path, content: str | bytes, *options: str) -> Result:
    path = folder / "demand.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return call(command, str(path), "--out", str(folder / "out"), *options)


def call(command: str, *arguments: str) -> Result:
    quick = ("--peer-seconds", "0") if command == "backtest" else ()
    return CliRunner().invoke(group, [command, *arguments, *quick])


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    said = result.output.strip().splitlines()
    assert "Traceback" not in result.output
    for word in words:
        assert word in said[-1]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "demand.csv: the file is empty"),
        ("\n\n", "demand.csv: the file is empty"),
        (HEAD, "demand.csv: there is no part below the heading"),
        (HEAD + "A,,,,,,,,,,\nB,,,,,,,,,,\n", "demand.csv: every cell is blank"),
        (HEAD + "A,1,2,3,4,many,6,7,8,9,10\n", "demand.csv, row 2, column '2024-05': 'many' is not a number"),
        (HEAD + 'A,1,2,3,4,"1,5",6,7,8,9,10\n', "demand.csv, row 2, column '2024-05': '1,5' is not a number"),
        (HEAD + "A,1,2,3,4,inf,6,7,8,9,10\n", "demand.csv, row 2, column '2024-05': inf is too large"),
        (HEAD + "A,1,2,3,4,1e13,6,7,8,9,10\n", "demand.csv, row 2, column '2024-05': 1e13 is too large"),
        (HEAD + "A,1,2,3,4,nan,6,7,8,9,10\n", "demand.csv, row 2, column '2024-05': 'nan' is not a number"),
        (HEAD + "A" + ",1" * 10 + "\nB" + ",1" * 10 + "\nA" + ",2" * 10 + "\n", "row 4, column 'part_id': part 'A'"),
        (HEAD + "A,1,2\n", "demand.csv, row 2: 3 cells where the heading has 11"),
        (HEAD + "A" + ",1" * 10 + "\n\nB" + ",1" * 11 + "\n", "demand.csv, row 4: 12 cells"),
        (HEAD + " ,1,2,3,4,5,6,7,8,9,10\n", "demand.csv, row 2, column 'part_id': the part number is blank"),
        ("part_id,2024-01,2024-W05\nA,1,2\n", "demand.csv, row 1, column '2024-W05': mixed frequency"),
        ("part_id,2024-02,2024-01\nA,1,2\n", "row 1, column '2024-01': this period lies before '2024-02'; sort"),
        ("part_id,2024-01,2024-01\nA,1,2\n", "row 1, column '2024-01': this period stands twice"),
        ("part_id,2024-13\nA,1\n", "row 1, column '2024-13': '2024-13' is not a period"),
        ("part;2024-01\nA;1\n", "separated by ';'"),
        (HEAD.encode("utf-16"), "not UTF-8"),
        (HEAD.encode() + "Écrou,1,2,3,4,5,6,7,8,9,10\n".encode("latin-1"), "demand.csv, row 2: the file is not UTF-8"),
        (gzip.compress(HEAD.encode() * 50, mtime=0), "demand.csv, row 1: the file is not UTF-8"),
        (HEAD.encode() + b"A\0,1,2,3,4,5,6,7,8,9,10\n", "demand.csv, row 2: "),
        (bytes(range(32)) * 10, "demand.csv"),
        (HEAD + 'A,"1,2,3,4,5,6,7,8,9,10\n', "demand.csv, row 2: not a CSV file"),
    ],
)
def test_bad_files_are_refused_in_one_line(tmp_path: Path, command: str, content: str | bytes, message: str) -> None:
    refused(run(command, tmp_path, content), message)
    assert [path.name for path in tmp_path.iterdir()] == ["demand.csv"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--lead-time", "0"), "--lead-time"),
        (("--lead-time", "241"), "--lead-time"),
        (("--quantiles", "0.5,1.5"), "between 0 and 1"),
        (("--quantiles", "0"), "between 0 and 1"),
        (("--quantiles", "high"), "is not a list of numbers"),
        (("--origin", "2024-W05"), "by month"),
        (("--origin", "soon"), "is not a period"),
        (("--origin", "2023-01"), "no demand lies before 2023-01"),
        (("--blank", "maybe"), "--blank"),
        (("--seed", "one"), "--seed"),
    ],
)
def test_bad_options_are_refused_in_one_line(
    tmp_path: Path, command: str, options: tuple[str, ...], message: str
) -> None:
    refused(run(command, tmp_path, HEAD + "A" + ",1" * 10 + "\n", *options), message)
    assert [path.name for path in tmp_path.iterdir()] == ["demand.csv"]


@pytest.mark.parametrize("command", COMMANDS)
def test_files_and_folders_that_are_not_there_are_refused(tmp_path: Path, command: str) -> None:
    out = ("--out", str(tmp_path / "out"))
    refused(call(command, str(tmp_path / "none.csv"), *out), "none.csv", "does not exist")
    refused(call(command, str(tmp_path), *out), "is a directory")
    (tmp_path / "demand.csv").write_text(HEAD + "A" + ",1" * 10 + "\n")
    path = str(tmp_path / "demand.csv")
    refused(call(command, path, "--out", path), "is a file")
    refused(call(command, path, "--out", str(tmp_path / "demand.csv" / "out")), "cannot be written")
    refused(call(command, path, "--out", "/proc/out"), "/proc/out: cannot be written")
    assert [path.name for path in tmp_path.iterdir()] == ["demand.csv"]


def test_one_period_is_forecast_from_but_cannot_be_tested(tmp_path: Path) -> None:
    text = "part_id,2024-01\nA,3\n"
    assert run("demand", tmp_path, text).exit_code == 0
    assert pd.read_csv(tmp_path / "out/lead_time.csv")["mean"].iloc[0] > 0
    refused(run("backtest", tmp_path, text), "1 periods are too few to back-test a lead time of 3")


def test_numbers_at_the_limit_and_returns_alone_are_forecast_from(tmp_path: Path) -> None:
    text = HEAD + "A" + ",1e12" * 10 + "\nB" + ",-5" * 10 + "\nC,,,,,,,,,0,\n"
    for command in COMMANDS:
        result = run(command, tmp_path, text)
        assert result.exit_code == 0, result.output
    lead = (
        pd.read_csv(tmp_path / "out/lead_time.csv").set_index("part_id")
        if (tmp_path / "out/lead_time.csv").exists()
        else None
    )
    assert lead is not None
    assert lead.loc["A", "mean"] == pytest.approx(3e12, rel=0.2)
    assert lead.notna().all().all()
