"""Programmes, due lists and completions over the API."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aftersales.usage import service
from aftersales.vocabulary import MeterKind, Role
from aftersales.work import Workshop
from tests.conftest import NOON
from tests.world import EPOCH, World

TASKS: list[dict[str, Any]] = [
    {"code": "250h", "name": "Small", "every_hours": "250", "checklist": [{"text": "Oil"}]},
    {"code": "500h", "name": "Big", "every_hours": "500", "every_days": 365, "includes": ["250h"]},
]


@pytest.fixture
def client(app: Flask, world: World) -> FlaskClient:
    """A client; machine M1 worked 490 hours."""
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction(world.actor("quarry", Role.OPERATOR)) as work:
        for part in range(1, 11):
            at = EPOCH + (NOON - EPOCH) * part / 10
            service.record(work, world.machines["M1"], MeterKind.HOURS, at, service.ZERO + 49 * part)
    return app.test_client()


@pytest.fixture
def planner(world: World) -> dict[str, str]:
    return world.bearer("maker", Role.PLANNER)


def published(client: FlaskClient, world: World, planner: dict[str, str]) -> dict[str, Any]:
    kit = [{"part_id": world.parts["FLT-7"], "quantity": "2"}]
    body = {"model_id": world.model, "name": "Crusher", "tasks": [{**TASKS[0], "kit": kit}, TASKS[1]]}
    draft = client.post("/api/v1/programmes", json=body, headers=planner)
    assert draft.status_code == 201, draft.get_json()
    answer = client.post(f"/api/v1/programmes/{draft.get_json()['id']}/publication", headers=planner)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_programme_from_draft_to_the_next_version(client: FlaskClient, world: World, planner: dict[str, str]) -> None:
    first = published(client, world, planner)
    assert (first["applies"], first["number"], len(first["tasks"])) == (True, 1, 2)
    assert first["tasks"][0]["kit"][0]["number"] == "FLT-7"
    second = client.post(f"/api/v1/programmes/{first['id']}/next-version", headers=planner)
    assert (second.status_code, second.get_json()["number"], second.get_json()["applies"]) == (201, 2, False)
    assert second.get_json()["tasks"][0]["checklist"] == first["tasks"][0]["checklist"]
    address = f"/api/v1/programmes/{second.get_json()['id']}"
    assert client.patch(address, json={"name": "New"}, headers=planner).status_code == 428
    seen = {"If-Match": second.headers["ETag"], **planner}
    changed = client.patch(address, json={"name": "New", "tasks": TASKS[:1]}, headers=seen)
    assert (changed.status_code, changed.get_json()["name"], len(changed.get_json()["tasks"])) == (200, "New", 1)
    assert client.patch(address, json={"name": "Newer"}, headers=seen).status_code == 412
    unsound = {"tasks": [{"code": "A", "name": "A", "every_hours": "5", "includes": ["B"]}]}
    refused = client.patch(address, json=unsound, headers={"If-Match": changed.headers["ETag"], **planner})
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"] == "includes"
    fixed = client.patch(
        f"/api/v1/programmes/{first['id']}", json={"name": "x"}, headers={"If-Match": '"2"', **planner}
    )
    assert fixed.status_code in {412, 422}
    listed = client.get(f"/api/v1/programmes?model_id={world.model}", headers=planner).get_json()["items"]
    assert [row["number"] for row in listed] == [2, 1]
    operator = world.bearer("quarry", Role.OPERATOR)
    assert [row["number"] for row in client.get("/api/v1/programmes", headers=operator).get_json()["items"]] == [1]
    assert client.get(address, headers=operator).status_code == 404


def test_due_tasks_and_their_completion(client: FlaskClient, world: World, planner: dict[str, str]) -> None:
    published(client, world, planner)
    technician = world.bearer("partner", Role.TECHNICIAN)
    address = f"/api/v1/machines/{world.machines['M1']}"
    due = client.get(f"{address}/due-tasks", headers=technician).get_json()["items"]
    assert {row["code"]: row["status"] for row in due} == {"250h": "overdue", "500h": "overdue"}
    assert due[0]["machine"]["serial_number"] == "M1"
    task = next(row["task_id"] for row in due if row["code"] == "500h")
    done = client.post(f"{address}/task-completions", json={"task_id": task}, headers=technician)
    assert (done.status_code, done.get_json()["life_hours"]) == (201, "490")
    assert not client.get("/api/v1/due-tasks?limit=1", headers=technician).get_json()["items"]
    history = client.get(f"{address}/task-completions", headers=technician).get_json()["items"]
    assert {row["task_code"] for row in history} == {"250h", "500h"}
    fine = client.get("/api/v1/due-tasks?status=ok&limit=1&on=2026-06-02", headers=technician)
    assert len(fine.get_json()["items"]) == 1
    assert "Link" in fine.headers
    hostile = client.get("/api/v1/due-tasks?after=31", headers=technician)
    assert hostile.status_code == 422


@pytest.mark.parametrize(("organization", "role"), [("mine", Role.ADMIN), ("supplier", Role.ADMIN)])
def test_foreign_organisations_find_nothing(
    client: FlaskClient, world: World, planner: dict[str, str], organization: str, role: Role
) -> None:
    programme = published(client, world, planner)
    foreign = world.bearer(organization, role)
    address = f"/api/v1/machines/{world.machines['M1']}"
    assert client.get(f"{address}/due-tasks", headers=foreign).status_code == 404
    assert client.get(f"{address}/task-completions", headers=foreign).status_code == 404
    body = {"task_id": programme["tasks"][0]["id"]}
    assert client.post(f"{address}/task-completions", json=body, headers=foreign).status_code == 404
    versioned = {"If-Match": '"1"', **foreign}
    assert client.patch(f"/api/v1/programmes/{programme['id']}", json={}, headers=versioned).status_code == 404
    for action in ("publication", "next-version"):
        assert client.post(f"/api/v1/programmes/{programme['id']}/{action}", headers=foreign).status_code == 404
    create = {"model_id": world.model, "name": "Mine"}
    assert client.post("/api/v1/programmes", json=create, headers=foreign).status_code == 404
    seen = client.get("/api/v1/due-tasks", headers=foreign).get_json()["items"]
    assert all(row["machine"]["serial_number"] != "M1" for row in seen)
    expected = 404 if organization == "supplier" else 200
    assert client.get(f"/api/v1/programmes/{programme['id']}", headers=foreign).status_code == expected
