"""Plans through the API, its pages and the command: made, read, changed, approved, released; nobody else's business."""

import io
from decimal import Decimal

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from aftersales.models import Location
from aftersales.stock import service as stock
from aftersales.vocabulary import Role
from tests.api.forecast_world import with_forecast
from tests.api.pages.conftest import SignIn
from tests.world import World

API = "/api/v1"


def with_little_left(app: Flask, world: World) -> None:
    """Filters nearly gone, so that there is something to plan."""
    with_forecast(app, world)
    with app.extensions["workshop"].transaction(world.actor("maker", Role.ADMIN)) as work:
        place = work.session.scalars(select(Location.id).where(Location.code == "MAIN")).one()
        stock.issue(work, part_id=world.parts["FLT-7"], location_id=place, quantity=Decimal(4))


def test_a_plan_goes_from_forecast_to_draft_orders(app: Flask, world: World) -> None:
    with_little_left(app, world)
    client, headers = app.test_client(), world.bearer("maker", Role.PLANNER)
    made = client.post(f"{API}/plans", json={"horizon": 6}, headers=headers)
    assert made.status_code == 201, made.text
    plan = made.get_json()
    assert (plan["months"], plan["origin"]) == (6, "2026-06-01")
    seen, path = [], f"{API}/plans/{plan['id']}/orders?limit=1"
    while path:
        answer = client.get(path, headers=headers)
        seen += answer.get_json()["items"]
        path = answer.headers.get("Link", "").partition("<")[2].partition(">")[0]
    assert len(seen) == plan["summary"]["orders"] > 1
    first = seen[0]
    assert sum(peg["quantity"] for peg in first["pegs"]) == pytest.approx(float(first["quantity"]))
    body = {"quantity": "9", "reason": "campaign"}
    changed = client.post(f"{API}/planned-orders/{first['id']}/changes", json=body, headers=headers).get_json()
    assert (changed["state"], changed["quantity"], changed["planned_quantity"]) == ("changed", "9", first["quantity"])
    chosen = {"planned_order_ids": [first["id"]]}
    assert client.post(f"{API}/plans/{plan['id']}/approvals", json=chosen, headers=headers).status_code == 200
    released = client.post(f"{API}/plans/{plan['id']}/release", headers=headers)
    assert released.status_code == 200, released.text
    (order,) = released.get_json()["orders"]
    assert (order["kind"], order["plan_reference"]) == ("production", str(plan["id"]))
    again = client.get(f"{API}/planned-orders/{first['id']}", headers=headers).get_json()
    assert (again["state"], again["supply_order"]) == ("released", order["number"])
    months = client.get(f"{API}/plans/{plan['id']}/parts/{first['part_id']}", headers=headers).get_json()["months"]
    assert len(months) == 6
    book = client.get(f"{API}/plans/{plan['id']}/orders.xlsx", headers=headers)
    sheet = load_workbook(io.BytesIO(book.data)).active
    assert sheet is not None
    assert sheet.max_row == len(seen) + 1


def test_the_pages_lead_from_plan_to_orders(app: Flask, world: World, signed_in: SignIn) -> None:
    with_little_left(app, world)
    client = signed_in("maker", Role.PLANNER)
    assert "No plan has been made" in client.get("/planning/plans").text
    sent = client.post("/planning/plans", data={"_key": "a", "horizon": "6"})
    assert sent.headers["Location"] == "/planning/plans/1", sent.text
    page = client.get("/planning/plans/1").text
    for words in ("FLT-7", "Approve what is ticked", "Draft orders of all that is approved"):
        assert words in page
    assert client.get("/planning/plans/1/money.svg").mimetype == "image/svg+xml"
    assert client.get("/planning/plans/1/orders.xlsx").data.startswith(b"PK")
    assert "Expected demand" in client.get(f"/planning/plans/1/parts/{world.parts['FLT-7']}").text
    assert "Which demand it serves" in client.get("/planning/planned-orders/1").text
    change = {"_key": "b", "quantity": "8", "comes": "2026-08-20", "reason": "campaign"}
    assert client.post("/planning/planned-orders/1", data=change).status_code == 303
    assert "campaign" in client.get("/planning/planned-orders/1").text
    refused = client.post("/planning/planned-orders/1", data={**change, "_key": "c", "reason": ""})
    assert refused.status_code == 422
    assert client.post("/planning/plans/1/approvals", data={"_key": "d"}).status_code == 422
    ticked = {"_key": "e", "planned_order_ids": ["1", "2"]}
    assert client.post("/planning/plans/1/approvals", data=ticked).status_code == 303
    assert client.post("/planning/plans/1/release", data={"_key": "f"}).status_code == 303
    assert "Released" in client.get("/planning/plans/1").text
    assert "No planned order is approved" in client.post("/planning/plans/1/release", data={"_key": "g"}).text


def test_without_a_forecast_no_plan_is_made(app: Flask, world: World, signed_in: SignIn) -> None:
    client = signed_in("maker", Role.PLANNER)
    answer = client.post("/planning/plans", data={"_key": "a", "horizon": "6"})
    assert answer.status_code == 422
    assert "There is no forecast yet" in answer.text


@pytest.mark.parametrize(("name", "role", "status"), [("maker", Role.STOREKEEPER, 403), ("partner", Role.ADMIN, 404)])
def test_nobody_else_sees_a_plan(
    app: Flask, world: World, signed_in: SignIn, name: str, role: Role, status: int
) -> None:
    with_little_left(app, world)
    app.test_client().post(f"{API}/plans", json={}, headers=world.bearer("maker", Role.PLANNER))
    client = signed_in(name, role)
    paths = ["/planning/plans/1", "/planning/plans/1/money.svg", "/planning/plans/1/orders.xlsx"]
    for path in (*paths, f"/planning/plans/1/parts/{world.parts['FLT-7']}", "/planning/planned-orders/1"):
        assert client.get(path).status_code == status, path


def test_stock_ahead_is_a_list_and_a_page(app: Flask, world: World, signed_in: SignIn) -> None:
    with_little_left(app, world)
    client, headers = app.test_client(), world.bearer("maker", Role.PLANNER)
    seen, path = [], f"{API}/stock-ahead?limit=2&horizon=6"
    while path:
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        seen += answer.get_json()["items"]
        path = answer.headers.get("Link", "").partition("<")[2].partition(">")[0]
    assert [row["part_id"] for row in seen] == sorted(world.parts.values())
    (filters,) = [row for row in seen if row["part_number"] == "FLT-7"]
    assert len(filters["months"]) == 6
    assert "runs_out" in filters["alerts"]
    assert any("Runs out" in said for said in filters["words"])
    page = signed_in("maker", Role.PLANNER).get("/planning/stock-ahead").text
    assert "FLT-7" in page
    assert "Runs out before more can come" in page
    assert "HP-100" in signed_in("maker", Role.PLANNER).get("/planning/stock-ahead?everything=true").text
    assert signed_in("maker", Role.STOREKEEPER).get("/planning/stock-ahead").status_code == 403
    assert "FLT-7" not in signed_in("partner", Role.ADMIN).get("/planning/stock-ahead?everything=true").text
