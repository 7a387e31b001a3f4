"""`aftersales plan run` on the database."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select

from aftersales.models import PlanRun
from aftersales.settings import Settings
from aftersales.work import Workshop
from api.app import create_app
from api.cli import main
from tests.api.forecast_world import with_forecast
from tests.world import build_world


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.setenv("AFTERSALES_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("AFTERSALES_DATABASE_URL", raising=False)
    assert invoke("db", "upgrade").exit_code == 0
    return Workshop(Settings.from_env())


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_it_plans_for_everybody_with_a_forecast(shop: Workshop) -> None:
    assert "no forecast" in invoke("plan", "run").output
    world = build_world(shop)
    app: Flask = create_app(shop.settings, testing=True)
    with_forecast(app, world)
    done = invoke("plan", "run", "--months", "6")
    assert done.exit_code == 0, done.output
    assert "maker ltd: plan 1" in done.output
    with shop.transaction() as work:
        assert work.session.scalars(select(func.count()).select_from(PlanRun)).one() == 1
        assert work.session.get_one(PlanRun, 1).summary["parts"] == 4
    app.extensions["workshop"].engine.dispose()


def test_an_unknown_organisation_is_named(shop: Workshop) -> None:
    refused = invoke("plan", "run", "--organization", "Nobody")
    assert refused.exit_code != 0
    assert "Nobody" in refused.output
