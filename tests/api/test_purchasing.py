"""Supply orders through the API: whole life, other people's steps, what is refused, and what repeats harmlessly."""

import io
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from aftersales.models import Organization
from aftersales.vocabulary import Role
from tests.api.forecast_world import with_forecast
from tests.api.test_trade import Client
from tests.world import World


@pytest.fixture
def ordered(app: Flask, world: World) -> dict[str, Any]:
    """A draft of the maker's planner for twenty seals of the supplier."""
    admin, planner = Client(app, world, "maker"), Client(app, world, "maker", Role.PLANNER)
    supplier = world.organizations["supplier"]
    seal = {"number": "A-1", "name": "Seal", "cost": "12.5", "supplier_id": supplier, "own": False}
    part = admin.post("/parts", {**seal, "minimum_quantity": "10", "multiple": "10", "lead_time_days": 9})["id"]
    store = admin.post("/locations", {"code": "MAIN", "name": "Main store", "kind": "warehouse"})["id"]
    line = {"part_id": part, "quantity": "20", "tolerance": "ten_percent"}
    body = {"kind": "purchase", "supplier_id": supplier, "location_id": store, "lines": [line], "note": "Gate 2"}
    made = planner.call("POST", "/supply-orders", body, status=201, key="k1")
    again = planner.call("POST", "/supply-orders", body, status=201, key="k1")
    assert made == again
    return {**made, "part": part, "store": store}


def test_the_life_of_an_order(app: Flask, world: World, ordered: dict[str, Any]) -> None:
    planner, manager = Client(app, world, "maker", Role.PLANNER), Client(app, world, "maker", Role.MANAGER)
    keeper, supplier = Client(app, world, "maker", Role.STOREKEEPER), Client(app, world, "supplier", Role.MANAGER)
    path, line = f"/supply-orders/{ordered['id']}", ordered["lines"][0]
    assert (line["unit_price"], line["receivable"], ordered["total"]) == ("12.5", "22", "250")
    planner.call("PATCH", f"{path}/lines/{line['id']}", {"quantity": "30"}, match='"99"', status=412)
    changed = planner.call("PATCH", f"{path}/lines/{line['id']}", {"quantity": "30"}, match=f'"{ordered["version"]}"')
    assert changed["lines"][0]["receivable"] == "33"
    supplier.get(path, status=404)
    planner.call("POST", f"{path}/approval", {}, status=403)
    manager.call("POST", f"{path}/approval", {})
    sent = planner.call("POST", f"{path}/sending", {})
    assert sent["state"] == "sent"
    seen = supplier.call("GET", path, match=f'"{sent["version"]}"')
    assert (seen["buyer"], [step["to_state"] for step in seen["events"]]) == ("maker ltd", ["sent"])
    promise = {"promises": [{"line_id": line["id"], "confirmed_on": "2026-07-15"}]}
    assert supplier.call("POST", f"{path}/promises", promise)["lines"][0]["expected_on"] == "2026-07-15"
    supplier.call("POST", f"{path}/approval", {}, status=404)
    come = {"delivered": [{"line_id": line["id"], "quantity": "20"}], "delivery_note": "DN 7"}
    assert keeper.post(f"{path}/receipts", come)["state"] == "part_received"
    assert keeper.get(f"/incoming-parts?part_id={ordered['part']}")["items"][0]["quantity"] == "10"
    refused = keeper.post(f"{path}/receipts", come, 422)
    assert refused["code"] == "over_receipt"
    rest = {"delivered": [{"line_id": line["id"], "quantity": "13"}]}
    whole = keeper.post(f"{path}/receipts", rest)
    assert whole["state"] == "received"
    back = keeper.call("POST", f"/supply-receipts/{whole['lines'][0]['receipts'][1]['id']}/reversal", {"note": "no"})
    assert (back["state"], back["lines"][0]["received"]) == ("part_received", "20")
    closed = planner.call("POST", f"{path}/rest-given-up", {"reason": "Not made any more"})
    assert (closed["state"], closed["lines"][0]["open_quantity"]) == ("received", "0")
    assert keeper.get(f"/stock-balances?part_id={ordered['part']}")["items"][0]["on_hand"] == "20"
    (told,) = planner.get(f"/supply-lead-times?part_id={ordered['part']}")["items"]
    assert (told["supplier"], told["count"], told["months"]) == ("supplier ltd", 1, {"1": 1.0})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": [{"part_id": 1, "quantity": "-1"}]}, "lines.0.quantity"),
        ({"kind": "gift"}, "kind"),
        ({"supplier_id": None}, "supplier_id"),
        ({"lines": [{"part_id": None, "quantity": "15"}]}, "lines.0.part_id"),
        ({"currency": "euro"}, "currency"),
    ],
)
def test_bad_orders_name_the_field_and_change_nothing(
    app: Flask, world: World, ordered: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    planner = Client(app, world, "maker", Role.PLANNER)
    body = {"kind": "purchase", "supplier_id": world.organizations["supplier"], "location_id": ordered["store"]}
    refused = planner.post("/supply-orders", {**body, **change}, 422)
    assert field in {error["field"] for error in refused["errors"]}
    assert len(planner.get("/supply-orders")["items"]) == 1


def test_a_quantity_that_is_no_lot_says_which_is(app: Flask, world: World, ordered: dict[str, Any]) -> None:
    planner = Client(app, world, "maker", Role.PLANNER)
    line = {"part_id": ordered["part"], "quantity": "15"}
    refused = planner.post(f"/supply-orders/{ordered['id']}/lines", line, 422)
    assert "order 20" in refused["detail"]


def test_lists_are_narrowed_and_paged(app: Flask, world: World, ordered: dict[str, Any]) -> None:
    planner = Client(app, world, "maker", Role.PLANNER)
    for _ in range(2):
        planner.post("/supply-orders", {"kind": "production", "location_id": ordered["store"]})
    assert [row["number"] for row in planner.get("/supply-orders")["items"]][-1] == "PO-2026-00001"
    assert len(planner.get("/supply-orders?kind=production&state=draft")["items"]) == 2
    assert len(planner.get(f"/supply-orders?part_id={ordered['part']}")["items"]) == 1
    assert planner.get("/supply-orders?late_only=true")["items"] == []
    first = planner.call("GET", "/supply-orders?limit=2")
    assert len(first["items"]) == 2
    assert [row["name"] for row in planner.get("/suppliers")["items"]] == ["supplier ltd"]


@pytest.mark.parametrize(
    ("language", "title", "total"), [("hr", "250,00", "PO-2026-00001"), ("en", "Gate 2", "250.00")]
)
def test_the_order_is_printed_in_the_suppliers_language(
    app: Flask, world: World, ordered: dict[str, Any], language: str, title: str, total: str
) -> None:
    with app.extensions["workshop"].transaction() as work:
        work.session.get_one(Organization, world.organizations["supplier"]).language = language
    answer = Client(app, world, "maker", Role.PLANNER).get(f"/supply-orders/{ordered['id']}/pdf")
    reader = PdfReader(io.BytesIO(answer.data))
    assert reader.trailer["/Root"]["/Lang"] == language  # type: ignore[index] # a dictionary in every PDF
    words = " ".join(" ".join(page.extract_text() for page in reader.pages).replace("\u00a0", " ").split())
    for expected in (title, total, "A-1", "Seal", "supplier ltd", "Main store", "maker ltd"):
        assert expected in words


def test_what_is_proposed_is_ordered_once(app: Flask, world: World) -> None:
    with_forecast(app, world)
    planner = Client(app, world, "maker", Role.PLANNER)
    wanted = next(
        row for row in planner.get("/reorder-proposals?only_to_order=true")["items"] if row["on_order"] == "0"
    )
    made = planner.post("/reorder-proposals/orders", {"part_ids": [wanted["part_id"]]})["orders"]
    (line,) = made[0]["lines"]
    assert (made[0]["kind"], made[0]["state"]) == ("production", "draft")
    assert (line["part_id"], line["quantity"]) == (wanted["part_id"], wanted["order_quantity"])
    again = planner.get(f"/reorder-proposals?text={line['number']}")["items"][0]
    assert (again["on_order"], again["order_quantity"]) == (line["quantity"], "0")
    refused = planner.post("/reorder-proposals/orders", {"part_ids": [wanted["part_id"]]}, 422)
    assert refused["code"] == "nothing_proposed"
