"""The pages of faults: at the machine without signing in, and for those who handle them."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from PIL import Image

from aftersales.clock import FixedClock
from aftersales.complaints.queries import TimelineStep
from aftersales.complaints.rules import Step
from aftersales.models import FaultReport, Machine, Site
from aftersales.vocabulary import FaultState, Role
from api.pages.faults import STEPS, step_words
from tests.api.pages.conftest import SignIn
from tests.world import World

LEAK = {"mode": "ELU", "stands_still": "false", "text": "Oil under the pump", "hours": "", "contact": ""}
AT_MACHINE = "/m/public-M1-0001"


def photo() -> tuple[io.BytesIO, str]:
    output = io.BytesIO()
    Image.new("RGB", (8, 8)).save(output, "PNG")
    output.seek(0)
    return output, "photo.png"


def test_every_step_has_words() -> None:
    assert set(STEPS) == set(Step)


def test_a_report_at_the_machine(app: Flask, world: World, signed_in: SignIn) -> None:
    client = app.test_client()
    page = client.get(AT_MACHINE, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "Does not start" in page.text
    assert "quarry" not in page.text
    sent = client.post(AT_MACHINE, data={**LEAK, "photos": photo()}, content_type="multipart/form-data")
    assert sent.status_code == 303, sent.text
    status = client.get(sent.headers["Location"], headers={"Accept": "text/html"})
    assert status.status_code == 200
    assert "Leaks" in status.text
    again = client.get(AT_MACHINE, headers={"Accept": "text/html"})
    assert "Already reported" in again.text
    assert "Oil under the pump" not in again.text
    listed = signed_in("quarry", Role.OPERATOR).get("/faults")
    assert "Oil under the pump" in listed.text


def test_what_is_missing_or_wrong_is_said(app: Flask, world: World) -> None:
    client = app.test_client()
    refused = client.post(AT_MACHINE, data={"text": "x"}, headers={"Accept": "text/html"})
    assert refused.status_code == 422
    assert "What is wrong?" in refused.text
    bad = {**LEAK, "photos": (io.BytesIO(b"<svg/>"), "x.jpg")}
    refused = client.post(AT_MACHINE, data=bad, content_type="multipart/form-data", headers={"Accept": "text/html"})
    assert refused.status_code == 422
    assert "not a picture" in refused.text
    with app.extensions["workshop"].transaction() as work:
        assert work.session.query(FaultReport).count() == 0


def test_reporting_switched_off(app: Flask, world: World) -> None:
    with app.extensions["workshop"].transaction() as work:
        work.session.get_one(Machine, world.machines["M1"]).reporting_open = False
    client = app.test_client()
    page = client.get(AT_MACHINE, headers={"Accept": "text/html"})
    assert "switched off" in page.text
    assert '<form method="post" action="/m/' not in page.text
    assert client.post(AT_MACHINE, data=LEAK, headers={"Accept": "text/html"}).status_code == 422
    assert client.get("/m/public-M9-0001", headers={"Accept": "text/html"}).status_code == 404


def test_the_signed_in_way(app: Flask, world: World, signed_in: SignIn) -> None:
    operator, dispatcher = signed_in("quarry", Role.MANAGER), signed_in("partner", Role.DISPATCHER)
    page = operator.get(f"/faults/new?machine_id={world.machines['M1']}")
    assert page.status_code == 200
    sent = operator.post("/faults/new", data={**LEAK, "machine_id": str(world.machines["M1"])})
    assert sent.status_code == 303, sent.text
    fault = sent.headers["Location"]
    assert "Receive" in dispatcher.get(fault).text
    for act, data in (
        ("reception", {"text": "On our way"}),
        ("comments", {"text": "internal word", "visible": "false"}),
        ("resolution", {"text": "Seal changed"}),
    ):
        assert dispatcher.post(f"{fault}/{act}", data=data).status_code == 303, act
    shown = operator.get(fault).text
    assert "Seal changed" in shown
    assert "internal word" not in shown
    assert "internal word" in dispatcher.get(fault).text
    assert operator.post(f"{fault}/reopening", data={"reason": "Still leaks"}).status_code == 303
    assert dispatcher.post(f"{fault}/resolution", data={}).status_code == 303
    assert operator.post(f"{fault}/confirmation", data={}).status_code == 303
    assert "Confirmed by the operator" in dispatcher.get(fault).text
    tab = operator.get(f"/machines/{world.machines['M1']}/faults")
    assert "Leaks" in tab.text


@pytest.mark.parametrize(
    ("act", "data"),
    [
        ("/reception", {}),
        ("/resolution", {}),
        ("/rejection", {"reason": "x"}),
        ("/duplication", {"of_id": "1"}),
        ("/comments", {"text": "x"}),
        ("/confirmation", {}),
        ("/reopening", {"reason": "x"}),
    ],
)
def test_foreign_reports_are_not_found(
    app: Flask, world: World, signed_in: SignIn, act: str, data: dict[str, str]
) -> None:
    sent = signed_in("quarry", Role.MANAGER).post("/faults/new", data={**LEAK, "machine_id": str(world.machines["M1"])})
    fault, outsider = sent.headers["Location"], signed_in("mine", Role.ADMIN)
    assert outsider.post(fault + act, data=data).status_code == 404
    assert outsider.get(fault).status_code == 404
    assert outsider.get(f"{fault}/photos/{'0' * 64}").status_code == 404
    assert outsider.get(f"/machines/{world.machines['M1']}/faults").status_code == 404


def test_a_refused_report_shows_its_wrong_field_and_asks_for_the_photos_again(app: Flask, world: World) -> None:
    sent = {**LEAK, "_form": "report", "hours": "abc", "photos": photo()}
    page = app.test_client().post(
        AT_MACHINE, data=sent, content_type="multipart/form-data", headers={"Accept": "text/html"}
    )
    assert page.status_code == 422
    assert '<details class="confirm" open>' in page.text
    assert "have to be chosen again" in page.text
    without = app.test_client().post(
        AT_MACHINE, data={**LEAK, "_form": "report", "mode": ""}, headers={"Accept": "text/html"}
    )
    assert '<details class="confirm" >' in without.text
    assert "have to be chosen again" not in without.text


def test_what_is_wrong_with_a_photo_is_said_once_in_the_summary(app: Flask, world: World) -> None:
    bad = {**LEAK, "_form": "report", "photos": (io.BytesIO(b"no picture"), "x.jpg")}
    page = app.test_client().post(
        AT_MACHINE, data=bad, content_type="multipart/form-data", headers={"Accept": "text/html"}
    )
    summary = page.text.partition('error-summary"')[2].partition("</div>")[0]
    assert summary.count("is not a picture that can be read") == 1


def test_the_same_form_with_another_photo_is_another_form(app: Flask, world: World) -> None:
    client = app.test_client()
    keyed = {**LEAK, "_key": "k" * 22}

    def send(colour: str) -> int:
        output = io.BytesIO()
        Image.new("RGB", (8, 8), colour).save(output, "PNG")
        output.seek(0)
        body = {**keyed, "photos": (output, "photo.png")}
        headers = {"Accept": "text/html"}
        return client.post(AT_MACHINE, data=body, content_type="multipart/form-data", headers=headers).status_code

    assert [send("red"), send("red"), send("blue")] == [303, 303, 422]


def test_a_refused_step_is_said_in_the_readers_language(app: Flask, world: World, signed_in: SignIn) -> None:
    app.test_client().post(AT_MACHINE, data=LEAK)
    with app.extensions["workshop"].transaction() as work:
        fault_id = work.session.query(FaultReport.id).scalar()
    client = signed_in("quarry", Role.OPERATOR)
    client.set_cookie("language", "hr")
    page = client.post(f"/faults/{fault_id}/confirmation", data={}, headers={"Accept": "text/html"})
    assert page.status_code == 422
    assert "prijavljeno" in page.text
    assert "reported" not in page.text.partition("<main")[2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-03-05 08:00 – 10:30 (Europe/Zagreb)", "5. ožu 2026., 08:00 – 10:30 UTC+1"),
        ("2026-03-05 08:00 – 2026-03-06 10:30 (Europe/Zagreb)", "5. ožu 2026., 08:00 – 6. ožu 2026., 10:30 UTC+1"),
        ("2026-13-05 08:00 – 10:30 (Europe/Zagreb)", "2026-13-05 08:00 – 10:30 (Europe/Zagreb)"),
        ("2026-03-05 08:00 – 10:30 (Europe/Nowhere)", "2026-03-05 08:00 – 10:30 (Europe/Nowhere)"),
        ("Tomorrow", "Tomorrow"),
    ],
)
def test_planned_times_are_said_as_the_reader_writes_them(app: Flask, text: str, said: str) -> None:
    step = TimelineStep(
        sequence=2,
        step=Step.PLANNED,
        state_after=FaultState.RECEIVED,
        at=datetime(2026, 3, 1, tzinfo=UTC),
        text=text,
        organization="",
        role=None,
        person="",
        visible_to_operator=True,
        work_order_id=1,
        work_order="SO-1",
    )
    with app.test_request_context("/", headers={"Cookie": "language=hr"}):
        assert step_words(step) == said
        assert step_words(replace(step, step=Step.COMMENT)) == text


def test_a_stranger_sees_the_time_where_the_machine_stands(app: Flask, world: World, clock: FixedClock) -> None:
    with app.extensions["workshop"].transaction() as work:
        site = Site(organization_id=world.organizations["quarry"], name="Pit", time_zone="Asia/Yerevan")
        work.session.add(site)
        work.session.flush()
        work.session.get_one(Machine, world.machines["M1"]).site_id = site.id
    client = app.test_client()
    sent = client.post(AT_MACHINE, data=LEAK)
    here = f"{clock.now().astimezone(ZoneInfo('Asia/Yerevan')):%H:%M} UTC+4"
    assert here in client.get(sent.headers["Location"], headers={"Accept": "text/html"}).text
    assert here in client.get(AT_MACHINE, headers={"Accept": "text/html"}).text
