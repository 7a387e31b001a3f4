"""The pages of the register: every one opens for its people, does its act, and is not there for strangers."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aftersales.clock import FixedClock
from aftersales.models import Position
from aftersales.vocabulary import Role
from tests.api.pages.conftest import SignIn
from tests.world import World

PDF = b"%PDF-1.7 manual"


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code, answer.text[-1500:])
    return answer.get_data().decode(errors="replace")


def post(client: FlaskClient, path: str, status: Any = 303, **fields: Any) -> str:
    answer = client.post(path, data=fields)
    assert answer.status_code == status, (
        path,
        answer.status_code,
        re.findall(r"notice[^<]*<.*?</div>", answer.text, re.S),
    )
    return answer.headers.get("Location", answer.text)


def test_a_machine_from_plan_to_field_by_pages(app: Flask, world: World, signed_in: SignIn) -> None:
    maker = signed_in("maker", Role.ADMIN)
    assert post(maker, "/models/new", code="CR-300", name="Crusher 300", markings="CE").startswith("/models/")
    model = int(re.findall(r"/models/(\d+)\"", page(maker, "/models"))[-1])
    post(maker, f"/models/{model}/options", code="AC", name="Air conditioning")
    post(
        maker,
        f"/models/{model}/positions",
        code="10",
        name="Pump",
        part_id=str(world.parts["HP-100"]),
        quantity="1",
        mandatory="true",
        life_limit="8000",
        life_unit="hours",
    )
    post(
        maker,
        f"/models/{model}/test-templates",
        **{
            "characteristics-0-name": "Pressure",
            "characteristics-0-lower": "7,5",
            "characteristics-0-upper": "10",
            "characteristics-0-unit": "bar",
            "characteristics-1-name": "",
        },
    )
    assert "Pressure" in page(maker, f"/models/{model}")
    assert "CR-300" in page(maker, f"/machines/new?model_id={model}")
    home = post(maker, "/machines/new", model_id=str(model), serial_number="N1", configuration="AC")
    assert "N1" in page(maker, home)
    post(maker, f"{home}/states", to="in_production")
    issue = page(maker, f"{home}/passport")
    position = re.search(r'name="positions-0-code" value="10"', issue)
    characteristic = re.search(r'characteristic_id" value="(\d+)"', issue)
    assert position
    assert characteristic
    results = {"results-0-characteristic_id": characteristic.group(1), "results-0-value": "11", "tester": "Iva"}
    post(maker, f"{home}/acceptance-results", **results)
    refused = post(
        maker, f"{home}/passport", 422, _form="issue", **{"positions-0-code": "10", "positions-0-reason": "by boat"}
    )
    assert "Pressure failed its acceptance test" in refused
    assert "by boat" in refused
    post(maker, f"{home}/acceptance-results", **{**results, "results-0-value": "9"})
    post(maker, f"{home}/passport", **{"positions-0-code": "10", "positions-0-reason": "by boat"})
    assert "by boat" in page(maker, f"{home}/passport")
    post(maker, f"{home}/states", to="shipped", reason="by boat")
    post(maker, f"{home}/parties", role="operator", organization_name="quarry ltd")
    post(maker, f"{home}/parties", role="owner", organization_name="quarry ltd")
    owner = signed_in("quarry", Role.ADMIN)
    assert "shipped" in page(owner, home).lower()
    place = re.search(r'name="place" value="(\d+:1)"', page(owner, f"{home}/components"))
    assert place
    post(owner, f"{home}/installations", place=place.group(1), serial_number="SN-7")
    assert "SN-7" in page(owner, f"{home}/components")
    component = post(owner, f"{home}/removals", place=place.group(1), reason="failure")
    assert "SN-7" in page(owner, component)
    post(owner, f"{component}/scrapping")
    post(owner, f"{home}/passport-entries", text="Painted", kind="note")
    assert "Painted" in page(owner, f"{home}/passport")
    assert "Painted" in page(owner, f"{home}/history")
    assert owner.get(f"{home}/passport.pdf").data.startswith(b"%PDF")
    assert owner.get(f"{home}/label.pdf").data.startswith(b"%PDF")


def test_every_page_opens_for_every_role_of_a_party(app: Flask, world: World, signed_in: SignIn) -> None:
    home = f"/machines/{world.machines['M1']}"
    paths = [
        "/machines", "/machines?search=M1&state=in_operation", "/machines?former=true", "/models",
        f"/models/{world.model}", f"/models/{world.model}/documents", "/components", home, f"{home}/passport",
        f"{home}/components", f"{home}/components?at=2024-06-01T10:00", f"{home}/documents", f"{home}/history",
        f"{home}/parties", f"{home}/passport.pdf", f"/machine-labels.pdf?machines={world.machines['M1']}",
    ]  # fmt: skip
    for organization, role in (("quarry", Role.OPERATOR), ("partner", Role.TECHNICIAN), ("maker", Role.QUALITY)):
        client = signed_in(organization, role)
        for path in paths:
            page(client, path)


@pytest.mark.parametrize("organization", ["mine", "supplier"])
def test_a_foreign_machine_has_no_pages(app: Flask, world: World, signed_in: SignIn, organization: str) -> None:
    client = signed_in(organization, Role.ADMIN)
    home = f"/machines/{world.machines['M1']}"
    for below in ("", "/passport", "/components", "/documents", "/history", "/parties", "/passport.pdf", "/label.pdf"):
        page(client, home + below, 404)
    for below, fields in (
        ("/states", {"to": "down"}),
        ("/site", {"site_id": "1"}),
        ("/reporting", {"open": "false"}),
        ("/write-off", {"reason": "lost"}),
        ("/disposal", {"disposal": "sold"}),
        ("/parties", {"role": "guest", "organization_name": "mine ltd"}),
        ("/parties/1/ending", {}),
        ("/ownership-transfers", {"organization_name": "mine ltd"}),
        ("/installations", {"place": "1:1", "serial_number": "X"}),
        ("/removals", {"place": "1:1", "reason": "failure"}),
        ("/passport-entries", {"text": "x"}),
        ("/modernisations", {"reason": "x", "configuration": ""}),
    ):
        post(client, home + below, 404, **fields)


def test_parties_are_shared_and_ended_by_page(app: Flask, world: World, signed_in: SignIn, clock: FixedClock) -> None:
    owner, home = signed_in("quarry", Role.MANAGER), f"/machines/{world.machines['M1']}"
    post(owner, f"{home}/parties", role="guest", organization_name="Mine Ltd")
    text = page(owner, f"{home}/parties")
    assert "mine ltd" in text
    clock.at += timedelta(minutes=5)
    guest = signed_in("mine", Role.OPERATOR)
    assert "M1" in page(guest, home)
    for ending in re.findall(r'action="([^"]*/ending)"', text):
        post(owner, ending)
    assert "no longer a party" in page(guest, home)
    assert "no longer a party" not in page(owner, home)
    refused = post(owner, f"{home}/parties", 404, role="guest", organization_name="Nobody at all")
    assert refused
    post(owner, f"{home}/ownership-transfers", organization_name="mine ltd", reason="sold")
    assert "no longer a party" in page(owner, home)


def test_documents_are_filed_and_read(app: Flask, world: World, signed_in: SignIn) -> None:
    maker = signed_in("maker", Role.ADMIN)
    fields = {"title": "Manual", "kind": "manual", "language": "hr", "edition": "1", "public": "true"}
    address = f"/models/{world.model}/documents"
    post(maker, address, file=(BytesIO(PDF), "manual.pdf"), **fields)
    assert "Choose a file" in post(maker, address, 422, **fields)
    assert "Only PDF" in post(maker, address, 422, file=(BytesIO(b"MZ"), "virus.exe"), **fields)
    owner = signed_in("quarry", Role.OPERATOR)
    link = re.search(r'href="(/documents/\d+/file)"', page(owner, f"/machines/{world.machines['M1']}/documents"))
    assert link
    assert owner.get(link.group(1)).data == PDF
    page(signed_in("supplier", Role.ADMIN), link.group(1), 404)
    number = re.findall(r"\d+", link.group(1))[0]
    public = app.test_client().get(f"/m/public-M1-0001/documents/{number}")
    assert (public.status_code, public.data, public.mimetype) == (200, PDF, "application/pdf")


def test_the_end_of_a_machine_by_page(app: Flask, world: World, signed_in: SignIn) -> None:
    owner, home = signed_in("quarry", Role.ADMIN), f"/machines/{world.machines['M1']}"
    post(owner, f"{home}/states", to="down", reason="cracked")
    post(owner, f"{home}/write-off", reason="worn_out", **{"hazards-0-name": "Oil", "hazards-0-amount": "20 l"})
    assert "Written off" in page(owner, home)
    post(owner, f"{home}/disposal", disposal="recycled")
    assert "Disposed" in page(owner, home)


def test_a_position_that_holds_others_is_not_called_empty(app: Flask, world: World, signed_in: SignIn) -> None:
    before = page(signed_in("quarry", Role.MANAGER), f"/machines/{world.machines['M1']}/components")
    with app.extensions["workshop"].transaction() as work:
        frame = Position(model_id=world.model, code="FRAME", name="Main frame", quantity=1)
        work.session.add(frame)
        work.session.flush()
        pump = work.session.get_one(Position, world.positions["PUMP"])
        pump.parent_id = frame.id
    after = page(signed_in("quarry", Role.MANAGER), f"/machines/{world.machines['M1']}/components")
    assert "Main frame" in after
    assert after.count(">empty<") == before.count(">empty<")
