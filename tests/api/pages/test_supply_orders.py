"""The pages of supply orders: by those whose steps they are, and for the supplier."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from aftersales.vocabulary import Role
from tests.api.pages.conftest import SignIn
from tests.api.pages.test_trade import page, post, where
from tests.api.test_trade import Client
from tests.world import World


@pytest.fixture
def part(app: Flask, world: World) -> int:
    """A seal of the maker, supplied by the supplier in tens, and a store to put it into."""
    admin = Client(app, world, "maker")
    admin.post("/locations", {"code": "MAIN", "name": "Main store", "kind": "warehouse"})
    seal = {"number": "A-1", "name": "Seal", "cost": "12.5", "own": False, "lead_time_days": 9}
    lots = {"minimum_quantity": "10", "multiple": "10", "supplier_id": world.organizations["supplier"]}
    return int(admin.post("/parts", {**seal, **lots})["id"])


def version(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="_version" value="(\d+)"', page(client, path))
    assert found is not None
    return found.group(1)


def draft(world: World, planner: FlaskClient) -> str:
    store = re.search(r'value="(\d+)" selected>MAIN', page(planner, "/supply-orders/new"))
    assert store is not None
    form: dict[str, Any] = {"kind": "purchase", "supplier_id": world.organizations["supplier"]}
    form["location_id"] = store.group(1)
    rows: dict[str, Any] = {
        "lines-0-part_number": "A-1",
        "lines-0-quantity": "20",
        "lines-1-part_number": "",
        "lines-1-quantity": "",
    }
    return where(post(planner, "/supply-orders/new", **form, **rows))


def test_an_order_by_form(world: World, signed_in: SignIn, part: int) -> None:
    planner, manager = signed_in("maker", Role.PLANNER), signed_in("maker", Role.MANAGER)
    keeper, supplier = signed_in("maker", Role.STOREKEEPER), signed_in("supplier", Role.MANAGER)
    assert "supplier ltd" in page(planner, "/supply-orders/new")
    here = draft(world, planner)
    shown = page(planner, here)
    assert all(text in shown for text in ("PO-2026-00001", "A-1", "€250.00", "A manager of your organisation approves"))
    assert "Approve" not in shown
    refused = post(planner, f"{here}/lines", 422, _form="add", part_number="A-1", quantity="15")
    assert "order 20" in refused.text
    assert "no part with this number" in post(planner, f"{here}/lines", 422, part_number="?", quantity="1").text
    post(manager, f"{here}/approval", 412, _version="99")
    post(manager, f"{here}/approval", _version=version(manager, here), _form="step")
    page(supplier, here, 404)
    post(planner, f"{here}/sending", _version=version(planner, here), _form="step")
    seen = page(supplier, here)
    assert "for maker ltd" in page(supplier, "/supply-orders")
    assert "Put into stock" not in seen
    promise: dict[str, Any] = {"promises-0-line_id": "1", "promises-0-confirmed_on": "2026-07-20"}
    post(supplier, f"{here}/promises", **promise)
    assert '<time datetime="2026-07-20">' in page(planner, here)
    came: dict[str, Any] = {"delivered-0-line_id": "1", "delivered-0-quantity": "12", "delivery_note": "DN 7"}
    post(keeper, f"{here}/receipts", **came)
    too_many = came | {"delivered-0-quantity": "9"}
    assert "more than the order lets come" in post(keeper, f"{here}/receipts", 422, _form="receive", **too_many).text
    post(keeper, f"{here}/receipts", 422, **came | {"delivered-0-quantity": ""})
    assert "DN 7" in page(supplier, here)
    shown = page(planner, f"/parts/{part}")
    assert "How long deliveries took" in shown
    assert "PO-2026-00001" in shown
    post(keeper, "/supply-receipts/1/reversal", _form="back")
    assert "Taken back" in page(keeper, here)
    post(manager, f"{here}/cancellation", _version=version(manager, here), reason="Found cheaper", _form="cancel")
    assert "Found cheaper" in page(planner, here)


def test_lists_find_orders_and_mark_late_ones(app: Flask, world: World, signed_in: SignIn, part: int) -> None:
    planner = signed_in("maker", Role.PLANNER)
    here = draft(world, planner)
    for query in ("", "?search=00001", "?state=draft", "?kind=purchase", f"?part_id={part}"):
        assert "PO-2026-00001" in page(planner, f"/supply-orders{query}")
    for query in ("?search=nobody", "?state=sent", "?kind=production", "?late_only=true"):
        assert "PO-2026-00001" not in page(planner, f"/supply-orders{query}")
    admin = Client(app, world, "maker")
    path = f"/supply-orders/{here.rsplit('/', 1)[1]}"
    line = {"due_on": "2026-05-01"}
    admin.call("PATCH", f"{path}/lines/1", line, match=f'"{version(planner, here)}"')
    admin.call("POST", f"{path}/approval", {})
    assert "1 order is late" in page(planner, "/supply-orders")
    assert "Late" in page(planner, here)
    assert "PO-2026-00001" in page(planner, "/supply-orders?late_only=true")


def test_the_order_is_printed(world: World, signed_in: SignIn, part: int) -> None:
    planner = signed_in("maker", Role.PLANNER)
    answer = planner.get(f"{draft(world, planner)}/order.pdf")
    words = PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    assert "Draft: this is not an order yet" in words


def test_those_who_may_not_see_no_way_to(world: World, signed_in: SignIn, part: int) -> None:
    planner, keeper = signed_in("maker", Role.PLANNER), signed_in("maker", Role.STOREKEEPER)
    here = draft(world, planner)
    page(keeper, "/supply-orders/new", 403)
    post(keeper, f"{here}/sending", 403, _version="1")
    page(signed_in("quarry", Role.MANAGER), here, 404)
    page(signed_in("quarry", Role.OPERATOR), "/supply-orders", 403)
