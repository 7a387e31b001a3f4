"""The hours page, entering and correcting readings, replaced displays; foreign people find nothing."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aftersales.usage import queries, service
from aftersales.vocabulary import MeterKind, Role
from aftersales.work import Workshop
from tests.api.pages.conftest import SignIn
from tests.conftest import NOON
from tests.world import World


@pytest.fixture
def read(app: Flask, world: World) -> list[int]:
    """M1's readings over a year; their numbers."""
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction(world.actor("quarry", Role.OPERATOR)) as work:
        return [
            service.record(
                work, world.machines["M1"], MeterKind.HOURS, NOON - timedelta(days=back), service.ZERO + 5000 - back * 8
            ).id
            for back in range(360, 0, -20)
        ]


def life(app: Flask, world: World) -> str:
    shop: Workshop = app.extensions["workshop"]
    with shop.reading(world.actor("quarry", Role.OPERATOR)) as work:
        meters = queries.meters(work.session, work.actor, world.machines["M1"])
        return f"{meters[0].latest_life.normalize():f}"


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)[-2000:]
    return answer.get_data(as_text=True)


def test_the_hours_page_shows_life_use_and_readings(
    app: Flask, world: World, signed_in: SignIn, read: list[int]
) -> None:
    client = signed_in("quarry", Role.OPERATOR)
    shown = page(client, f"/machines/{world.machines['M1']}/hours?life=6000")
    assert "4,840" in shown
    assert "nine times in ten between" in shown
    assert "Hardly before" in shown
    assert f"/readings/{read[-1]}" in shown
    assert "Display replaced" not in shown
    drawing = client.get(f"/machines/{world.machines['M1']}/hours.svg")
    assert drawing.content_type == "image/svg+xml"
    assert b"<svg" in drawing.data


def test_units_are_said_in_the_readers_language(app: Flask, world: World, signed_in: SignIn, read: list[int]) -> None:
    client = signed_in("quarry", Role.OPERATOR)
    client.post("/language", data={"language": "ru"})
    shown = page(client, f"/machines/{world.machines['M1']}/hours")
    assert '<span class="unit">ч</span>' in shown
    assert '<span class="unit">h</span>' not in shown


def test_an_operator_enters_a_reading(app: Flask, world: World, signed_in: SignIn, read: list[int]) -> None:
    client, address = signed_in("quarry", Role.OPERATOR), f"/machines/{world.machines['M1']}/hours"
    form = {"kind": "hours", "display": "4850,5", "_form": "reading"}
    assert client.post(address, data=form).status_code == 303
    assert life(app, world) == "4850.5"
    refused = client.post(address, data={**form, "display": "4000"})
    assert refused.status_code == 422
    assert "already recorded as 4850.5" in refused.get_data(as_text=True)
    assert 'value="4000"' in refused.get_data(as_text=True)


def test_a_reading_is_corrected_and_withdrawn(app: Flask, world: World, signed_in: SignIn, read: list[int]) -> None:
    client, address = signed_in("partner", Role.TECHNICIAN), f"/readings/{read[-1]}"
    assert "Correct it" in page(client, address)
    corrected = client.post(f"{address}/corrections", data={"display": "4830", "reason": "misread"})
    assert corrected.status_code == 303
    assert life(app, world) == "4830"
    assert "misread" in page(client, address)
    assert client.post(f"{address}/withdrawal", data={"reason": ""}).status_code == 422
    assert client.post(f"{address}/withdrawal", data={"reason": "other machine"}).status_code == 303
    assert life(app, world) == "4680"
    assert client.post(f"{address}/withdrawal", data={"reason": "again"}).status_code == 422


def test_a_display_is_replaced_and_a_meter_fitted(app: Flask, world: World, signed_in: SignIn, read: list[int]) -> None:
    client, address = signed_in("partner", Role.TECHNICIAN), f"/machines/{world.machines['M1']}/hours"
    assert "4,840" in page(client, f"{address}/replacement")
    form = {"kind": "hours", "final_display": "4850", "first_display": "3", "final_estimated": "false"}
    assert client.post(f"{address}/replacement", data=form).status_code == 303
    assert life(app, world) == "4850"
    assert "The display shows" in page(client, address)
    assert "Cycles" in page(client, f"{address}/meter")
    assert client.post(f"{address}/meter", data={"kind": "cycles"}).status_code == 303
    assert client.post(f"{address}/meter", data={"kind": "cycles"}).status_code == 409
    assert "Cycles" in page(client, f"{address}?kind=cycles")


@pytest.mark.parametrize(("organization", "status"), [("mine", 404), ("supplier", 404)])
def test_foreign_people_find_nothing(
    world: World, signed_in: SignIn, read: list[int], organization: str, status: int
) -> None:
    client, address = signed_in(organization, Role.ADMIN), f"/machines/{world.machines['M1']}/hours"
    for path in (address, f"{address}.svg", f"{address}/meter", f"{address}/replacement", f"/readings/{read[0]}"):
        assert client.get(path).status_code == status
    posts = {
        address: {"kind": "hours", "display": "9"},
        f"{address}/meter": {"kind": "cycles"},
        f"{address}/replacement": {"final_display": "9"},
        f"/readings/{read[0]}/corrections": {"display": "9", "reason": "x"},
        f"/readings/{read[0]}/withdrawal": {"reason": "x"},
    }
    for path, form in posts.items():
        assert client.post(path, data=form).status_code == status
