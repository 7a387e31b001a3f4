"""Reliability as data and as a page, of the machines one sees."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask

from aftersales.reliability.service import PastFailure, record_past
from aftersales.usage import service as usage
from aftersales.vocabulary import FailureMode, MeterKind, Role
from tests.api.pages.conftest import SignIn, signed_in
from tests.world import World

__all__ = ["signed_in"]


@pytest.fixture
def failed(app: Flask, world: World) -> World:
    """M1 worked 400 hours and failed twice this year, once by its pump."""
    with app.extensions["workshop"].transaction(world.actor("maker", Role.ADMIN)) as work:
        machine = world.machines["M1"]
        for month, display in ((1, 5000), (5, 5400)):
            at = datetime(2026, month, 2, tzinfo=UTC)
            usage.record(work, machine, MeterKind.HOURS, at, Decimal(display))
        kinds = ((2, FailureMode.BRD, world.parts["HP-100"]), (3, FailureMode.NOI, None))
        record_past(
            work,
            [
                PastFailure(
                    machine_id=machine,
                    at=datetime(2026, month, 10, tzinfo=UTC),
                    mode=mode,
                    part_id=part,
                    down_hours=Decimal(6),
                )
                for month, mode, part in kinds
            ],
        )
    return world


def test_the_figures_are_data(app: Flask, failed: World) -> None:
    client = app.test_client()
    told = client.get("/api/v1/reliability?months=6", headers=failed.bearer("quarry", Role.OPERATOR)).get_json()
    assert (told["machines"], told["all"]["failures"], told["all"]["mttr"]) == (1, 2, "6.0")
    assert [row["name"] for row in told["pareto"]["components"]] == ["", "HP-100 part HP-100"]
    assert told["worst"][0]["serial_number"] == "M1"
    other = client.get("/api/v1/reliability", headers=failed.bearer("mine", Role.ADMIN)).get_json()
    assert (other["machines"], other["all"]["failures"], other["all"]["mtbf"]) == (1, 0, None)
    nobody = client.get("/api/v1/reliability", headers=failed.bearer("supplier", Role.ADMIN)).get_json()
    assert (nobody["machines"], nobody["pareto"]["models"]) == (0, [])
    assert client.get("/api/v1/reliability?months=7", headers=failed.bearer("mine", Role.ADMIN)).status_code == 422


def test_the_page_shows_charts_with_their_tables(app: Flask, failed: World, signed_in: SignIn) -> None:
    client = signed_in("maker", Role.MANAGER)
    page = client.get("/reliability?months=6").text
    for words in ("Hours between failures", "HP-100", "How failures add up", "Machines that failed most", ">M1<"):
        assert words in page
    for chart in ("components", "modes", "cumulative", "lives"):
        drawn = client.get(f"/reliability/{chart}.svg?months=6")
        assert (drawn.status_code, drawn.mimetype) == (200, "image/svg+xml")
    assert ">M1<" not in signed_in("mine", Role.ADMIN).get("/reliability").text
