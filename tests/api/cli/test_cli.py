"""The command line on a fresh folder, as an administrator would use it."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from api.cli import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Runner":
    monkeypatch.setenv("AFTERSALES_VAR", str(tmp_path / "var"))
    for name in ("AFTERSALES_DATABASE_URL", "PORT", "HOST", "AFTERSALES_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    return Runner()


class Runner:
    def __call__(self, *arguments: str, standard_input: str = "") -> Result:
        return CliRunner().invoke(main, arguments, input=standard_input)


def test_help_teaches_every_command(run: Runner) -> None:
    top = run("--help")
    assert top.exit_code == 0
    context = click.Context(main)
    names = main.list_commands(context)
    assert {"db", "import", "backup", "doctor", "forecast"} <= set(names)
    for name in names:
        command = main.get_command(context, name)
        assert name in top.output
        assert command is not None
        assert command.help, name
        assert run(name, "--help").exit_code == 0


def test_a_command_that_is_not_there_is_said_clearly(run: Runner) -> None:
    result = run("imports")
    assert (result.exit_code, "No such command 'imports'" in result.output) == (2, True)


def test_the_first_word_loads_nothing_heavy() -> None:
    code = "import sys, api.cli; print([name for name in sys.argv[1:] if name in sys.modules])"
    heavy = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "pyhanko", "reportlab", "sqlalchemy", "flask")
    found = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, check=True, text=True)
    assert found.stdout.strip() == "[]"


def test_from_nothing_to_a_checked_backup(run: Runner, tmp_path: Path) -> None:
    assert "Database schema: " in run("db", "upgrade").output
    assert run("db", "check").exit_code == 0
    added = run(
        *("user", "add", "--organization", "Kamen", "--kind", "manufacturer", "--country", "hr"),
        *("--time-zone", "Europe/Zagreb", "--email", "ana@kamen.example.com", "--name", "Ana", "--role", "admin"),
        standard_input="a long enough password\n",
    )
    assert added.exit_code == 0, added.output
    invited = run(
        *("user", "invite", "--organization", "Kamen", "--email", "bo@kamen.example.com", "--name", "Bo"),
        *("--role", "planner"),
    )
    assert "/link/" in invited.output
    reset = run("user", "reset-password", "ana@kamen.example.com")
    assert "/link/" in reset.output
    assert "all well" in run("doctor").output
    assert run("jobs", "run", "--once", "--nightly").exit_code == 0
    target = tmp_path / "b.tar.gz"
    assert run("backup", str(target)).exit_code == 0
    assert target.exists()


def test_refusals_are_one_line_and_non_zero(run: Runner) -> None:
    run("db", "upgrade")
    weak = run(
        *("user", "add", "--organization", "Kamen", "--kind", "manufacturer", "--email", "a@b.example", "--name", "A"),
        *("--role", "admin"),
        standard_input="short\n",
    )
    assert weak.exit_code == 1
    assert "Error: A password needs at least 10 characters" in weak.output
    astray = run(
        *("user", "invite", "--organization", "Kamen", "--kind", "manufacturer", "--time-zone", "Europe/Zagrab"),
        *("--email", "a@b.example", "--name", "A", "--role", "admin"),
    )
    assert (astray.exit_code, "Europe/Zagrab is not a time zone" in astray.output) == (1, True)
    nobody = run("user", "reset-password", "nobody@kamen.example.com")
    assert (nobody.exit_code, "there is no user" in nobody.output) == (1, True)


def test_a_wrong_environment_is_said_clearly(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    result = run("db", "upgrade")
    assert result.exit_code == 1
    assert "PORT" in result.output
