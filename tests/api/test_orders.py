"""Work orders and certificates through the API: the whole job, once per key, and nothing for outsiders."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aftersales.access import SYSTEM
from aftersales.certificates import service as certificates
from aftersales.models import Certificate
from aftersales.vocabulary import Role
from aftersales.work import Workshop
from tests.world import World


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def shop(app: Flask) -> Workshop:
    made = app.extensions["workshop"]
    assert isinstance(made, Workshop)
    return made


def post(client: FlaskClient, path: str, body: dict[str, Any], headers: dict[str, str], status: int = 200) -> Any:
    answer = client.post(f"/api/v1{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.json
    return answer.get_json()


def finished(client: FlaskClient, world: World) -> str:
    """The path of a repair that is done and waits to be closed."""
    engineer = world.bearer("partner", Role.TECHNICIAN)
    fault = post(
        client,
        "/faults",
        {"machine_id": world.machines["M1"], "mode": "NOI", "stands_still": True},
        world.bearer("quarry", Role.OPERATOR),
        201,
    )
    order = post(
        client,
        "/work-orders",
        {"kind": "repair", "machine_id": world.machines["M1"], "fault_ids": [fault["id"]], "hourly_rate": "60"},
        world.bearer("partner", Role.DISPATCHER),
        201,
    )
    assert (order["number"], order["state"], order["short"]) == ("SO-2026-00001", "draft", [])
    path = f"/work-orders/{order['id']}"
    post(client, f"{path}/starts", {}, engineer)
    post(
        client,
        f"{path}/findings",
        {"mode": "NOI", "mechanism": "mechanical", "cause": "operation", "detection": "operation"},
        engineer,
        201,
    )
    post(client, f"{path}/signatures", {"role": "customer", "name": "Ivo Kamen"}, engineer, 201)
    post(client, f"{path}/completion", {"summary": "Belt tightened", "meter_hours": "100"}, engineer)
    return path


def test_a_job_from_fault_to_certificate(client: FlaskClient, world: World, shop: Workshop) -> None:
    engineer, operator = world.bearer("partner", Role.TECHNICIAN), world.bearer("quarry", Role.MANAGER)
    path = finished(client, world)
    first = post(client, f"{path}/closing", {}, engineer | {"Idempotency-Key": "closing-1"})
    again = post(client, f"{path}/closing", {}, engineer | {"Idempotency-Key": "closing-1"})
    assert first == again
    assert first["state"] == "closed"
    refused = client.post(f"/api/v1{path}/closing", json={}, headers=engineer)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "order_closed")
    [certificate_id] = first["certificate_ids"]
    shown = client.get(f"/api/v1/certificates/{certificate_id}", headers=operator).get_json()
    assert shown["content"]["work"] == [{"text": "Belt tightened", "code": "", "note": ""}]
    waiting = client.get(f"/api/v1/certificates/{certificate_id}/pdf", headers=operator)
    assert (waiting.status_code, waiting.get_json()["code"]) == (422, "being_rendered")
    certificates.render_issued(shop, SYSTEM, {"certificate_id": certificate_id})
    paper = client.get(f"/api/v1/certificates/{certificate_id}/pdf", headers=operator)
    assert (paper.status_code, paper.content_type) == (200, "application/pdf")
    public = f"/api/v1/public-certificates/{shown['public_id']}"
    assert client.get(public).get_json()["state"] == "genuine"
    checked = client.post(f"{public}/checks", data=paper.data, content_type="application/pdf").get_json()
    assert (checked["stands"], checked["code"]) == (True, "genuine")
    altered = paper.data.replace(b"/Subject", b"/Subjecs", 1)
    assert client.post(f"{public}/checks", data=altered).get_json()["stands"] is False
    manager = world.bearer("partner", Role.MANAGER)
    post(client, f"/certificates/{certificate_id}/withdrawal", {"reason": "Wrong machine"}, manager)
    withdrawn = client.get(public).get_json()
    assert (withdrawn["state"], withdrawn["withdrawal_reason"]) == ("withdrawn", "Wrong machine")
    assert client.post(f"{public}/checks", data=paper.data).get_json()["code"] == "withdrawn"
    post(client, f"{path}/corrections", {"text": "It was the other belt"}, engineer, 201)


def test_what_is_missing_is_named_at_once(client: FlaskClient, world: World) -> None:
    engineer = world.bearer("partner", Role.TECHNICIAN)
    path = finished(client, world)
    order = client.get(f"/api/v1{path}", headers=engineer).get_json()
    version = {"If-Match": f'"{order["version"]}"'}
    gone = client.delete(f"/api/v1{path}/findings/{order['findings'][0]['id']}", headers=engineer | version)
    assert gone.status_code == 200
    post(client, f"{path}/starts", {}, engineer)
    refused = client.post(f"/api/v1{path}/closing", json={}, headers=engineer)
    assert refused.status_code == 422
    assert [(item["field"], item["message"]) for item in refused.get_json()["errors"]] == [
        ("time", "The clock of partner technician is still running"),
        ("findings", "A repair of a fault needs what was found (mode, mechanism, cause)"),
    ]


def test_outsiders_find_nothing(client: FlaskClient, world: World, shop: Workshop) -> None:
    path = finished(client, world)
    post(client, f"{path}/closing", {}, world.bearer("partner", Role.TECHNICIAN))
    with shop.transaction() as work:
        certificate_id = work.session.query(Certificate.id).scalar()
    certificates.render_issued(shop, SYSTEM, {"certificate_id": certificate_id})
    outsider = world.bearer("mine", Role.ADMIN)
    for address in (path, f"/certificates/{certificate_id}", f"/certificates/{certificate_id}/pdf"):
        assert client.get(f"/api/v1{address}", headers=outsider).status_code == 404, address
    for address in ("/work-orders", "/certificates"):
        assert client.get(f"/api/v1{address}", headers=outsider).get_json()["items"] == []
    writes: dict[str, dict[str, Any]] = {
        "/planning": {},
        "/starts": {},
        "/pauses": {"reason": "x"},
        "/stops": {},
        "/times": {"started_at": "2026-05-01T10:00:00Z", "ended_at": "2026-05-01T11:00:00Z"},
        "/checklist": {"entries": [{"result_id": 1, "passed": True}]},
        "/parts": {"part_id": 1, "location_id": 1},
        "/exchanges": {"position_id": 1, "fitted_serial_number": "x"},
        "/findings": {"mode": "NOI", "mechanism": "mechanical", "cause": "operation", "detection": "operation"},
        "/signatures": {"role": "customer", "name": "x"},
        "/completion": {},
        "/closing": {},
        "/cancellation": {"reason": "x"},
        "/corrections": {"text": "x"},
    }
    for name in ("mine", "quarry", "maker"):
        headers = world.bearer(name, Role.ADMIN)
        for act, body in writes.items():
            assert client.post(f"/api/v1{path}{act}", json=body, headers=headers).status_code == 404, (name, act)
        wrong = client.post(f"/api/v1/certificates/{certificate_id}/withdrawal", json={"reason": "x"}, headers=headers)
        assert wrong.status_code == 404


def test_planning_names_overlaps(client: FlaskClient, world: World) -> None:
    dispatcher = world.bearer("partner", Role.DISPATCHER)
    window = {
        "assignee_id": world.users["partner", Role.TECHNICIAN],
        "planned_from": "2026-07-01T08:00:00Z",
        "planned_to": "2026-07-01T12:00:00Z",
    }
    numbers = []
    for _ in range(2):
        order = post(
            client, "/work-orders", {"kind": "inspection", "machine_id": world.machines["M1"]}, dispatcher, 201
        )
        planned = post(client, f"/work-orders/{order['id']}/planning", window, dispatcher)
        numbers.append([overlap["number"] for overlap in planned["overlaps"]])
    assert numbers == [[], ["SO-2026-00001"]]
    board = client.get("/api/v1/work-orders?state=planned", headers=dispatcher).get_json()["items"]
    assert len(board) == 2
