"""The pages of parts, stock and warranty: their main acts by form, and nothing for strangers."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from aftersales.vocabulary import Role
from tests.api.pages.conftest import SignIn
from tests.world import World


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code, answer.text[-1500:])
    return answer.text


def post(client: FlaskClient, path: str, status: int = 303, **form: Any) -> TestResponse:
    answer = client.post(path, data=form)
    assert answer.status_code == status, (path, answer.status_code, re.findall(r'class="wrong".*|<li>.*', answer.text))
    return answer


def where(answer: TestResponse) -> str:
    return answer.headers["Location"]


def test_parts_by_form(world: World, signed_in: SignIn) -> None:
    maker = signed_in("maker", Role.ADMIN)
    assert "HP-100" in page(maker, "/parts?search=hp-1")
    page(maker, "/parts/new")
    seal: dict[str, Any] = {
        "number": "A-1",
        "name": "Seal",
        "unit": "pcs",
        "currency": "EUR",
        "price": "20,5",
        "criticality": "vital",
    }
    old = where(post(maker, "/parts/new", **seal, own="true", whole_units="true"))
    new = where(post(maker, "/parts/new", **{**seal, "number": "A-2"}))
    page(maker, f"{old}/edit")
    post(maker, f"{old}/edit", _version="1", name="Shaft seal")
    post(maker, f"{old}/edit", status=412, _version="1", name="Late")
    post(maker, f"{old}/supersession", _form="chain", new_number="A-2", valid_from="2026-01-01", ratio="1")
    refused = post(maker, f"{new}/supersession", 422, _form="chain", new_number="A-1", valid_from="2026-01-01")
    assert "A-2 → A-1 → A-2" in refused.text
    assert "no part with this number" in post(maker, f"{new}/alternates", 422, _form="other", other_number="??").text
    post(maker, f"{new}/alternates", _form="other", other_number="HP-100")
    shown = page(maker, old)
    assert all(text in shown for text in ("Shaft seal", "A-2", "HP-100", "€20.50"))
    post(maker, f"{old}/supersession/withdrawal", _form="act")
    post(maker, f"{new}/alternates/{world.parts['HP-100']}/removal")
    post(maker, f"{old}/ending", _form="act", _version="2")
    quarry = signed_in("quarry", Role.MANAGER)
    page(quarry, old, 404)
    page(quarry, f"{old}/edit", 403)
    page(quarry, f"/parts/{world.parts['HP-100']}")


def test_stock_by_form(world: World, signed_in: SignIn) -> None:
    maker = signed_in("maker", Role.ADMIN)
    assert "Add a place" in page(maker, "/stock")
    page(maker, "/stock/locations/new")
    store = where(post(maker, "/stock/locations/new", kind="warehouse", code="MAIN", name="Main store"))
    van = where(post(maker, "/stock/locations/new", kind="van", code="VAN", name="Van"))
    post(maker, "/parts/new", number="A-1", name="Seal", serialised="false", whole_units="true")
    at: dict[str, Any] = {"part_number": "A-1", "location_id": store.rsplit("/", 1)[1], "condition": "new"}
    for act in ("receive", "issue", "transfer", "reserve", "count", "regrade", "scrap", "return", "take-back"):
        assert "A-1" in page(maker, f"/stock/{act}?number=A-1&location_id=1")
    post(maker, "/stock/receive", **at, quantity="9", origin="supplier", serial_number="", note="")
    post(maker, "/stock/transfer", **at, to_location_id=van.rsplit("/", 1)[1], quantity="2")
    post(maker, "/stock/reserve", **at, quantity="3")
    refused = post(maker, "/stock/issue", 422, **at, quantity="5")
    assert "MAIN has 4 pcs of A-1" in refused.text
    post(maker, "/stock/issue", **at, quantity="1", reservation_id="1")
    post(maker, "/stock/regrade", **at, quantity="1", to_condition="quarantined")
    post(maker, "/stock/scrap", 422, **at, quantity="1", note="")
    post(maker, "/stock/scrap", **at, quantity="1", note="bent")
    post(maker, "/stock/return", **at, quantity="1")
    post(maker, "/stock/take-back", **{**at, "condition": "core"}, quantity="1")
    post(maker, "/stock/count", **at, counted="2")
    assert "1 count waits" in page(maker, "/stock")
    assert "Waits" in page(maker, "/stock/counts")
    post(maker, "/stock/counts/1/approval", _form="decide", _version="1")
    post(maker, "/stock/counts/1/rejection", 422, _form="decide", _version="2")
    for path in ("/stock?search=A-1", "/stock/moves", "/stock/reservations", "/stock/counts?all=1", store, van):
        assert "A-1" in page(maker, path), path
    post(maker, "/stock/reservations/1/release", _form="release", _version="2")
    post(maker, store, _form="place", _version="1", name="Main", parent_id="", keeper_id="")
    assert "still holds stock" in post(maker, f"{store}/ending", 422, _form="end", _version="2").text
    partner = signed_in("partner", Role.ADMIN)
    page(partner, store, 404)
    for path in (store, f"{store}/ending", "/stock/counts/1/approval", "/stock/reservations/1/release"):
        post(partner, path, 404, _version="1")
    for path in ("/stock", "/stock/moves", "/stock/reservations", "/stock/counts?all=1", "/stock/locations"):
        assert "A-1" not in page(partner, path)
        assert "MAIN" not in page(partner, path)


CLAUSES: dict[str, Any] = {
    "clauses-0-number": "2.1",
    "clauses-0-kind": "term",
    "clauses-0-cost_class": "parts",
    "clauses-0-months": "60",
    "clauses-0-hours": "",
    "clauses-0-text": "Parts for five years",
    "clauses-0-requires_maintenance": "false",
    "clauses-1-number": "",
    "clauses-1-requires_maintenance": "false",
}


def test_warranty_by_form(app: Flask, world: World, signed_in: SignIn) -> None:
    maker, quarry = signed_in("maker", Role.MANAGER), signed_in("quarry", Role.MANAGER)
    machine = world.machines["M1"]
    cover = f"/machines/{machine}/warranty"
    page(maker, "/warranty/policies/new")
    policy = where(post(maker, "/warranty/policies/new", code="W", name="Standard", **CLAUSES))
    more: dict[str, Any] = {"code": "X", "name": "One more year", "is_extension": "true", "price": "900"}
    post(maker, "/warranty/policies/new", **more, **CLAUSES)
    assert "Parts for five years" in page(maker, policy)
    assert "no warranty" in page(maker, cover)
    post(maker, cover)
    assert "Running" in page(maker, cover)
    page(maker, f"/warranty/offers/new?machine_id={machine}")
    offer = where(post(maker, f"/warranty/offers/new?machine_id={machine}", machine_id=machine, policy_id=2))
    assert "Accept for" not in page(maker, offer)
    assert "Accept for" in page(quarry, offer)
    mine = signed_in("mine", Role.MANAGER)
    page(mine, offer, 404)
    post(mine, f"{offer}/acceptance", 404, _version="1")
    page(mine, cover, 404)
    page(mine, policy, 404)
    post(quarry, f"{offer}/refusal", 422, _form="refuse", _version="1", reason="other", text="")
    assert where(post(quarry, f"{offer}/acceptance", _form="accept", _version="1")) == cover
    assert "Follows" in page(quarry, cover)
    post(maker, policy, _form="policy", _version="1", name="Five years", offer_days_before_end="120")
    post(maker, f"{policy}/ending", _form="end", _version="2")
    for path in ("/warranty?days=3650", "/warranty/offers", "/warranty/decisions", "/warranty/policies"):
        page(maker, path)
        page(mine, path)
