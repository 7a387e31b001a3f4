"""Parts, stock and warranty through the API, and nothing of it for strangers."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aftersales.vocabulary import Role
from tests.world import World


class Client:
    """A client of the API with a token."""

    def __init__(self, app: Flask, world: World, organization: str, role: Role = Role.ADMIN) -> None:
        self.http: FlaskClient = app.test_client()
        self.headers = world.bearer(organization, role)

    def call(
        self, method: str, path: str, body: Any = None, *, status: int = 200, key: str = "", match: str = '"1"'
    ) -> Any:
        extra = {"If-Match": match} | ({"Idempotency-Key": key} if key else {})
        answer = self.http.open(f"/api/v1{path}", method=method, json=body, headers={**self.headers, **extra})
        assert answer.status_code == status, answer.text[:500]
        return answer.get_json() if "json" in str(answer.mimetype) else answer

    def get(self, path: str, status: int = 200) -> Any:
        return self.call("GET", path, status=status)

    def post(self, path: str, body: Any, status: int = 201) -> Any:
        return self.call("POST", path, body, status=status)


CLAUSES = [
    {"number": "2.1", "kind": "term", "text": "Parts", "cost_class": "parts", "months": 60, "hours": "4000"},
    {"number": "5.1", "kind": "condition", "text": "Maintained", "requires_maintenance": True},
]


def test_a_part_with_its_chain_and_prices(app: Flask, world: World) -> None:
    maker, quarry = Client(app, world, "maker"), Client(app, world, "quarry")
    old = maker.post("/parts", {"number": "A-1", "name": "Seal", "price": "20", "cost": "12.5", "lead_time_days": 9})
    new = maker.post("/parts", {"number": "A-2", "name": "Seal, better"})
    body = {"new_id": new["id"], "valid_from": "2026-01-01", "ratio": "2"}
    maker.post(f"/parts/{old['id']}/supersession", body)
    assert [step["number"] for step in maker.get(f"/parts/{new['id']}/chain")["items"]] == ["A-1", "A-2"]
    back = {"new_id": old["id"], "valid_from": "2026-01-01"}
    refused = maker.post(f"/parts/{new['id']}/supersession", back, 422)
    assert refused["code"] == "supersession_circle"
    assert "A-2 → A-1 → A-2" in refused["detail"]
    path = f"/parts/{old['id']}"
    changed = maker.call("PATCH", path, {"price": "21"})
    assert (changed["price"], changed["cost"], changed["version"]) == ("21", "12.5", 2)
    maker.call("PATCH", path, {"price": "22"}, status=412)
    maker.call("DELETE", f"{path}/supersession", status=204)
    for method, route, given in (
        ("GET", path, None),
        ("PATCH", path, {}),
        ("POST", f"{path}/ending", {}),
        ("POST", f"{path}/supersession", body),
        ("DELETE", f"{path}/supersession", None),
        ("GET", f"{path}/chain", None),
        ("GET", f"{path}/uses", None),
        ("GET", f"{path}/substitutes", None),
        ("POST", f"{path}/alternates", {"alternate_id": new["id"]}),
    ):
        quarry.call(method, route, given, status=404)
    visible = quarry.get(f"/parts/{world.parts['HP-100']}")
    assert visible["cost"] is None
    assert visible["price"] is not None


def test_stock_through_the_api(app: Flask, world: World) -> None:
    maker, partner = Client(app, world, "maker"), Client(app, world, "partner")
    part = maker.post("/parts", {"number": "A-1", "name": "Seal"})["id"]
    store = maker.post("/locations", {"code": "MAIN", "name": "Main store", "kind": "warehouse"})["id"]
    van = maker.post("/locations", {"code": "VAN", "name": "Van", "kind": "van"})["id"]
    at = {"part_id": part, "location_id": store}
    first = maker.call("POST", "/stock-receipts", {**at, "quantity": "5"}, status=201, key="k1")
    again = maker.call("POST", "/stock-receipts", {**at, "quantity": "5"}, status=201, key="k1")
    assert first == again
    carried = {"part_id": part, "from_location_id": store, "to_location_id": van, "quantity": "1"}
    maker.post("/stock-transfers", carried)
    held = maker.post("/reservations", {**at, "quantity": "3"})
    assert maker.post("/stock-issues", {**at, "quantity": "2"}, 422)["code"] == "not_enough_stock"
    maker.post("/stock-issues", {**at, "quantity": "2", "reservation_id": held["id"]})
    assert maker.post(f"/reservations/{held['id']}/release", {}, 200)["open_quantity"] == "0"
    count = maker.post("/stock-counts", {**at, "counted": "1"})
    assert maker.post(f"/stock-counts/{count['id']}/approval", {}, 200)["difference"] == "-1"
    balances = maker.get(f"/stock-balances?part_id={part}")["items"]
    assert [(row["location"], row["free"]) for row in balances] == [("MAIN", "1"), ("VAN", "1")]
    kinds = [row["kind"] for row in maker.get("/stock-moves?limit=2")["items"]]
    assert kinds == ["count", "issue"]
    for method, route, given in (
        ("GET", f"/locations/{store}", None),
        ("PATCH", f"/locations/{store}", {"name": "mine"}),
        ("POST", f"/locations/{store}/ending", {}),
        ("POST", "/stock-receipts", {**at, "quantity": "1"}),
        ("POST", "/stock-issues", {**at, "quantity": "1"}),
        ("POST", "/stock-transfers", carried),
        ("POST", "/stock-returns", {**at, "quantity": "1"}),
        ("POST", "/supplier-returns", {**at, "quantity": "1"}),
        ("POST", "/stock-scrappings", {**at, "quantity": "1", "note": "x"}),
        ("POST", "/reservations", {**at, "quantity": "1"}),
        ("GET", f"/reservations/{held['id']}", None),
        ("POST", f"/reservations/{held['id']}/release", {}),
        ("POST", "/stock-counts", {**at, "counted": "1"}),
        ("GET", f"/stock-counts/{count['id']}", None),
        ("POST", f"/stock-counts/{count['id']}/approval", {}),
        ("POST", f"/stock-counts/{count['id']}/rejection", {}),
        ("GET", f"/stock-moves/{first['id']}", None),
    ):
        partner.call(method, route, given, status=404)
    for listed in ("locations", "stock-balances", "stock-moves", "reservations", "stock-counts", "stock-serials"):
        assert partner.get(f"/{listed}")["items"] == []


def test_from_warranty_to_extension(app: Flask, world: World) -> None:
    maker, quarry, mine = (Client(app, world, name) for name in ("maker", "quarry", "mine"))
    machine = world.machines["M1"]
    maker.post("/warranty-policies", {"code": "W", "name": "Standard", "clauses": CLAUSES})
    more = [{"number": "3.1", "kind": "term", "text": "Parts", "cost_class": "parts", "months": 12}]
    extension = {"code": "X", "name": "One more year", "is_extension": True, "price": "900", "clauses": more}
    policy = maker.post("/warranty-policies", extension)["id"]
    started = maker.post(f"/machines/{machine}/warranty", {}, 200)
    assert started["is_running"], started
    assert [ending["machine_id"] for ending in maker.get("/warranty-endings?days=3650")["items"]] == [machine]
    offer = maker.post("/extension-offers", {"machine_id": machine, "policy_id": policy})
    path = f"/extension-offers/{offer['id']}"
    maker.post(f"{path}/acceptance", {}, 404)
    for method, route, given in (
        ("GET", path, None),
        ("POST", f"{path}/acceptance", {}),
        ("POST", f"{path}/refusal", {"reason": "price"}),
        ("GET", f"/machines/{machine}/warranty", None),
        ("POST", f"/machines/{machine}/warranty", {}),
        ("POST", "/extension-offers", {"machine_id": machine, "policy_id": policy}),
        ("GET", f"/warranty-policies/{policy}", None),
        ("PATCH", f"/warranty-policies/{policy}", {"name": "mine"}),
        ("POST", f"/warranty-policies/{policy}/ending", {}),
    ):
        mine.call(method, route, given, status=404)
    assert quarry.post(f"{path}/acceptance", {}, 200)["state"] == "accepted"
    status = quarry.get(f"/machines/{machine}/warranty")
    assert [(term["payer"], term["state"]) for term in status["terms"]] == [
        ("warranty", "running"),
        ("extension", "upcoming"),
    ]
    assert mine.get("/extension-offers")["items"] == []


@pytest.mark.parametrize(
    "listed", ["parts", "locations", "stock-balances", "stock-moves", "warranty-policies", "coverages"]
)
def test_a_foreign_cursor_is_refused(app: Flask, world: World, listed: str) -> None:
    for cursor in (b"abc".hex(), b'"x"'.hex(), b"[1]".hex(), str(2**64).encode().hex()):
        Client(app, world, "maker").get(f"/{listed}?after={cursor}", 422)
