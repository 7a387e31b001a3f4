"""The register through the API: from plan to field, its papers, and nothing for strangers."""

import io
import re
from typing import Any

import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient

from aftersales.vocabulary import Role
from tests.world import World

TEMPLATE = {"characteristics": [{"name": "Pressure", "unit": "bar", "lower": "7.5", "upper": "10"}]}


class Client:
    """A client of the API with a token."""

    def __init__(self, app: Flask, world: World, organization: str, role: Role) -> None:
        self.http: FlaskClient = app.test_client()
        self.headers = world.bearer(organization, role)

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.http.get(f"/api/v1{path}", headers=self.headers)
        assert answer.status_code == status, answer.text[:500]
        return answer.get_json() if answer.is_json else answer.data

    def post(self, path: str, body: dict[str, Any], status: int = 201) -> Any:
        answer = self.http.post(f"/api/v1{path}", json=body, headers=self.headers)
        assert answer.status_code == status, answer.text[:500]
        return answer.get_json()


def test_from_plan_to_field_and_out(app: Flask, world: World) -> None:
    maker = Client(app, world, "maker", Role.ADMIN)
    model = maker.post("/models", {"code": "CR-300", "name": "Crusher 300", "markings": ["CE"]})
    path = f"/models/{model['id']}"
    maker.post(f"{path}/options", {"code": "AC", "name": "Air conditioning"})
    position = maker.post(
        f"{path}/positions",
        {
            "code": "10",
            "name": "Pump",
            "mandatory": True,
            "life_limit": "8000",
            "life_unit": "hours",
            "part_id": world.parts["HP-100"],
        },
    )
    template = maker.post(f"{path}/test-templates", TEMPLATE)
    machine = maker.post("/machines", {"model_id": model["id"], "serial_number": "N1", "configuration": ["AC"]})
    path = f"/machines/{machine['id']}"
    assert (machine["state"], machine["model_code"], machine["roles"]) == ("planned", "CR-300", ["manufacturer"])
    assert maker.post(f"{path}/states", {"to": "shipped"}, 422)["code"] == "no_passport"
    maker.post(f"{path}/states", {"to": "in_production"})
    characteristic = template["characteristics"][0]["id"]
    result = {"characteristic_id": characteristic, "value": "10.5"}
    maker.post(f"{path}/acceptance-results", {"results": [result], "tester": "Bench 2"})
    maker.post(f"{path}/installations", {"position_id": position["id"], "serial_number": "SN-9"})
    refused = maker.post(f"{path}/passport", {}, 422)
    assert refused["code"] == "acceptance_failed"
    assert "Pressure" in refused["detail"]
    maker.post(f"{path}/acceptance-results", {"results": [result | {"value": "9"}], "tester": "Bench 2"})
    passport = maker.post(f"{path}/passport", {})
    assert passport["content"]["components"][0]["serial_number"] == "SN-9"
    assert maker.get(f"{path}/passport")["content_hash"] == passport["content_hash"]
    assert maker.get(f"{path}/acceptance-results")["items"][0]["value"] == "9"
    maker.post(f"{path}/states", {"to": "shipped"})
    maker.post(f"{path}/parties", {"role": "operator", "organization_name": "quarry ltd"})
    maker.post(f"{path}/parties", {"role": "owner", "organization_name": "quarry ltd"})
    maker.post(f"{path}/states", {"to": "commissioned"})
    owner = Client(app, world, "quarry", Role.MANAGER)
    assert owner.get(path)["operator"] == "quarry ltd"
    installed = owner.get(f"{path}/components")["items"]
    assert [(one["serial_number"], one["remaining"]) for one in installed] == [("SN-9", "8000")]
    owner.post(f"{path}/states", {"to": "down", "reason": "cracked"})
    condition = owner.get(f"{path}/condition")
    assert (condition["health"], condition["life_limits"][0]["remaining"]) == ("critical", "8000")
    assert owner.get(f"{path}/condition?at=2024-01-01T00:00:00Z")["state"] == "planned"
    certificate = owner.post(f"{path}/write-off", {"reason": "worn_out", "hazards": {"Oil": "20 l"}})
    assert certificate["number"].startswith("WO-") or certificate["number"]
    owner.post(f"{path}/disposal", {"disposal": "recycled"})
    states = [step["to_state"] for step in owner.get(f"{path}/states")["items"]]
    assert states[-2:] == ["written_off", "disposed"]
    for paper in ("passport.pdf?language=hr", "label.pdf"):
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(owner.get(f"{path}/{paper}"))).pages)
        assert "N1" in text


def test_lists_filter_and_page(app: Flask, world: World) -> None:
    maker = Client(app, world, "maker", Role.PLANNER)
    answer = maker.http.get("/api/v1/machines?limit=2", headers=maker.headers)
    following = re.search(r"<(.*)>", answer.headers["Link"])
    assert following
    rest = maker.http.get(following.group(1), headers=maker.headers).get_json()["items"]
    assert [one["serial_number"] for one in answer.get_json()["items"] + rest] == ["M1", "M2", "M3"]
    assert [one["serial_number"] for one in maker.get("/machines?state=in_production")["items"]] == ["M3"]
    assert maker.get("/machines?search=m2")["items"][0]["owner"] == "mine ltd"
    for wrong in ("after=22", "after=5b5d", "limit=0", "state=flying", "colour=red"):
        assert maker.http.get(f"/api/v1/machines?{wrong}", headers=maker.headers).status_code in {400, 422}


def test_a_change_needs_the_newest_version(app: Flask, world: World) -> None:
    maker = Client(app, world, "maker", Role.ADMIN)
    path = f"/api/v1/machines/{world.machines['M3']}"
    shown = maker.http.get(path, headers=maker.headers)
    change = {"order_code": "X-1"}
    assert maker.http.patch(path, json=change, headers=maker.headers).status_code == 428
    good = maker.http.patch(path, json=change, headers=maker.headers | {"If-Match": shown.headers["ETag"]})
    assert (good.status_code, good.get_json()["order_code"]) == (200, "X-1")
    stale = maker.http.patch(path, json=change, headers=maker.headers | {"If-Match": shown.headers["ETag"]})
    assert stale.status_code == 412
    issued = f"/api/v1/machines/{world.machines['M1']}"
    tag = maker.http.get(issued, headers=maker.headers).headers["ETag"]
    refused = maker.http.patch(issued, json=change, headers=maker.headers | {"If-Match": tag})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "passport_issued")


READS = [
    "/condition",
    "", "/states", "/acceptance-results", "/passport", "/passport.pdf", "/passport-entries", "/parties", "/label.pdf",
    "/components", "/installations", "/documents",
]  # fmt: skip
WRITES: list[tuple[str, dict[str, Any]]] = [
    ("/states", {"to": "down"}),
    ("/acceptance-results", {"results": [{"characteristic_id": 1, "value": "1"}], "tester": "x"}),
    ("/passport", {}),
    ("/passport-reconstruction", {}),
    ("/passport-entries", {"text": "x"}),
    ("/modernisations", {"configuration": [], "reason": "x"}),
    ("/reporting", {"open": False}),
    ("/site-moves", {"site_id": 1}),
    ("/write-off", {"reason": "lost"}),
    ("/disposal", {"disposal": "sold"}),
    ("/parties", {"role": "guest", "organization_name": "mine ltd"}),
    ("/parties/1/ending", {}),
    ("/ownership-transfers", {"organization_name": "mine ltd"}),
    ("/installations", {"position_id": 1, "serial_number": "x"}),
    ("/removals", {"position_id": 1, "reason": "failure"}),
]


@pytest.mark.parametrize("organization", ["mine", "supplier"])
def test_a_foreign_machine_does_not_exist(app: Flask, world: World, organization: str) -> None:
    stranger = Client(app, world, organization, Role.ADMIN)
    for number in (world.machines["M1"], 10**9):
        for path in READS:
            stranger.get(f"/machines/{number}{path}", 404)
        for path, body in WRITES:
            stranger.post(f"/machines/{number}{path}", body, 404)
    for path in (f"/models/{10**9}", f"/components/{10**9}", f"/documents/{10**9}"):
        stranger.get(path, 404)
    stranger.get(f"/machine-labels.pdf?machines={world.machines['M1']}", 404)


def test_a_model_is_seen_by_who_has_one_and_changed_by_its_maker(app: Flask, world: World) -> None:
    owner, supplier = Client(app, world, "quarry", Role.ADMIN), Client(app, world, "supplier", Role.ADMIN)
    path = f"/models/{world.model}"
    assert owner.get(path)["code"] == "CR-200"
    owner.post(f"{path}/positions", {"code": "99", "name": "x"}, 404)
    owner.post(f"{path}/test-templates", TEMPLATE, 404)
    for below in ("", "/positions", "/options", "/test-templates"):
        supplier.get(path + below, 404)


def test_a_token_without_the_scope_reads_nothing(app: Flask, world: World) -> None:
    body = {
        "email": "operator@quarry.example.com",
        "password": "correct horse battery",
        "name": "t",
        "scopes": ["usage:read"],
    }
    client = app.test_client()
    token = client.post("/api/v1/tokens", json=body).get_json()["token"]
    for path in ("/machines", f"/machines/{world.machines['M1']}", "/models", "/components", "/documents"):
        answer = client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 403, path


def test_the_public_nameplate_needs_no_sign_in(app: Flask, world: World) -> None:
    answer = app.test_client().get("/api/v1/public-machines/public-M1-0001")
    assert answer.status_code == 200
    assert answer.get_json()["serial_number"] == "M1"
    assert "quarry" not in answer.text
    assert app.test_client().get("/api/v1/public-machines/nothing-here-0").status_code == 404


def test_components_move_and_keep_their_life(app: Flask, world: World) -> None:
    partner = Client(app, world, "partner", Role.TECHNICIAN)
    path, pump = f"/machines/{world.machines['M1']}", world.positions["PUMP"]
    stay = partner.post(f"{path}/installations", {"position_id": pump, "serial_number": "SN-1"})
    assert partner.post(f"{path}/installations", {"position_id": pump, "serial_number": "SN-2"}, 422)["code"] == (
        "slot_taken"
    )
    component = partner.get(f"/components/{stay['component_id']}")
    assert (component["serial_number"], component["hours"]) == ("SN-1", "0")
    partner.post(f"{path}/removals", {"position_id": pump, "reason": "failure"})
    assert partner.get(f"{path}/components")["items"] == []
    assert len(partner.get(f"/components/{stay['component_id']}/stays")["items"]) == 1
    assert partner.get("/components?search=SN-1")["items"][0]["id"] == stay["component_id"]
    Client(app, world, "mine", Role.ADMIN).get(f"/components/{stay['component_id']}", 404)
    operator = Client(app, world, "quarry", Role.OPERATOR)
    operator.post(f"{path}/installations", {"position_id": pump, "serial_number": "SN-1"}, 403)


def test_a_document_is_uploaded_and_read(app: Flask, world: World) -> None:
    maker = Client(app, world, "maker", Role.ADMIN)
    content = b"%PDF-1.7 manual"
    said = {"title": "Manual", "kind": "manual", "language": "hr", "model_id": str(world.model)}

    def send(**changes: Any) -> Any:
        data = {**said, "file": (io.BytesIO(content), "manual.pdf"), **changes}
        return maker.http.post("/api/v1/documents", data=data, headers=maker.headers)

    filed = send()
    assert filed.status_code == 201, filed.text
    number = filed.get_json()["id"]
    owner = Client(app, world, "quarry", Role.OPERATOR)
    assert owner.get(f"/documents/{number}/file") == content
    maker.headers = {**maker.headers, "Idempotency-Key": "manual-1"}
    twice = [send(title="Again"), send(title="Again")]
    assert [answer.status_code for answer in twice] == [201, 201]
    assert twice[0].get_json() == twice[1].get_json()
    assert send(title="Again", file=(io.BytesIO(b"%PDF-1.7 other"), "manual.pdf")).status_code == 422
    maker.headers.pop("Idempotency-Key")
    again = twice[0].get_json()["id"]
    assert [one["id"] for one in owner.get(f"/machines/{world.machines['M1']}/documents")["items"]] == [again, number]
    Client(app, world, "supplier", Role.ADMIN).get(f"/documents/{number}/file", 404)
    assert send(file=(io.BytesIO(b"MZ"), "x.pdf")).status_code == 422
    assert send(kind="novel").status_code == 422
    assert maker.http.post("/api/v1/documents", json=said, headers=maker.headers).status_code == 415
    foreign = owner.http.post(
        "/api/v1/documents", data={**said, "file": (io.BytesIO(content), "m.pdf")}, headers=owner.headers
    )
    assert foreign.status_code == 403
