"""Forecasts through the API: asked for, made by the job, read, exported, and only by the parts' owner."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import update

from aftersales.formats.tables import read_table
from aftersales.jobs import handlers
from aftersales.jobs.outbox import deliver
from aftersales.models import Part
from aftersales.planning import service
from aftersales.vocabulary import Role
from tests.api.forecast_world import with_demand, with_forecast
from tests.world import World


def test_a_planner_asks_for_a_run_and_reads_it(app: Flask, world: World) -> None:
    with_demand(app, world)
    client, headers = app.test_client(), world.bearer("maker", Role.PLANNER)
    asked = client.post("/api/v1/forecast-requests", json={"horizon": 3}, headers=headers)
    assert (asked.status_code, asked.get_json()["open"]) == (202, True)
    again = client.post("/api/v1/forecast-requests", json={}, headers=headers)
    assert again.get_json()["id"] == asked.get_json()["id"]
    assert deliver(app.extensions["workshop"], handlers.HANDLERS) == 1
    (request,) = client.get("/api/v1/forecast-requests", headers=headers).get_json()["items"]
    assert (request["open"], request["error"]) == (False, None)
    (run,) = client.get("/api/v1/forecast-runs", headers=headers).get_json()["items"]
    assert (run["origin"], run["horizon"], run["created_by"]) == ("2026-06-01", 3, "maker planner")
    one = client.get(f"/api/v1/forecast-runs/{run['id']}", headers=headers)
    assert one.get_json() == run
    lines = client.get(f"/api/v1/forecast-runs/{run['id']}/lines?text=flt", headers=headers).get_json()["items"]
    assert [(line["part_number"], len(line["mean"])) for line in lines] == [("FLT-7", 3)]
    assert lines[0]["history"]["demand"][-5:] == [3, 3, 3, 3, 3]
    same = client.get(f"/api/v1/parts/{world.parts['FLT-7']}/forecast", headers=headers)
    assert same.get_json() == lines[0]


def test_a_run_without_history_says_why_it_was_not_made(app: Flask, world: World) -> None:
    client, headers = app.test_client(), world.bearer("maker", Role.PLANNER)
    client.post("/api/v1/forecast-requests", json={}, headers=headers)
    deliver(app.extensions["workshop"], handlers.HANDLERS)
    (request,) = client.get("/api/v1/forecast-requests", headers=headers).get_json()["items"]
    assert not request["open"]
    assert "no demand history" in request["error"]


def test_lists_go_on_by_cursor_and_filters_narrow(app: Flask, world: World) -> None:
    run = with_forecast(app, world)
    client, headers = app.test_client(), world.bearer("maker", Role.PLANNER)
    for start in (f"/api/v1/forecast-runs/{run}/lines?limit=1", "/api/v1/reorder-proposals?limit=1"):
        seen, path = [], start
        while path:
            answer = client.get(path, headers=headers)
            assert answer.status_code == 200, answer.json
            seen += [item["part_number"] for item in answer.get_json()["items"]]
            path = answer.headers.get("Link", "").partition("<")[2].partition(">")[0]
        assert seen == ["BRG-20", "FLT-7", "HP-100", "OIL-46"]
    smooth = client.get(f"/api/v1/forecast-runs/{run}/lines?demand_class=smooth", headers=headers)
    assert all(item["demand_class"] == "smooth" for item in smooth.get_json()["items"])
    for narrow, kept in (
        ("criticality=vital", []),
        ("criticality=essential&phase=launch", ["FLT-7", "OIL-46"]),
        ("alarm=true", []),
    ):
        found = client.get(f"/api/v1/forecast-runs/{run}/lines?{narrow}", headers=headers).get_json()["items"]
        assert [item["part_number"] for item in found if item["method"] != "no demand"] == kept, narrow
    wrong = client.get(f"/api/v1/forecast-runs/{run}/lines?after={b'[1]'.hex()}", headers=headers)
    assert (wrong.status_code, wrong.get_json()["errors"][0]["field"]) == (422, "after")


def test_proposals_give_numbers_and_the_reason(app: Flask, world: World) -> None:
    with_forecast(app, world)
    client, headers = app.test_client(), world.bearer("maker", Role.STOREKEEPER)
    items = client.get("/api/v1/reorder-proposals?text=FLT-7", headers=headers).get_json()["items"]
    (filters,) = items
    assert (filters["on_hand"], filters["reserved"], filters["on_order"]) == ("5", "0", "0")
    assert filters["reason"] in {"enough", "below_reorder_point"}
    assert filters["reorder_point"].split(".")[0] in filters["explanation"]
    ordered = client.get("/api/v1/reorder-proposals?only_to_order=true", headers=headers).get_json()["items"]
    assert all(float(item["order_quantity"]) > 0 for item in ordered)


def test_exports_hold_every_month_and_no_formula(app: Flask, world: World) -> None:
    run = with_forecast(app, world)
    with app.extensions["workshop"].transaction() as work:
        row = update(Part).where(Part.id == world.parts["OIL-46"])
        work.session.execute(row.values(number="=1+1", name="@oil"))
    client, headers = app.test_client(), world.bearer("maker", Role.PLANNER)
    exported = client.get(f"/api/v1/forecast-runs/{run}/lines.csv", headers=headers)
    assert exported.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(exported.get_data(as_text=True).lstrip("\ufeff"))))
    assert len(rows) == 4 * 6
    assert {row["part_number"] for row in rows} == {"BRG-20", "FLT-7", "HP-100", "'=1+1"}
    assert {row["part_name"] for row in rows if row["part_number"] == "'=1+1"} == {"'@oil"}
    assert [row["month"] for row in rows[:6]] == [f"2026-{month:02d}" for month in (6, 7, 8, 9, 10, 11)]
    workbook = client.get(f"/api/v1/forecast-runs/{run}/lines.xlsx", headers=headers)
    table = read_table("x.xlsx", workbook.data)
    assert [row.cells["month"] for row in table.rows] == [row["month"] for row in rows]
    assert sum(float(row.cells["mean"]) for row in table.rows) == pytest.approx(
        sum(float(row["mean"]) for row in rows), rel=1e-4
    )
    orders = client.get("/api/v1/reorder-proposals.csv", headers=headers)
    assert "'=1+1,'@oil" in orders.get_data(as_text=True)


def test_nobody_but_the_owner_of_the_parts_sees_anything(app: Flask, world: World) -> None:
    run = with_forecast(app, world)
    part = world.parts["FLT-7"]
    for name in ("quarry", "mine", "partner", "supplier"):
        client, headers = app.test_client(), world.bearer(name, Role.ADMIN)
        for path in (
            f"/api/v1/forecast-runs/{run}",
            f"/api/v1/forecast-runs/{run}/lines",
            f"/api/v1/forecast-runs/{run}/lines.csv",
            f"/api/v1/forecast-runs/{run}/lines.xlsx",
            f"/api/v1/parts/{part}/forecast",
        ):
            assert client.get(path, headers=headers).status_code == 404, (name, path)
        for path in ("/api/v1/forecast-runs", "/api/v1/forecast-requests", "/api/v1/reorder-proposals"):
            assert client.get(path, headers=headers).get_json() == {"items": []}, (name, path)
        assert "FLT-7" not in client.get("/api/v1/reorder-proposals.csv", headers=headers).text
        asked = client.post("/api/v1/forecast-requests", json={}, headers=headers)
        assert (asked.status_code, asked.get_json()["code"]) == (422, "no_parts")


def test_roles_without_the_forecast_are_refused(app: Flask, world: World) -> None:
    run = with_forecast(app, world)
    client = app.test_client()
    for role in (Role.OPERATOR, Role.TECHNICIAN):
        headers = world.bearer("maker", role)
        for path in (
            f"forecast-runs/{run}",
            f"forecast-runs/{run}/lines",
            "reorder-proposals",
            "reorder-proposals.csv",
        ):
            assert client.get(f"/api/v1/{path}", headers=headers).status_code == 403, (role, path)
    reader = world.bearer("maker", Role.STOREKEEPER)
    assert client.post("/api/v1/forecast-requests", json={}, headers=reader).status_code == 403


def test_a_part_says_what_its_forecast_is_made_of_and_how_it_did(app: Flask, world: World) -> None:
    with_forecast(app, world)
    client, headers = app.test_client(), world.bearer("maker", Role.STOREKEEPER)
    part = world.parts["FLT-7"]
    found = client.get(f"/api/v1/parts/{part}/forecast/explanation?month=2026-08-17&places=2", headers=headers)
    told = found.get_json()
    assert told["month"]["month"] == "2026-08-01"
    assert len(told["months"]) == 6
    for month in told["months"]:
        assert sum(Decimal(value) for value in month["pieces"].values()) == Decimal(month["expected"])
    rows = [*told["machines"], *([told["others"]] if told["others"] else []), *told["new"]]
    whole = sum((Decimal(row["expected"]) for row in rows), Decimal(told["rest"]))
    assert whole == Decimal(told["month"]["expected"])
    assert told["words"].startswith("Expected in Aug 2026")
    assert client.get(f"/api/v1/parts/{part}/forecast/past", headers=headers).get_json() == {"items": []}
    assert client.get("/api/v1/forecast-misses", headers=headers).get_json()["largest"] == []


def test_what_was_missed_is_told_once_months_have_passed(app: Flask, world: World) -> None:
    planner, shop = with_demand(app, world), app.extensions["workshop"]
    service.run_forecast(shop, planner, horizon=6, origin=date(2026, 3, 1))
    run = service.run_forecast(shop, planner, horizon=6)
    client, headers = app.test_client(), world.bearer("maker", Role.PLANNER)
    told = client.get("/api/v1/forecast-misses?span=3&by=pieces", headers=headers).get_json()
    assert (told["first"], told["last"]) == ("2026-03-01", "2026-05-01")
    filters = next(row for row in told["largest"] if row["part_number"] == "FLT-7")
    assert Decimal(filters["actual"]) == 9
    assert Decimal(filters["difference"]) == Decimal(filters["actual"]) - Decimal(filters["expected"])
    assert "came 9\u00a0pcs" in filters["words"]
    past = client.get(f"/api/v1/parts/{world.parts['FLT-7']}/forecast/past", headers=headers).get_json()["items"]
    assert [row["month"] for row in past] == ["2026-05-01", "2026-04-01", "2026-03-01"]
    line = client.get(f"/api/v1/parts/{world.parts['FLT-7']}/forecast", headers=headers).get_json()
    assert -1 <= Decimal(line["tracking_signal"]) <= 1
    assert line["alarm"] is None
    load = client.get(f"/api/v1/forecast-runs/{run}/workload", headers=headers)
    assert load.status_code == 200
    assert client.get("/api/v1/forecast-misses?span=5", headers=headers).status_code == 422
    for name in ("quarry", "partner"):
        foreign = world.bearer(name, Role.ADMIN)
        for path in (f"parts/{world.parts['FLT-7']}/forecast/past", f"forecast-runs/{run}/workload"):
            assert client.get(f"/api/v1/{path}", headers=foreign).status_code == 404
        assert client.get("/api/v1/forecast-misses", headers=foreign).get_json()["largest"] == []


def test_machines_to_be_sold_are_planned_by_the_planner(app: Flask, world: World) -> None:
    client, headers = app.test_client(), world.bearer("maker", Role.PLANNER)
    body = {"model_id": world.model, "month": "2026-09-14", "machines": 4}
    made = client.post("/api/v1/fleet-plan-entries", json=body, headers=headers)
    assert (made.status_code, made.get_json()["month"], made.get_json()["kind"]) == (201, "2026-09-01", "sale")
    items = client.get("/api/v1/fleet-plan", headers=headers).get_json()["items"]
    assert [(row["model"], row["machines"]) for row in items] == [("CR-200", 4)]
    client.post("/api/v1/fleet-plan-entries", json={**body, "machines": 0}, headers=headers)
    assert client.get("/api/v1/fleet-plan", headers=headers).get_json() == {"items": []}
    wrong = client.post("/api/v1/fleet-plan-entries", json={**body, "kind": "gift"}, headers=headers)
    assert wrong.status_code == 422
    reader = world.bearer("maker", Role.STOREKEEPER)
    assert client.post("/api/v1/fleet-plan-entries", json=body, headers=reader).status_code == 403
    assert (
        client.post("/api/v1/fleet-plan-entries", json=body, headers=world.bearer("supplier", Role.ADMIN)).status_code
        == 404
    )
