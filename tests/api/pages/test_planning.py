"""The stock policy through the API and its pages: weighed, adopted, followed, and nobody else's business."""

import io
from decimal import Decimal

import pytest
from flask import Flask
from openpyxl import load_workbook

from aftersales.vocabulary import Role
from tests.api.forecast_world import with_forecast
from tests.api.pages.conftest import SignIn
from tests.world import World

API = "/api/v1"


def test_a_planner_weighs_adopts_and_orders_follow(app: Flask, world: World) -> None:
    with_forecast(app, world)
    client, headers = app.test_client(), world.bearer("maker", Role.PLANNER)
    bench = client.get(f"{API}/stock-policy-workbench?availability_percent=90", headers=headers).get_json()
    assert bench["policy_in_force"] is None
    assert bench["summary"]["availability"] >= 0.9
    money = [Decimal(point["investment"]) for point in bench["curve"]]
    assert money == sorted(money)
    made = client.post(f"{API}/stock-policies", json={"availability_percent": "90", "note": "agreed"}, headers=headers)
    assert made.status_code == 201, made.text
    adopted = made.get_json()
    assert (adopted["number"], adopted["in_force"], adopted["note"]) == (1, True, "agreed")
    assert adopted["summary"] == bench["summary"]
    lines = client.get(f"{API}/stock-policies/{adopted['id']}/lines", headers=headers).get_json()["items"]
    (filters,) = [line for line in lines if line["part_number"] == "FLT-7"]
    proposals = client.get(f"{API}/reorder-proposals?text=FLT-7", headers=headers).get_json()["items"]
    assert "stock policy in force" in proposals[0]["explanation"]
    assert Decimal(filters["stock"]) >= Decimal(filters["order_quantity"])


def test_changes_go_on_by_cursor_and_come_as_a_workbook(app: Flask, world: World) -> None:
    with_forecast(app, world)
    client, headers = app.test_client(), world.bearer("maker", Role.MANAGER)
    seen, path = [], f"{API}/stock-policy-workbench/parts?limit=2"
    while path:
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        seen += [(row["part_id"], row["words"]) for row in answer.get_json()["items"]]
        path = answer.headers.get("Link", "").partition("<")[2].partition(">")[0]
    assert [part for part, _ in seen] == sorted(set(world.parts.values()))
    assert all(words for _, words in seen)
    book = client.get(f"{API}/stock-policy-workbench/parts.xlsx", headers=headers)
    sheet = load_workbook(io.BytesIO(book.data)).active
    assert sheet is not None
    assert sheet.max_row == len(seen) + 1


@pytest.mark.parametrize("query", ["availability_percent=100", "budget=0", "availability_percent=90&budget=5"])
def test_impossible_targets_are_refused_at_their_field(app: Flask, world: World, query: str) -> None:
    with_forecast(app, world)
    client, headers = app.test_client(), world.bearer("maker", Role.PLANNER)
    answer = client.get(f"{API}/stock-policy-workbench?{query}", headers=headers)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] in {"availability", "budget"}


def test_the_page_shows_the_curve_and_adopts(app: Flask, world: World, signed_in: SignIn) -> None:
    with_forecast(app, world)
    client = signed_in("maker", Role.PLANNER)
    page = client.get("/planning?availability_percent=90").text
    for words in ("No policy has been adopted", "FLT-7", "Beside other policies", "Adopt this policy"):
        assert words in page
    drawn = client.get("/planning/curve.svg?availability_percent=90")
    assert (drawn.status_code, drawn.mimetype) == (200, "image/svg+xml")
    assert "cannot be reached" in client.get("/planning?availability_percent=100").text
    assert "in per cent" in client.get("/planning?availability_percent=many").text
    floors = {"vital_percent": "80", "essential_percent": "60", "desirable_percent": "0"}
    sent = client.post("/planning", data={"_key": "k", "availability_percent": "90", "note": "agreed", **floors})
    assert sent.headers["Location"] == "/planning/policies", sent.text
    assert "In force" in client.get("/planning/policies").text
    assert "Policy 1 of" in client.get("/planning").text
    assert "stock policy 1" in client.get("/reorder").text
    assert "FLT-7" in client.get("/planning/policies/1").text
    assert client.get("/planning/policy.xlsx?availability_percent=90").data.startswith(b"PK")


def test_without_a_forecast_the_page_says_so(app: Flask, world: World, signed_in: SignIn) -> None:
    assert "There is no forecast yet" in signed_in("maker", Role.PLANNER).get("/planning").text


def test_a_part_is_decided_about_with_a_reason(app: Flask, world: World, signed_in: SignIn) -> None:
    with_forecast(app, world)
    client, part = signed_in("maker", Role.PLANNER), world.parts["FLT-7"]
    path = f"/planning/parts/{part}"
    assert "Nothing was decided by hand" in client.get(path).text
    form = {"_key": "a", "criticality": "vital", "stocked": "false", "reason": ""}
    assert client.post(path, data=form).status_code == 422
    assert client.post(path, data={**form, "_key": "b", "reason": "next door"}).status_code == 303
    shown = client.get(path).text
    assert "next door" in shown
    assert "Not to be stocked" in client.get("/planning/parts?everything=true").text
    assert "by decision" in client.get("/planning").text
    decided = app.test_client().get(f"{API}/parts/{part}/stock-decisions", headers=world.bearer("maker", Role.PLANNER))
    assert decided.get_json()["items"][0]["criticality"] == "vital"


@pytest.mark.parametrize(("name", "role"), [("maker", Role.STOREKEEPER), ("maker", Role.TECHNICIAN)])
def test_others_of_the_house_have_no_planning(
    app: Flask, world: World, signed_in: SignIn, name: str, role: Role
) -> None:
    with_forecast(app, world)
    client = signed_in(name, role)
    assert "/planning" not in client.get("/").text
    for path in ("/planning", "/planning/policies", "/planning/parts", "/planning/curve.svg", "/planning/policy.xlsx"):
        assert client.get(path).status_code == 403, path


@pytest.mark.parametrize("name", ["quarry", "partner", "supplier"])
def test_other_organisations_see_nothing(app: Flask, world: World, signed_in: SignIn, name: str) -> None:
    with_forecast(app, world)
    maker = app.test_client()
    maker.post(f"{API}/stock-policies", json={}, headers=world.bearer("maker", Role.PLANNER))
    client, part = signed_in(name, Role.ADMIN), world.parts["FLT-7"]
    for path in ("/planning/policies/1", f"/planning/parts/{part}"):
        assert client.get(path).status_code == 404, path
    for path in ("/planning", "/planning/policies", "/planning/parts?everything=true"):
        assert "FLT-7" not in client.get(path).text, path
