"""Meters and readings over the API: use, refusals, foreign organisations, the bulk."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aftersales.vocabulary import Role
from api.schemas.usage import BulkAnswer
from tests.conftest import NOON
from tests.world import World

WRITES = [
    ("/api/v1/machines/{machine}/meters", {"kind": "cycles"}),
    ("/api/v1/machines/{machine}/meter-replacements", {"final_display": "0"}),
    ("/api/v1/machines/{machine}/readings", {"display": "10"}),
    ("/api/v1/readings/{reading}/corrections", {"display": "11", "reason": "x"}),
]
READS = [
    "/api/v1/machines/{machine}/meters",
    "/api/v1/machines/{machine}/readings",
    "/api/v1/machines/{machine}/utilisation",
    "/api/v1/machines/{machine}/prediction",
    "/api/v1/readings/{reading}",
]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def operator(world: World) -> dict[str, str]:
    return world.bearer("quarry", Role.OPERATOR)


def day(back: float) -> str:
    return (NOON - timedelta(days=back)).isoformat()


def read(client: FlaskClient, world: World, headers: dict[str, str], back: float, display: str) -> Any:
    body = {"at": day(back), "display": display}
    return client.post(f"/api/v1/machines/{world.machines['M1']}/readings", json=body, headers=headers)


def test_a_reading_is_recorded_once_and_shown(client: FlaskClient, world: World, operator: dict[str, str]) -> None:
    first = read(client, world, operator, 10, "100.5")
    assert first.status_code == 201
    assert first.get_json()["value"] == "100.5"
    assert read(client, world, operator, 10, "100.5").get_json()["id"] == first.get_json()["id"]
    meters = client.get(f"/api/v1/machines/{world.machines['M1']}/meters", headers=operator).get_json()["items"]
    assert [(meter["kind"], meter["latest_life"]) for meter in meters] == [("hours", "100.5")]
    refused = read(client, world, operator, 9, "90")
    assert refused.status_code == 422
    assert refused.get_json()["code"] == "reading_backwards"
    assert "100.5 on 22 May 2026, 12:00 UTC" in refused.get_json()["detail"]


def test_readings_are_listed_in_pages_with_their_corrections(
    client: FlaskClient, world: World, operator: dict[str, str]
) -> None:
    technician = world.bearer("partner", Role.TECHNICIAN)
    ids = [read(client, world, operator, 10 - step, str(100 + step)).get_json()["id"] for step in range(5)]
    corrected = client.post(
        f"/api/v1/readings/{ids[4]}/corrections", json={"display": "105", "reason": "misread"}, headers=technician
    )
    assert corrected.status_code == 201
    assert corrected.get_json()["id"] == ids[4]
    found = []
    address = f"/api/v1/machines/{world.machines['M1']}/readings?limit=2"
    while address:
        answer = client.get(address, headers=operator)
        found += answer.get_json()["items"]
        address = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert [row["id"] for row in found] == ids[::-1]
    assert (found[0]["display"], found[0]["value"], found[0]["counters"][0]["reason"]) == ("104", "105", "misread")
    both = {"display": "1", "withdraw": True, "reason": "x"}
    assert client.post(f"/api/v1/readings/{ids[0]}/corrections", json=both, headers=technician).status_code == 422
    hostile = client.get(f"/api/v1/machines/{world.machines['M1']}/readings?after=5b312c325d", headers=operator)
    assert hostile.status_code == 422


def test_utilisation_and_prediction(client: FlaskClient, world: World, operator: dict[str, str]) -> None:
    address = f"/api/v1/machines/{world.machines['M1']}"
    for back in range(360, -1, -30):
        read(client, world, operator, back, str(1000 + (360 - back) * 8))
    use = client.get(f"{address}/utilisation", headers=operator).get_json()
    assert use["per_day"] == pytest.approx(8.0, abs=0.1)
    assert use["low"] < use["per_day"] < use["high"]
    prediction = client.get(f"{address}/prediction?at=2026-07-01T12:00:00Z&life=4000", headers=operator).get_json()
    assert float(prediction["life"]) == pytest.approx(4120, abs=5)
    assert prediction["day"] == "2026-06-16"
    empty = client.get(f"{address}/utilisation?kind=cycles", headers=operator).get_json()
    assert (empty["per_day"], empty["days_observed"]) == (None, 0)


def test_a_meter_is_fitted_and_its_display_replaced(client: FlaskClient, world: World) -> None:
    admin = world.bearer("maker", Role.ADMIN)
    address = f"/api/v1/machines/{world.machines['M1']}"
    fitted = client.post(f"{address}/meters", json={"kind": "cycles", "rolls_over_at": "10000"}, headers=admin)
    assert fitted.status_code == 201
    assert client.post(f"{address}/meters", json={"kind": "cycles"}, headers=admin).status_code == 409
    wrong = client.post(f"{address}/meters", json={"kind": "km", "rolls_over_at": "0"}, headers=admin)
    assert wrong.status_code == 422
    replaced = client.post(
        f"{address}/meter-replacements", json={"final_display": "0.5", "first_display": "7"}, headers=admin
    )
    assert (replaced.get_json()["latest_display"], replaced.get_json()["latest_life"]) == ("7", "0.5")


def test_the_bulk_answers_row_by_row(client: FlaskClient, world: World, operator: dict[str, str]) -> None:
    rows: list[Any] = [
        {"machine_id": world.machines["M1"], "at": day(5), "display": "10.5"},
        {"serial_number": "M1", "at": day(4), "display": 20},
        {"serial_number": "M2", "at": day(4), "display": 20},
        {"machine_id": world.machines["M1"], "at": day(3), "display": "15"},
        {"machine_id": world.machines["M1"], "at": "yesterday", "display": "15"},
        7,
    ]
    answer = client.post("/api/v1/readings/bulk", json={"readings": rows}, headers=operator)
    assert answer.status_code == 200
    assert not BulkAnswer().validate(answer.get_json())
    assert [row.get("code", row["outcome"]) for row in answer.get_json()["rows"]] == [
        "accepted", "accepted", "not_found", "reading_backwards", "invalid", "invalid",
    ]  # fmt: skip
    again = client.post("/api/v1/readings/bulk", json={"readings": rows[:2]}, headers=operator)
    assert (again.get_json()["accepted"], again.get_json()["duplicates"]) == (0, 2)
    keyed = {"Idempotency-Key": "bulk-1", **operator}
    body = {"readings": [{"serial_number": "M1", "at": day(2), "display": 30}]}
    first = client.post("/api/v1/readings/bulk", json=body, headers=keyed)
    assert client.post("/api/v1/readings/bulk", json=body, headers=keyed).get_json() == first.get_json()
    for bad in (b"", b"[]", b'{"readings": 1}', b'{"rows": []}'):
        refused = client.post("/api/v1/readings/bulk", data=bad, content_type="application/json", headers=operator)
        assert refused.status_code == 422
    assert client.post("/api/v1/readings/bulk", data=b"{}", headers=operator).status_code == 415


@pytest.mark.parametrize("organization", ["mine", "supplier"])
def test_foreign_organisations_find_nothing(
    client: FlaskClient, world: World, operator: dict[str, str], organization: str
) -> None:
    reading = read(client, world, operator, 10, "5").get_json()["id"]
    foreign = world.bearer(organization, Role.ADMIN)
    names = {"machine": world.machines["M1"], "reading": reading}
    for address in READS:
        assert client.get(address.format(**names), headers=foreign).status_code == 404
    for address, body in WRITES:
        assert client.post(address.format(**names), json=body, headers=foreign).status_code == 404
