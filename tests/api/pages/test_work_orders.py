"""A job from the fault to the certificate, by pages; and the public page of its paper."""

import base64
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from aftersales.models import Certificate, SignOff
from aftersales.stock import service as stock
from aftersales.vocabulary import LocationKind, Role
from aftersales.work import Workshop
from tests.api.pages.conftest import SignIn
from tests.world import World


@pytest.fixture
def shop(app: Flask) -> Workshop:
    made = app.extensions["workshop"]
    assert isinstance(made, Workshop)
    return made


def drawing() -> str:
    output = io.BytesIO()
    Image.new("RGBA", (30, 10)).save(output, "PNG")
    return "data:image/png;base64," + base64.b64encode(output.getvalue()).decode()


def sent(client: FlaskClient, path: str, **data: str) -> str:
    answer = client.post(path, data=data)
    assert answer.status_code == 303, (path, re.findall(r"notice-bad.*?</div>", answer.text, re.S))
    return answer.headers["Location"]


def opened(world: World, signed_in: SignIn) -> str:
    operator, dispatcher = signed_in("quarry", Role.MANAGER), signed_in("partner", Role.DISPATCHER)
    machine = str(world.machines["M1"])
    fault = sent(operator, "/faults/new", machine_id=machine, mode="NOI", stands_still="true", text="Loud <b>bang</b>")
    number = fault.rsplit("/", 1)[1]
    form = dispatcher.get(f"/work-orders/new?machine_id={machine}&fault_ids={number}")
    assert form.status_code == 200
    assert "Strange noise" in form.text
    return sent(
        dispatcher, "/work-orders/new", machine_id=machine, kind="repair", fault_ids=number, hourly_rate="60,50"
    )


def test_a_job_by_pages(app: Flask, world: World, signed_in: SignIn, shop: Workshop) -> None:
    order = opened(world, signed_in)
    engineer, operator = signed_in("partner", Role.TECHNICIAN), signed_in("quarry", Role.MANAGER)
    page = engineer.get(order)
    assert page.status_code == 200, page.text
    assert "Loud &lt;b&gt;bang" in page.text
    sent(engineer, f"{order}/starts", kind="work")
    assert "Running since" in engineer.get(order).text
    sent(engineer, f"{order}/pauses", reason="Lunch")
    sent(engineer, f"{order}/starts", kind="work")
    refused = engineer.post(f"{order}/closing", data={})
    assert refused.status_code == 422
    assert "clock of partner technician" in refused.text
    assert "needs what was found" in refused.text
    sent(engineer, f"{order}/findings", mode="NOI", mechanism="mechanical", cause="operation", detection="operation")
    sent(engineer, f"{order}/signatures", role="customer", name="Ivo Kamen", drawing=drawing())
    sent(engineer, f"{order}/completion", summary="Belt tightened", meter_hours="100,5")
    sent(engineer, f"{order}/closing", language="hr")
    closed = operator.get(order)
    assert "SC-2026-00001" in closed.text
    assert "Call the job off" not in closed.text
    sent(engineer, f"{order}/corrections", text="The other belt")
    with shop.transaction() as work:
        row = work.session.query(Certificate).one()
        certificate_id, public_id, language = row.id, row.public_id, row.language
        sign_off = work.session.query(SignOff).one().id
    assert language == "hr"
    assert operator.get(f"{order}/signatures/{sign_off}").content_type == "image/png"
    paper = operator.get(f"/certificates/{certificate_id}/pdf")
    assert paper.content_type == "application/pdf"
    assert "SC-2026-00001" in operator.get("/certificates").text
    client = app.test_client()
    html = {"Accept": "text/html"}
    public = client.get(f"/c/{public_id}", headers=html)
    assert "Genuine" in public.text
    assert "Belt tightened" in public.text
    assert "Ivo Kamen" not in public.text
    for content, words in (
        (paper.data, "Your file is unaltered"),
        (paper.data.replace(b"/Subject", b"/Subjecs", 1), "not this certificate as it was issued"),
        (b"hello", "not this certificate as it was issued"),
    ):
        checked = client.post(f"/c/{public_id}", data={"paper": (io.BytesIO(content), "x.pdf")}, headers=html)
        assert words in checked.text
    manager = signed_in("partner", Role.MANAGER)
    sent(manager, f"/certificates/{certificate_id}/withdrawal", reason="Wrong machine")
    shown = client.get(f"/c/{public_id}", headers=html).text
    client.set_cookie("language", "ru")
    russian = client.get(f"/c/{public_id}", headers=html).text
    assert "г. " in russian
    assert "г.." not in russian
    client.delete_cookie("language")
    assert "Withdrawn" in shown
    assert "Wrong machine" in shown


def test_lists_and_planning(app: Flask, world: World, signed_in: SignIn) -> None:
    order = opened(world, signed_in)
    dispatcher = signed_in("partner", Role.DISPATCHER)
    engineer = str(world.users["partner", Role.TECHNICIAN])
    sent(
        dispatcher,
        f"{order}/planning",
        assignee_id=engineer,
        planned_from="2026-07-01T08:00",
        planned_to="2026-07-01T10:00",
    )
    board = dispatcher.get("/work-orders").text
    assert "SO-2026-00001" in board
    assert "partner technician" in board
    tab = signed_in("quarry", Role.MANAGER).get(f"/machines/{world.machines['M1']}/work-orders")
    assert "SO-2026-00001" in tab.text
    assert "partner technician" not in tab.text
    refused = dispatcher.post(f"{order}/planning", data={"planned_from": "2026-07-01T08:00"})
    assert refused.status_code == 422


def test_parts_and_exchanges_by_pages(app: Flask, world: World, signed_in: SignIn, shop: Workshop) -> None:
    order = opened(world, signed_in)
    with shop.transaction(world.actor("partner", Role.ADMIN)) as work:
        van = str(stock.create_location(work, code="VAN1", name="Van", kind=LocationKind.VAN).id)
    engineer = signed_in("partner", Role.TECHNICIAN)
    pump = str(world.parts["HP-100"])
    sent(engineer, f"{order}/parts", part_id=pump, location_id=van, quantity="1")
    text = engineer.get(order).text
    use = re.search(rf"{order}/parts/(\d+)/removal", text)
    assert use is not None
    sent(engineer, f"{order}/parts/{use[1]}", serial_number="S7", location_id=van)
    sent(
        engineer,
        f"{order}/exchanges",
        position_id=str(world.positions["PUMP"]),
        slot="1",
        fate="core",
        fitted_serial_number="S7",
    )
    text = engineer.get(order).text
    assert text.count("S7") >= 2
    exchange = re.search(rf"{order}/exchanges/(\d+)/removal", text)
    assert exchange is not None
    sent(engineer, f"{order}/exchanges/{exchange[1]}/removal")
    sent(engineer, f"{order}/parts/{use[1]}/removal")
    refused = engineer.post(f"{order}/parts", data={"part_id": pump, "location_id": van, "quantity": "2"})
    assert refused.status_code == 422


def test_foreign_pages_are_not_found(app: Flask, world: World, signed_in: SignIn) -> None:
    order = opened(world, signed_in)
    outsider = signed_in("mine", Role.ADMIN)
    assert outsider.get(order).status_code == 404
    assert outsider.get(f"{order}/signatures/1").status_code == 404
    assert outsider.get(f"/work-orders/new?machine_id={world.machines['M1']}").status_code == 404
    for name in ("mine", "quarry", "maker"):
        client = signed_in(name, Role.ADMIN)
        for act, data in {
            "starts": {"kind": "work"},
            "closing": {},
            "completion": {},
            "cancellation": {"reason": "x"},
            "signatures": {"role": "customer", "name": "x"},
            "planning": {},
        }.items():
            assert client.post(f"{order}/{act}", data=data).status_code == 404, (name, act)
    assert "SO-2026-00001" not in outsider.get("/work-orders").text
