"""Fault reports through the API: filing, following, handling, and nothing for those it does not concern."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from aftersales.models import Machine
from aftersales.vocabulary import Role
from tests.world import World

PUBLIC = "/api/v1/public-machines/public-M1-0001/faults"
LEAK = {"mode": "ELU", "stands_still": False, "text": "Oil under the pump", "hours": "120.5"}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def filed(client: FlaskClient, world: World) -> int:
    body = LEAK | {"machine_id": world.machines["M1"]}
    made = client.post("/api/v1/faults", json=body, headers=world.bearer("quarry", Role.OPERATOR))
    assert made.status_code == 201, made.json
    return int(made.get_json()["id"])


def test_a_report_and_its_course(client: FlaskClient, world: World) -> None:
    operator, dispatcher = world.bearer("quarry", Role.OPERATOR), world.bearer("partner", Role.DISPATCHER)
    path = f"/api/v1/faults/{filed(client, world)}"
    assert client.post(f"{path}/reception", json={"text": "On our way"}, headers=dispatcher).status_code == 200
    assert client.post(f"{path}/resolution", json={}, headers=dispatcher).status_code == 200
    done = client.post(f"{path}/confirmation", json={}, headers=operator)
    assert done.status_code == 200, done.json
    answer = done.get_json()
    assert answer["state"] == "confirmed"
    assert [(step["step"], step["organization"], step["person"]) for step in answer["timeline"]] == [
        ("reported", "quarry ltd", "quarry operator"),
        ("received", "partner ltd", ""),
        ("resolved", "partner ltd", ""),
        ("confirmed", "quarry ltd", "quarry operator"),
    ]
    shown = client.get(path, headers=operator)
    assert shown.headers["ETag"] == f'"{answer["version"]}"'
    listed = client.get("/api/v1/faults?state=confirmed", headers=operator).get_json()["items"]
    assert [row["serial_number"] for row in listed] == ["M1"]


def test_a_photo_is_judged_by_content(client: FlaskClient, world: World) -> None:
    operator = world.bearer("quarry", Role.OPERATOR)
    path = f"/api/v1/faults/{filed(client, world)}/photos"
    output = io.BytesIO()
    Image.new("RGB", (8, 8)).save(output, "PNG")
    good = client.post(path, data=output.getvalue(), content_type="image/png", headers=operator)
    assert good.status_code == 200, good.json
    [digest] = good.get_json()["photos"]
    shown = client.get(f"{path}/{digest}", headers=operator)
    assert (shown.status_code, shown.content_type) == (200, "image/jpeg")
    bad = client.post(path, data=b"<svg/>", content_type="image/png", headers=operator)
    assert (bad.status_code, bad.get_json()["code"]) == (422, "not_a_photo")
    assert client.get(f"{path}/{digest}", headers=world.bearer("mine", Role.ADMIN)).status_code == 404


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("reception", {}),
        ("resolution", {}),
        ("rejection", {"reason": "x"}),
        ("duplication", {"of_id": 1}),
        ("comments", {"text": "x"}),
        ("confirmation", {}),
        ("reopening", {"reason": "x"}),
        ("photos", {}),
    ],
)
def test_foreign_reports_are_not_found(client: FlaskClient, world: World, act: str, body: dict[str, object]) -> None:
    path = f"/api/v1/faults/{filed(client, world)}"
    for role in (Role.ADMIN,):
        outsider = world.bearer("mine", role)
        assert client.get(path, headers=outsider).status_code == 404
        sent: dict[str, Any] = {"data": b"\x89PNG"} if act == "photos" else {"json": body}
        assert client.post(f"{path}/{act}", **sent, headers=outsider).status_code == 404
        assert client.get("/api/v1/faults", headers=outsider).get_json()["items"] == []
    assert (
        client.post(
            "/api/v1/faults", json=LEAK | {"machine_id": world.machines["M1"]}, headers=world.bearer("mine", Role.ADMIN)
        ).status_code
        == 404
    )


def test_reporting_without_an_account(client: FlaskClient, world: World, app: Flask) -> None:
    made = client.post(PUBLIC, json=LEAK, headers={"Idempotency-Key": "one"})
    assert made.status_code == 201, made.json
    assert client.post(PUBLIC, json=LEAK, headers={"Idempotency-Key": "one"}).get_json() == made.get_json()
    status = client.get(f"/api/v1/public-faults/{made.get_json()['public_id']}")
    assert status.get_json()["state"] == "reported"
    assert "person" not in status.get_json()["timeline"][0]
    assert len(client.get("/api/v1/faults", headers=world.bearer("quarry", Role.OPERATOR)).get_json()["items"]) == 1
    for _ in range(9):
        assert client.post(PUBLIC, json=LEAK).status_code == 201
    assert client.post(PUBLIC, json=LEAK).status_code == 429
    with app.extensions["workshop"].transaction() as work:
        work.session.get_one(Machine, world.machines["M2"]).reporting_open = False
    off = client.post("/api/v1/public-machines/public-M2-0001/faults", json=LEAK)
    assert (off.status_code, off.get_json()["code"]) == (422, "reporting_closed")
    assert client.post("/api/v1/public-machines/public-M9-0001/faults", json=LEAK).status_code == 404
