"""The forecast's pages: asking for a run, reading parts and runs, what to order, and only for the parts' owner."""

from datetime import date

import pytest
from flask import Flask

from aftersales.jobs import handlers
from aftersales.jobs.outbox import deliver
from aftersales.planning import service
from aftersales.vocabulary import Role
from tests.api.forecast_world import with_demand, with_forecast
from tests.api.pages.conftest import SignIn
from tests.world import World


def test_without_a_forecast_the_page_offers_to_make_one(app: Flask, world: World, signed_in: SignIn) -> None:
    with_demand(app, world)
    client = signed_in("maker", Role.PLANNER)
    assert "Make a forecast" in client.get("/forecast").text
    assert "Without a forecast" in client.get("/reorder").text
    asked = client.post("/forecast", data={"_key": "k1"})
    assert (asked.status_code, asked.headers["Location"]) == (303, "/forecast")
    waiting = client.get("/forecast").text
    assert "is being made" in waiting
    assert "<button" not in waiting.split("<main")[1]
    assert deliver(app.extensions["workshop"], handlers.HANDLERS) == 1
    page = client.get("/forecast").text
    assert "FLT-7" in page
    assert "is being made" not in page.split("<main")[1]


def test_a_reader_gets_no_button(app: Flask, world: World, signed_in: SignIn) -> None:
    client = signed_in("maker", Role.STOREKEEPER)
    assert "Make a forecast" not in client.get("/forecast").text
    assert client.post("/forecast", data={"_key": "k1"}).status_code == 403


def test_the_list_narrows_by_words_kind_and_what_to_order(app: Flask, world: World, signed_in: SignIn) -> None:
    with_forecast(app, world)
    client = signed_in("maker", Role.PLANNER)
    assert "HP-100" not in client.get("/forecast?text=flt").text.split("<main")[1]
    assert "No part fits" in client.get("/forecast?text=nothing").text
    assert "FLT-7" not in client.get("/forecast?demand_class=lumpy").text.split("<main")[1]
    assert client.get("/forecast?only_to_order=true").status_code == 200
    for narrow in ("method=sba", "phase=dead", "criticality=vital", "alarm=true"):
        assert "FLT-7" not in client.get(f"/forecast?{narrow}").text.split("<main")[1], narrow
    everything = client.get("/forecast?criticality=essential").text
    assert 'class="ahead"' in everything
    assert "expected in the next 6" in everything
    first = client.get("/forecast?limit=1").text
    assert "Next page" in first


def test_a_part_shows_its_fan_its_table_and_why(app: Flask, world: World, signed_in: SignIn) -> None:
    run = with_forecast(app, world)
    client = signed_in("maker", Role.PLANNER)
    path = f"/forecast/parts/{world.parts['FLT-7']}"
    page = client.get(path).text
    for words in ("Issued from stock", "Why these numbers", "Jun 2026", "Nov 2026", "FLT-7"):
        assert words in page
    drawn = client.get(f"{path}/demand.svg?run_id={run}")
    assert (drawn.status_code, drawn.mimetype) == (200, "image/svg+xml")
    assert drawn.data.lstrip().startswith(b"<?xml") or b"<svg" in drawn.data[:300]


def test_a_run_shows_what_it_came_from(app: Flask, world: World, signed_in: SignIn) -> None:
    run = with_forecast(app, world)
    client = signed_in("maker", Role.MANAGER)
    page = client.get(f"/forecast/runs/{run}").text
    for words in ("How it did since", "None of the forecast months", "Parts by method", "Seed"):
        assert words in page
    assert f"/forecast/runs/{run}" in client.get("/forecast/runs").text
    assert client.get(f"/forecast/runs/{run}/forecast.csv").mimetype == "text/csv"
    assert client.get(f"/forecast/runs/{run}/forecast.xlsx").data.startswith(b"PK")
    assert client.get("/reorder.xlsx").data.startswith(b"PK")


def test_what_to_order_is_a_page_and_a_file(app: Flask, world: World, signed_in: SignIn) -> None:
    with_forecast(app, world)
    client = signed_in("maker", Role.STOREKEEPER)
    assert client.get("/reorder").status_code == 200
    everything = client.get("/reorder?everything=true").text
    assert "FLT-7" in everything
    assert "reorder point" in everything
    assert "%(" not in everything
    assert client.get("/reorder.csv?only_to_order=true").mimetype == "text/csv"


@pytest.mark.parametrize("name", ["quarry", "partner", "supplier"])
def test_other_organisations_get_nothing(app: Flask, world: World, signed_in: SignIn, name: str) -> None:
    run = with_forecast(app, world)
    client = signed_in(name, Role.ADMIN)
    part = world.parts["FLT-7"]
    paths = [f"/forecast/runs/{run}", f"/forecast/runs/{run}/forecast.csv", f"/forecast/parts/{part}"]
    paths.append(f"/forecast/runs/{run}/forecast.xlsx")
    for path in (*paths, f"/forecast/parts/{part}/demand.svg?run_id={run}"):
        assert client.get(path).status_code == 404, path
    for path in ("/forecast", "/forecast/runs", "/reorder?everything=true", "/reorder.csv"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "FLT-7" not in answer.text


def test_a_technician_has_no_forecast(app: Flask, world: World, signed_in: SignIn) -> None:
    with_forecast(app, world)
    client = signed_in("maker", Role.TECHNICIAN)
    for path in ("/forecast", "/forecast/runs", "/reorder", "/reorder.csv"):
        assert client.get(path).status_code == 403, path


def test_a_part_shows_what_it_is_made_of(app: Flask, world: World, signed_in: SignIn) -> None:
    with_forecast(app, world)
    client = signed_in("maker", Role.PLANNER)
    page = client.get(f"/forecast/parts/{world.parts['FLT-7']}?month=2026-08-01").text
    assert "What it is made of" in page
    assert "Expected in Aug 2026" in page
    assert "No month that was forecast has passed yet" in page


def test_misses_and_workload_are_pages(app: Flask, world: World, signed_in: SignIn) -> None:
    planner, shop = with_demand(app, world), app.extensions["workshop"]
    client = signed_in("maker", Role.PLANNER)
    assert "No month that was forecast has passed yet" in client.get("/forecast/misses").text
    service.run_forecast(shop, planner, horizon=6, origin=date(2026, 3, 1))
    run = service.run_forecast(shop, planner, horizon=6)
    page = client.get("/forecast/misses?by=pieces").text
    assert "came 9 pcs" in page.replace("\u00a0", " ")
    assert client.get(f"/forecast/runs/{run}/workload").status_code == 200
    assert client.get(f"/forecast/runs/{run}/workload.svg").mimetype == "image/svg+xml"
    part = client.get(f"/forecast/parts/{world.parts['FLT-7']}").text
    assert "May 2026" in part
    assert signed_in("quarry", Role.ADMIN).get(f"/forecast/runs/{run}/workload").status_code == 404


def test_the_fleet_plan_is_entered_on_its_page(app: Flask, world: World, signed_in: SignIn) -> None:
    client = signed_in("maker", Role.PLANNER)
    assert "Nothing is planned yet" in client.get("/forecast/fleet-plan").text
    form = {"model_id": str(world.model), "month": "2026-09-14", "machines": "4", "kind": "sale", "_key": "k7"}
    assert client.post("/forecast/fleet-plan", data=form).status_code == 303
    page = client.get("/forecast/fleet-plan").text
    assert "Sep" in page
    assert "To be sold" in page
    assert "Plan machines" not in signed_in("maker", Role.STOREKEEPER).get("/forecast/fleet-plan").text
