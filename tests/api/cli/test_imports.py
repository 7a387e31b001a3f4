"""`aftersales import …` as a planner types it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aftersales.formats.tables import read_table
from aftersales.imports.service import KINDS
from api.cli import main


class Planner:
    """A shell of an administrator of a new maker, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, given: str = "") -> Result:
        return CliRunner().invoke(main, arguments, input=given)

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_bytes(text.encode())
        return str(path)

    def take(self, kind: str, text: str, *options: str) -> Result:
        return self("import", kind, self.file(f"{kind}.csv", text), *options)


@pytest.fixture
def planner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planner:
    monkeypatch.setenv("AFTERSALES_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("AFTERSALES_USER", "ana@kamen.example.com")
    for name in ("AFTERSALES_DATABASE_URL", "PORT", "HOST", "AFTERSALES_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    made = Planner(tmp_path)
    made("db", "upgrade")
    for email, role in (("ana", "admin"), ("teo", "technician")):
        added = made(
            *("user", "add", "--organization", "Kamen", "--kind", "manufacturer", "--country", "hr", "--name", email),
            *("--email", f"{email}@kamen.example.com", "--role", role),
            given="a long enough password\n",
        )
        assert added.exit_code == 0, added.output
    return made


def test_a_fleet_in_a_few_lines(planner: Planner) -> None:
    done = planner.take(
        "machines",
        "machineID,model\n1,m3\n2,m3\n",
        "--map",
        "serial_number=machineID",
        "--set",
        "commissioned_on=2024-06-01",
    )
    assert (done.exit_code, done.output.strip()) == (0, "Import 1: 2 added, 0 unchanged, 0 rows refused.")
    again = planner("import", "machines", str(planner.folder / "machines.csv"), "--map", "serial_number = machineID")
    assert "0 added, 2 unchanged" in again.output
    assert "2 added  machines.csv" in planner("import", "list").output
    assert planner("doctor").exit_code == 0


def test_wrong_rows_are_told_short_on_the_screen_and_whole_in_the_file(planner: Planner) -> None:
    text = "number,price\nGOOD,1\n" + "".join(f"P{number},x\n" for number in range(10_000))
    errors = planner.folder / "errors.csv"
    refused = planner.take("parts", text, "--errors", str(errors))
    assert refused.exit_code == 1
    lines = refused.output.splitlines()
    assert len(lines) < 30
    assert "  row 3, price 'x': Not a number" in lines
    assert "  … and 9980 more" in lines
    assert lines[-1] == "Error: parts.csv: 10000 rows are wrong, nothing was taken in"
    rows = read_table("errors.csv", errors.read_bytes()).rows
    assert len(rows) == 10_000
    assert rows[-1].cells == {"row": "10002", "field": "price", "value": "x", "problem": "Not a number"}
    partial = planner.take("parts", text, "--partial", "--errors", str(errors))
    assert partial.exit_code == 0
    assert "1 added, 0 unchanged, 10000 rows refused" in partial.output


def test_a_dry_run_says_what_would_be_and_fails_where_the_import_would(planner: Planner) -> None:
    dry = planner.take("parts", "number\nA\n", "--dry-run")
    assert (dry.exit_code, "nothing was changed: 1 added" in dry.output) == (0, True)
    bad = planner.take("parts", "number,price\nA,x\n", "--dry-run")
    assert (bad.exit_code, "row 2, price 'x'" in bad.output) == (1, True)
    assert planner.take("parts", "number,price\nA,x\n", "--dry-run", "--partial").exit_code == 0
    assert planner("import", "list").output == ""


def test_a_mapping_file_and_options_that_win_over_it(planner: Planner) -> None:
    planner.take("parts", "number\nA\n")
    mapping = {"part": "sku", "period": {"column": "month"}, "quantity": {"column": "sold", "values": {"none": "0"}}}
    path = planner.file("mapping.json", json.dumps(mapping))
    taken = planner.take("demand", "sku,month,sold\nA,2024-01,none\nA,2024-02,5\n", "--mapping", path)
    assert "2 added" in taken.output, taken.output
    other = planner.take("demand", "code,month,sold\nA,2024-03,1\n", "--mapping", path, "--map", "part=code")
    assert "1 added" in other.output, other.output


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a JSON object"),
        ('{"part": 5}', "names neither a column nor a value"),
        ('{"nonsense": "part"}', "There is no field nonsense"),
        ('{"part": "nowhere"}', "no column nowhere; it has: part, period"),
    ],
)
def test_a_wrong_mapping_is_said_in_one_line(planner: Planner, mapping: str, says: str) -> None:
    path = planner.file("mapping.json", mapping)
    result = planner.take("demand", "part,period\nA,2024-01\n", "--mapping", path)
    assert (result.exit_code, says in result.output, len(result.output.splitlines())) == (1, True, 1)


def test_undo_and_its_refusals(planner: Planner) -> None:
    planner.take("parts", "number\nA\n")
    planner.take("machines", "serial_number,model\n1,m3\n")
    assert planner("import", "undo", "1").output.strip() == "Import 1 (parts, parts.csv) is taken back."
    for run, says in (("1", "taken back already"), ("2", "restore the backup"), ("9", "no such object")):
        result = planner("import", "undo", run)
        assert (result.exit_code, says in result.output) == (1, True), result.output
    assert "taken back" in planner("import", "list").output


def test_hours_without_a_zone_are_in_the_zone_that_is_named(planner: Planner) -> None:
    planner.take("machines", "serial_number,model,meter_from\n1,m3,2024-01-01\n")
    local = "machine,at,display\n1,2024-07-01 08:00,5\n"
    assert "1 added" in planner.take("readings", local, "--time-zone", "Europe/Zagreb").output
    assert "1 unchanged" in planner.take("readings", "machine,at,display\n1,2024-07-01T06:00Z,5\n").output
    for zone in ("Mars/Olympus", "../etc/passwd", ""):
        wrong = planner.take("readings", local, "--time-zone", zone)
        assert (wrong.exit_code, "there is no time zone" in wrong.output) == (2, True)


def test_who_is_not_there_or_may_not(planner: Planner) -> None:
    nobody = planner.take("parts", "number\nA\n", "--user", "x@kamen.example.com")
    assert (nobody.exit_code, "there is no user x@kamen.example.com" in nobody.output) == (1, True)
    teo = planner.take("parts", "number\nA\n", "--user", "teo@kamen.example.com")
    assert (teo.exit_code, "does not permit this (import:run)" in teo.output) == (1, True)
    wrong = planner.take("parts", "number\nA\n", "--map", "number")
    assert (wrong.exit_code, "write FIELD=" in wrong.output) == (1, True)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_help_names_every_field(planner: Planner, kind: str) -> None:
    result = planner("import", kind, "--help")
    assert result.exit_code == 0
    for option in ("--map", "--set", "--mapping", "--dry-run", "--partial", "--errors"):
        assert option in result.output
    assert "required" in result.output
