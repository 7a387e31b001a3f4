"""Programme pages, the due list, and a machine's maintenance page."""

import html
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aftersales.usage import service
from aftersales.vocabulary import MeterKind, Role
from aftersales.work import Workshop
from tests.api.pages.conftest import SignIn
from tests.conftest import NOON
from tests.world import EPOCH, World

TASK: dict[str, Any] = {
    "code": "250h",
    "name": "Small service",
    "every_hours": "250",
    "tolerance_percent": "10",
    "repeats": "true",
    "standard_hours": "2,5",
    "safety": "Lock out the main switch",
    "checklist-0-text": "Pressure",
    "checklist-0-measured": "true",
    "checklist-0-unit": "bar",
    "checklist-0-lower": "180",
    "checklist-0-optional": "false",
    "checklist-1-text": "",
    "checklist-1-measured": "false",
    "checklist-1-optional": "false",
    "kit-0-part_number": "FLT-7",
    "kit-0-quantity": "2",
    "kit-1-part_number": "",
    "kit-1-quantity": "",
}


def text(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)[-2000:]
    return answer.get_data(as_text=True)


@pytest.fixture
def planner(signed_in: SignIn) -> FlaskClient:
    return signed_in("maker", Role.PLANNER)


@pytest.fixture
def programme(app: Flask, world: World, planner: FlaskClient) -> str:
    """The address of a published programme; machine M1 worked 240 hours."""
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction(world.actor("quarry", Role.OPERATOR)) as work:
        for part in range(1, 11):
            at = EPOCH + (NOON - EPOCH) * part / 10
            service.record(work, world.machines["M1"], MeterKind.HOURS, at, service.ZERO + 24 * part)
    made = planner.post("/programmes/new", data={"model_id": world.model, "name": "Crusher"})
    assert made.status_code == 303
    address = made.headers["Location"]
    assert planner.post(f"{address}/tasks/new", data=TASK).status_code == 303
    return str(address)


def test_a_programme_is_drafted_changed_and_published(
    world: World, planner: FlaskClient, programme: str, signed_in: SignIn
) -> None:
    assert "Draft" in text(planner, "/programmes")
    shown = text(planner, programme)
    assert "Small service" in shown
    assert "FLT-7" in shown
    assert "180" in shown
    task = shown.split(f"{programme}/tasks/")[2].split('"')[0]
    assert 'value="250.000"' in text(planner, f"{programme}/tasks/{task}")
    refused = planner.post(f"{programme}/tasks/{task}", data={**TASK, "kit-0-part_number": "NONE-1", "every_hours": ""})
    assert refused.status_code == 422
    assert "There is no such part" in refused.get_data(as_text=True)
    stale = planner.post(f"{programme}/tasks/{task}", data={**TASK, "_version": "1"})
    assert stale.status_code == 412
    assert planner.post(f"{programme}/tasks/{task}", data={**TASK, "code": "300h"}).status_code == 303
    more = {"code": "Y", "name": "Yearly", "every_days": "365", "includes": ["300h"]}
    assert planner.post(f"{programme}/tasks/new", data=more).status_code == 303
    assert planner.post(programme, data={"name": "Crusher 200 service"}).status_code == 303
    operator = signed_in("quarry", Role.OPERATOR)
    assert operator.get(programme).status_code == 404
    assert planner.post(f"{programme}/publication").status_code == 303
    assert "Crusher 200 service" in text(operator, programme)
    assert planner.post(f"{programme}/tasks/new", data={**TASK, "code": "Z"}).status_code == 422
    following = planner.post(f"{programme}/next-version").headers["Location"]
    copied = text(planner, following)
    assert "300h" in copied
    task = copied.split(f"{following}/tasks/")[2].split('"')[0]
    assert planner.post(f"{following}/tasks/{task}/removal").status_code == 303
    text(planner, following)
    assert "300h" not in text(planner, following)


def test_the_due_lists_and_a_task_done(world: World, planner: FlaskClient, programme: str, signed_in: SignIn) -> None:
    planner.post(f"{programme}/publication")
    technician = signed_in("partner", Role.TECHNICIAN)
    due = text(technician, "/due")
    assert ">M1<" in due
    assert "Due now" in due
    assert "Small service" in text(technician, "/due?status=due&model_id=1&operator_id=2")
    address = f"/machines/{world.machines['M1']}/maintenance"
    shown = text(technician, address)
    assert "Lock out the main switch" in shown
    task = shown.split('name="task_id" value="')[1].split('"')[0]
    opening = f"/work-orders/new?machine_id={world.machines['M1']}&amp;task_ids={task}"
    assert opening in due
    assert opening in shown
    assert re.search(rf'name="task_ids" value="{task}"\s+checked', text(technician, html.unescape(opening)))
    assert "/work-orders/new" not in text(signed_in("quarry", Role.OPERATOR), "/due").partition("<main")[2]
    assert technician.post(address, data={"task_id": task}).status_code == 303
    assert "In time" in text(technician, address)
    assert "Nothing is due" in text(technician, "/due")
    future = technician.post(address, data={"task_id": task, "at": "2027-01-01T10:00", "_form": "earlier"})
    assert future.status_code == 422
    operator = signed_in("quarry", Role.OPERATOR)
    assert "Done now" not in text(operator, address)
    assert operator.post(address, data={"task_id": task}).status_code == 403


def test_foreign_people_find_nothing(world: World, planner: FlaskClient, programme: str, signed_in: SignIn) -> None:
    planner.post(f"{programme}/publication")
    stranger = signed_in("supplier", Role.ADMIN)
    address = f"/machines/{world.machines['M1']}/maintenance"
    for path in (address, programme, f"{programme}/tasks/new", f"{programme}/tasks/1"):
        assert stranger.get(path).status_code == 404
    assert ">M1<" not in text(stranger, "/due")
    assert ">Crusher<" not in text(stranger, "/programmes")
    posts = {
        address: {"task_id": "1"},
        programme: {"name": "Mine"},
        f"{programme}/publication": {},
        f"{programme}/next-version": {},
        f"{programme}/tasks/new": TASK,
        f"{programme}/tasks/1": TASK,
        f"{programme}/tasks/1/removal": {},
    }
    for path, form in posts.items():
        assert stranger.post(path, data=form).status_code == 404, path
    assert stranger.post("/programmes/new", data={"model_id": world.model, "name": "Mine"}).status_code == 404
