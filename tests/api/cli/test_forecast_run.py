"""`aftersales forecast run` on the database."""

from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from aftersales.access import SYSTEM
from aftersales.models import DemandRecord, ForecastLine, ForecastRun
from aftersales.planning.rules import months
from aftersales.settings import Settings
from aftersales.work import Workshop
from api.cli import main
from tests.world import build_world


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.setenv("AFTERSALES_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("AFTERSALES_DATABASE_URL", raising=False)
    assert invoke("db", "upgrade").exit_code == 0
    return Workshop(Settings.from_env())


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_it_forecasts_once_and_says_what_it_did(shop: Workshop) -> None:
    assert "No new forecast" in invoke("forecast", "run").output
    world = build_world(shop)
    first = months.parse("2025-01")
    with shop.transaction() as work:
        part = world.parts["OIL-46"]
        work.session.add_all(
            DemandRecord(part_id=part, period=months.plus(first, step), quantity=Decimal(4), source="old books")
            for step in range(12)
        )
    assert (
        "no demand history before 2024-01"
        in invoke(*("forecast", "run", "--organization", "maker ltd", "--origin", "2024-01")).output
    )
    made = invoke("forecast", "run", "--horizon", "4", "--seed", "7")
    assert made.output == "maker ltd: forecast run 1\n"
    again = invoke("forecast", "run", "--horizon", "4", "--seed", "7", "--if-changed")
    assert "No new forecast" in again.output
    with shop.reading(SYSTEM) as work:
        run = work.session.scalars(select(ForecastRun)).one()
        assert (months.label(run.origin), run.seed, run.horizon) == ("2026-01", 7, 4)
        line = work.session.scalars(select(ForecastLine).where(ForecastLine.part_id == world.parts["OIL-46"])).one()
        assert line.history["sources"] == {"imported: old books": 48}
    since = months.label(months.plus(months.month_of(shop.clock.now().date()), -2))
    back = invoke("forecast", "run", "--horizon", "4", "--since", since)
    assert back.output.count("forecast run") == 3
    repeated = invoke("forecast", "run", "--horizon", "4", "--back", "2", "--if-changed")
    assert "No new forecast" in repeated.output
    both = invoke("forecast", "run", "--since", since, "--back", "2")
    assert (both.exit_code, "not both" in both.output) == (2, True)
    shop.engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--organization", "nobody"), "there is no organisation 'nobody'"),
        (("--origin", "yesterday"), "'yesterday' is not a month"),
        (("--horizon", "0"), "0 is not in the range"),
        (("--since", "1999-01"), "--since goes back at most 36 months"),
    ],
)
def test_what_cannot_be_done_is_said(shop: Workshop, arguments: tuple[str, ...], words: str) -> None:
    refused = invoke("forecast", "run", *arguments)
    assert refused.exit_code != 0
    assert words in refused.output
