"""No address gives a foreign organisation anything of an object, or lets it change one.

The addresses are taken from the application itself: a new one with the number of an object in it fails here until
``tests.api.objects`` makes that object, and a new list is asked as a foreigner without further ado.
"""

import inspect
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule as Address
from werkzeug.test import TestResponse

from aftersales.access import ROLE_PERMISSIONS
from aftersales.clock import FixedClock
from aftersales.models import AuditEntry
from aftersales.vocabulary import Role
from api.app import create_app
from api.auth import Rule, rule_of
from api.schemas.base import example_of
from tests.api.objects import AFTER, KEPT, LATER, LATER_HOURS, SEARCHED, Caller, Objects, browser, with_objects
from tests.conftest import settings_for
from tests.world import World, build_world

FOREIGN = [("mine", role) for role in Role] + [(name, Role.ADMIN) for name in ("supplier", "rival")]
PUBLIC = {
    "bootstrap.static",
    "certificates.check_certificate",
    "certificates.get_public_certificate",
    "certificates_pages.check_paper",
    "certificates_pages.show_public_certificate",
    "documents_pages.download_public",
    "faults.get_public_fault",
    "faults.report_public_fault",
    "faults_pages.report_at_machine",
    "faults_pages.show_public_machine",
    "faults_pages.show_public_report",
    "machines.get_public_machine",
    "sign_in_pages.show_link",
    "sign_in_pages.use_link",
    "static",
}
LATER_OBJECTS = {
    "certificate_id", "count_id", "coverage_id", "fault_id", "location_id", "offer_id", "order_id", "reading_id",
    "plan_id", "planned_order_id",
    "reservation_id", "run_id", "site_id", "stock_policy_id", "token_id", "user_id", "move_id", "policy_id",
    "supply_order_id", "line_id", "receipt_id",
}  # fmt: skip


@dataclass
class Ground:
    """The application with an object of every kind, and its own description."""

    app: Flask
    world: World
    found: Objects
    described: dict[str, Any]
    browsers: dict[tuple[str, Role], FlaskClient] = field(default_factory=dict)

    def client(self, address: Address, organization: str, role: Role) -> tuple[FlaskClient, dict[str, str]]:
        """Return a client for an address as somebody: with a token, or signed in where it is a page."""
        if address.rule.startswith("/api/"):
            return self.app.test_client(), self.world.bearer(organization, role)
        if (organization, role) not in self.browsers:
            self.browsers[organization, role] = browser(self.app, self.world, organization, role)
        return self.browsers[organization, role], {}

    def ask(
        self, address: Address, method: str, organization: str, role: Role = Role.ADMIN, **extra: Any
    ) -> TestResponse:
        """Return what somebody gets at an address with the objects' numbers in it."""
        client, headers = self.client(address, organization, role)
        if method != "GET":
            headers = {**headers, "If-Match": '"1"'}
        return client.open(self.filled(address), method=method, headers=headers, **extra)

    def filled(self, address: Address) -> str:
        """Return an address with the objects' numbers in it."""
        values = {name: self.value(name) for name in address.arguments}
        return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda match: str(values[match.group(1)]), address.rule)

    def value(self, name: str) -> int | str:
        """Return the number of the object that a name in an address means; a name nobody has made one for fails."""
        known: dict[str, int | str] = {**self.found.ids, **self.found.words}
        assert name in known, f"no object is made for <{name}>: add it to tests/api/objects.py"
        return known[name]

    def body(self, address: Address, method: str) -> dict[str, Any]:
        """Return what is to be sent to a changing address: its example, with the objects' numbers in it."""
        if not address.rule.startswith("/api/"):
            return {"data": form_of(self.app.view_functions[address.endpoint], self.found)}
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", address.rule)
        content = self.described["paths"][path][method.lower()].get("requestBody", {}).get("content", {})
        for media, said in content.items():
            if media == "application/json":
                return {"json": with_numbers(said["example"], self.found)}
            if media != "multipart/form-data":
                return {"data": b"%PDF-1.7", "content_type": media}
        if "multipart/form-data" in content:
            parts = with_numbers(content["multipart/form-data"]["example"], self.found)
            parts["file"] = (io.BytesIO(b"%PDF-1.7"), "x.pdf")
            return {"data": {name: part if isinstance(part, tuple) else str(part) for name, part in parts.items()}}
        return {}

    def addresses(self, *, reads: bool | None = None, objects: bool | None = None) -> Iterator[tuple[Address, str]]:
        """Yield the addresses that are not public and their methods."""
        for address in self.app.url_map.iter_rules():
            if rule_of(self.app.view_functions[address.endpoint]) is Rule.PUBLIC:
                continue
            for method in sorted((address.methods or set()) - {"HEAD", "OPTIONS"}):
                if reads in (None, method == "GET") and objects in (None, bool(address.arguments)):
                    yield address, method

    def changes(self, *seen_by: tuple[str, Role]) -> int:
        """Return how many changes there have been, once these are signed in."""
        home = next(address for address in self.app.url_map.iter_rules() if address.rule == "/")
        for organization, role in seen_by:
            self.client(home, organization, role)
        with Session(self.app.extensions["workshop"].engine) as session:
            return session.scalars(select(func.count()).select_from(AuditEntry)).one()


def with_numbers(example: Any, found: Objects, kind: str = "") -> Any:
    """Return an example with the numbers of the objects instead of its own."""
    if isinstance(example, Mapping):
        return {name: with_numbers(value, found, name) for name, value in example.items()}
    if isinstance(example, list):
        return [with_numbers(item, found, kind.removesuffix("s")) for item in example]
    named = {"kit_location_id": "location_id", "from_location_id": "location_id", "core_location_id": "location_id"}
    named |= {"fitted_part_id": "seal_id", "assignee_id": "user_id"}
    number = found.ids.get(named.get(kind, kind))
    return number if isinstance(example, int) and number is not None else example


def form_of(view: Any, found: Objects) -> dict[str, Any]:
    """Return a filled form for a page's view, from the schema the view reads it with."""
    schema = inspect.getclosurevars(view).nonlocals.get("schema")
    if not (isinstance(schema, type) and issubclass(schema, Schema)):
        return {}
    return dict(fields_of(with_numbers(example_of(schema), found)))


def fields_of(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield a form's fields with their texts."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from fields_of(inner, f"{prefix}-{name}" if prefix else str(name))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for number, inner in enumerate(value):
            yield from fields_of(inner, f"{prefix}-{number}")
    elif isinstance(value, list):
        yield prefix, [str(item) for item in value]
    elif value is not None:
        yield prefix, str(value).lower() if isinstance(value, bool) else str(value)


@pytest.fixture(scope="module")
def ground(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("leaks")
    database = folder / "aftersales.db"
    database.write_bytes(sqlite_template.read_bytes())
    clock = FixedClock(AFTER)
    app = create_app(settings_for(folder / "var", f"sqlite:///{database}"), clock=clock, testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    world = build_world(app.extensions["workshop"])
    found = with_objects(app, world, clock)
    yield Ground(app, world, found, app.test_client().get("/openapi.json").get_json())
    app.extensions["workshop"].engine.dispose()


def told(answer: TestResponse) -> str:
    """Return all the words of an answer, also those of a PDF and of a workbook."""
    words: str = answer.data.decode("utf-8", "replace")
    if answer.mimetype == "application/pdf" and b"%%EOF" in answer.data:
        words += "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages)
    if answer.data.startswith(b"PK"):
        with ZipFile(io.BytesIO(answer.data)) as book:
            words += "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return words.upper()


def lacks_permission(answer: TestResponse, role: Role) -> bool:
    """Tell whether an answer refuses for a permission that the role has on no object at all."""
    named = re.search(r"\(([a-z]+:[a-z]+)\)", answer.text)
    granted = {permission.value for permission in ROLE_PERMISSIONS[role]}
    return answer.status_code == 403 and named is not None and named.group(1) not in granted


def test_an_object_is_made_for_every_address(ground: Ground) -> None:
    for address, _ in ground.addresses(objects=True):
        ground.filled(address)


def test_only_these_addresses_are_public(ground: Ground) -> None:
    public = {
        address.endpoint
        for address in ground.app.url_map.iter_rules()
        if address.arguments and rule_of(ground.app.view_functions[address.endpoint]) is Rule.PUBLIC
    }
    assert public == PUBLIC


def test_its_own_people_read_every_object(ground: Ground) -> None:
    """Else the tests below would look for what is not there."""
    wrong, silent = [], []
    for address, method in ground.addresses(reads=True, objects=True):
        answers = [ground.ask(address, method, name) for name in ("maker", "quarry", "partner")]
        if not any(answer.status_code == 200 for answer in answers):
            wrong.append((address.rule, [answer.status_code for answer in answers]))
        elif not any(KEPT in told(answer) for answer in answers):
            silent.append(address.rule)
    assert not wrong, wrong
    assert len(silent) < 25, silent


@pytest.mark.parametrize(("organization", "role"), FOREIGN)
def test_a_foreign_organisation_reads_and_changes_nothing(ground: Ground, organization: str, role: Role) -> None:
    before, leaks = ground.changes((organization, role)), []
    for address, method in ground.addresses(objects=True):
        extra = {} if method == "GET" else ground.body(address, method)
        answer = ground.ask(address, method, organization, role, **extra)
        hidden = answer.status_code == 404 or lacks_permission(answer, role)
        if not hidden or KEPT in told(answer):
            leaks.append(f"{answer.status_code} {method} {address.rule} {answer.text[:300]}")
    assert not leaks, "\n".join(leaks)
    assert ground.changes() == before


def queries(ground: Ground, address: Address) -> list[dict[str, Any]]:
    """Return what a list may be asked: nothing, each number of a foreign object, and the word looked for."""
    foreign = {name: str(number) for name, number in ground.found.ids.items() if name.endswith("_id")}
    foreign |= dict.fromkeys(("search", "text", "words"), SEARCHED) | {"machines": foreign["machine_id"]}
    if not address.rule.startswith("/api/"):
        return [{}, foreign, {"search": SEARCHED, "text": SEARCHED, "words": SEARCHED}]
    names = [one["name"] for one in ground.described["paths"][address.rule]["get"].get("parameters", [])]
    return [{}, *({name: foreign[name]} for name in names if name in foreign)]


@pytest.mark.parametrize(("organization", "role"), FOREIGN)
def test_lists_show_a_foreign_organisation_nothing(ground: Ground, organization: str, role: Role) -> None:
    leaks = []
    for address, method in ground.addresses(reads=True, objects=False):
        for query in queries(ground, address):
            answer = ground.ask(address, method, organization, role, query_string=query)
            if KEPT in told(answer) or (answer.mimetype == "application/pdf" and query):
                leaks.append(f"{answer.status_code} {address.rule} {query}")
    assert not leaks, "\n".join(leaks)


def variants(body: dict[str, Any], found: Objects) -> Iterator[dict[str, Any]]:
    """Yield a body with foreign numbers where it has any, and with one in each of its empty places."""
    if re.search(r"_ids?': '?\[?'?[0-9]", str(body)):
        yield body
    for name, value in body.items():
        if value is None and name in found.ids:
            yield {**body, name: found.ids[name]}
        elif isinstance(value, list):
            for item in value:
                inner = variants(item, found) if isinstance(item, dict) else []
                yield from ({**body, name: [one]} for one in inner)


@pytest.mark.parametrize("organization", ["mine", "supplier", "rival"])
def test_foreign_numbers_in_what_is_sent_are_refused(ground: Ground, organization: str) -> None:
    before, leaks, asked = ground.changes((organization, Role.ADMIN)), [], 0
    for address, method in ground.addresses(reads=False, objects=False):
        sent = ground.body(address, method)
        for body in variants(sent.get("json") or sent.get("data") or {}, ground.found):
            given: dict[str, Any] = {"json" if "json" in sent else "data": body}
            answer = ground.ask(address, method, organization, Role.ADMIN, **given)
            asked += 1
            accepted = answer.status_code < 400 and not (answer.is_json and answer.get_json().get("accepted") == 0)
            if accepted or KEPT in told(answer):
                leaks.append(f"{answer.status_code} {method} {address.rule} {body} {answer.text[:200]}")
    assert not leaks, "\n".join(leaks)
    assert asked > 30
    assert ground.changes() == before


def test_a_former_partner_sees_what_is_of_its_time(ground: Ground) -> None:
    garage, early = Caller(ground.app, ground.world, "garage"), ground.found.early
    machine = ground.found.ids["machine_id"]
    for path in (f"/machines/{machine}", f"/faults/{early['fault_id']}", f"/work-orders/{early['order_id']}"):
        assert KEPT in str(garage.get(path)), path
    assert garage.get(f"/readings/{early['reading_id']}")["display"] == "1"
    assert [row["id"] for row in garage.get(f"/faults?machine_id={machine}")["items"]] == [early["fault_id"]]
    assert [row["id"] for row in garage.get("/work-orders")["items"]] == [early["order_id"]]
    assert [row["id"] for row in garage.get(f"/machines/{machine}/readings")["items"]] == [early["reading_id"]]


def test_a_former_partner_sees_nothing_later(ground: Ground) -> None:
    leaks = []
    for address, method in ground.addresses(reads=True):
        queried = queries(ground, address) if not address.arguments else [{}]
        for query in queried:
            answer = ground.ask(address, method, "garage", query_string=query)
            words = told(answer)
            later = bool(LATER_OBJECTS & address.arguments) and answer.status_code != 404
            if later or LATER in words or any(re.search(rf"(?<![\w-]){hours}", words) for hours in LATER_HOURS):
                leaks.append(f"{answer.status_code} {address.rule} {query}")
    assert not leaks, "\n".join(leaks)


def test_a_former_partner_changes_nothing(ground: Ground) -> None:
    before, leaks = ground.changes(("garage", Role.ADMIN)), []
    for address, method in ground.addresses(reads=False, objects=True):
        answer = ground.ask(address, method, "garage", **ground.body(address, method))
        shown_again = answer.status_code == 422 and not address.rule.startswith("/api/")
        if answer.status_code != 404 and not shown_again:
            leaks.append(f"{answer.status_code} {method} {address.rule} {answer.text[:300]}")
    assert not leaks, "\n".join(leaks)
    assert ground.changes() == before


def test_a_supplier_sees_its_parts_and_no_machine(ground: Ground) -> None:
    maker, supplier = (Caller(ground.app, ground.world, name) for name in ("maker", "supplier"))
    number = ground.world.organizations["supplier"]
    part = maker.post("/parts", {"number": "SUPPLIED-1", "name": "Seal", "supplier_id": number})["id"]
    assert [row["id"] for row in supplier.get("/parts")["items"]] == [part]
    assert supplier.get(f"/parts/{part}")["number"] == "SUPPLIED-1"
    for listed in ("machines", "models", "faults", "work-orders", "components", "certificates", "due-tasks"):
        assert supplier.get(f"/{listed}")["items"] == []


def test_a_public_page_offers_public_documents_only(ground: Ground) -> None:
    public, private = ground.found.words["public_id"], ground.found.ids["document_id"]
    client = ground.app.test_client()
    assert client.get(f"/m/{public}/documents/{private}").status_code == 404
    for path in (f"/m/{public}", f"/api/v1/public-machines/{public}"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert LATER not in told(answer)
