"""One object of every kind, made through the API by those whose it is, each carrying a word to be looked for.

``KEPT`` stands in all that only the machine's own people may read, ``LATER`` in what was written after the former
service partner's time. The maker has the model, parts, programme and policies; the quarry owns and runs the machine;
the partner serves it and has the stock; the garage served it before; the rival makes machines of its own.
"""

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from aftersales.access import SYSTEM
from aftersales.certificates import service as certificates
from aftersales.clock import FixedClock
from aftersales.models import Organization, User
from aftersales.people import service as people
from aftersales.planning import service as planning
from aftersales.vocabulary import OrganizationKind, Role
from aftersales.work import Workshop
from api.auth import SESSION_KEY
from tests import world as worlds
from tests.api.pages.test_work_orders import drawing
from tests.world import World

KEPT = "ZQX7KEPT"
LATER = f"{KEPT}LATER"
SEARCHED = "ZQX7"
BEFORE = datetime(2025, 3, 1, 12, tzinfo=UTC)
AFTER = datetime(2026, 6, 1, 12, tzinfo=UTC)
READ_LATER, NOTED_LATER = "4242.125", "4317"
LATER_HOURS = (r"4[,.]?242", r"4[,.]?317")
MORE = {"garage": OrganizationKind.SERVICE_PARTNER, "rival": OrganizationKind.MANUFACTURER}
FINDING = {"mode": "NOI", "mechanism": "mechanical", "cause": "operation", "detection": "operation"}


@dataclass
class Objects:
    """The objects by the names that addresses and bodies have for their numbers."""

    ids: dict[str, int] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    early: dict[str, int] = field(default_factory=dict)


class Caller:
    """A client of the API as somebody."""

    def __init__(self, app: Flask, world: World, organization: str, role: Role = Role.ADMIN) -> None:
        self.http: FlaskClient = app.test_client()
        self.headers = world.bearer(organization, role)

    def post(self, path: str, body: Any = None, **data: Any) -> Any:
        """Return what a change answers; it must succeed."""
        sent = data or {"json": {} if body is None else body}
        answer = self.http.post(f"/api/v1{path}", headers=self.headers, **sent)
        assert answer.status_code in {200, 201}, (path, answer.text[:600])
        return answer.get_json()

    def get(self, path: str) -> Any:
        """Return what is there."""
        answer = self.http.get(f"/api/v1{path}", headers=self.headers)
        assert answer.status_code == 200, (path, answer.text[:600])
        return answer.get_json()


def browser(app: Flask, world: World, organization: str, role: Role = Role.ADMIN) -> FlaskClient:
    """Return a client that is signed in as somebody and asks for pages."""
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction(SYSTEM) as work:
        token = people.open_session(work, work.session.get_one(User, world.users[organization, role]))
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    with client.session_transaction() as session:
        session[SESSION_KEY] = token
    return client


def with_more_organizations(shop: Workshop, world: World) -> None:
    """Add the garage and the rival with a user of each role."""
    with Session(shop.engine, expire_on_commit=False) as session:
        for name, kind in MORE.items():
            row = Organization(name=f"{name} ltd", kinds=[kind.value], country="HR", created_at=worlds.EPOCH)
            session.add(row)
            session.flush()
            world.organizations[name] = row.id
            worlds._users(session, world, name)
        session.commit()


def with_objects(app: Flask, world: World, clock: FixedClock) -> Objects:
    """Make one object of every kind, some in the garage's time and the rest after it."""
    shop: Workshop = app.extensions["workshop"]
    with_more_organizations(shop, world)
    found = Objects()
    clock.at = BEFORE
    _model(app, world, found)
    _machine(app, world, found)
    _garage_time(app, world, found)
    clock.at = AFTER
    _people(app, world, found)
    _stock(app, world, found)
    _faults(app, world, found)
    _order(app, world, found)
    _closed_order(app, world, found, shop)
    _warranty(app, world, found)
    _supply(app, world, found)
    _forecast(app, world, found, shop)
    return found


def _model(app: Flask, world: World, found: Objects) -> None:
    maker, ids = Caller(app, world, "maker"), found.ids
    ids["model_id"] = maker.post("/models", {"code": f"{KEPT}-M", "name": f"{KEPT} crusher"})["id"]
    model = f"/models/{ids['model_id']}"
    for name, number, serialised in (
        ("part_id", "PUMP", True),
        ("alternate_id", "PUMP-2", True),
        ("new_id", "PUMP-3", True),
        ("seal_id", "SEAL", False),
    ):
        part = {"number": f"{KEPT}-{number}", "name": f"{KEPT} {number}", "serialised": serialised, "price": "10"}
        ids[name] = maker.post("/parts", part)["id"]
    maker.post(f"/parts/{ids['part_id']}/alternates", {"alternate_id": ids["alternate_id"], "note": KEPT})
    maker.post(f"/parts/{ids['part_id']}/supersession", {"new_id": ids["new_id"], "valid_from": "2030-01-01"})
    maker.post(f"{model}/options", {"code": "ARCTIC", "name": KEPT})
    position = {"code": "10", "name": KEPT, "part_id": ids["part_id"], "quantity": 2}
    ids["position_id"] = maker.post(f"{model}/positions", position)["id"]
    template = {"characteristics": [{"name": KEPT, "unit": "bar", "lower": "7.5", "upper": "10"}]}
    ids["characteristic_id"] = maker.post(f"{model}/test-templates", template)["characteristics"][0]["id"]
    task = {"code": "250h", "name": KEPT, "every_hours": "250", "checklist": [{"text": KEPT}]}
    programme = maker.post("/programmes", {"model_id": ids["model_id"], "name": KEPT, "tasks": [task]})
    ids["programme_id"], ids["task_id"] = programme["id"], programme["tasks"][0]["id"]
    maker.post(f"/programmes/{programme['id']}/publication")
    ids["document_id"] = _document(maker, model_id=ids["model_id"])


def _document(caller: Caller, **applies: int) -> int:
    said = {"kind": "manual", "title": KEPT, "language": "en", **{name: str(value) for name, value in applies.items()}}
    file = (io.BytesIO(b"%PDF-1.7 " + KEPT.encode()), "manual.pdf")
    return int(caller.post("/documents", data={**said, "file": file})["id"])


def _machine(app: Flask, world: World, found: Objects) -> None:
    maker, ids = Caller(app, world, "maker"), found.ids
    machine = maker.post("/machines", {"model_id": ids["model_id"], "serial_number": f"{KEPT}-SN"})
    ids["machine_id"], found.words["public_id"] = machine["id"], machine["public_id"]
    path = f"/machines/{machine['id']}"
    for role, name in (
        ("service_partner", "garage"),
        ("service_partner", "partner"),
        ("guest", "partner"),
        ("operator", "quarry"),
        ("owner", "quarry"),
    ):
        party = maker.post(f"{path}/parties", {"role": role, "organization_name": f"{name} ltd"})
        found.early.setdefault("party_id", party["id"])
        if role == "guest":
            ids["party_id"] = party["id"]
    state = {"state": "in_operation", "commissioned_on": "2025-03-01", "note": KEPT}
    maker.post(f"{path}/passport-reconstruction", state)
    maker.post(f"{path}/meters", {"kind": "hours", "at": "2025-03-01T10:00:00Z", "first_display": "0"})
    stay = {"position_id": ids["position_id"], "slot": 1, "serial_number": f"{KEPT}-S1", "life_hours": "0"}
    ids["component_id"] = maker.post(f"{path}/installations", stay)["component_id"]


def _garage_time(app: Flask, world: World, found: Objects) -> None:
    """What happens while the garage serves the machine, and its leaving."""
    maker, ids, early = Caller(app, world, "maker"), found.ids, found.early
    path = f"/machines/{ids['machine_id']}"
    fault = {"machine_id": ids["machine_id"], "mode": "NOI", "stands_still": False, "text": KEPT}
    early["fault_id"] = Caller(app, world, "quarry").post("/faults", fault)["id"]
    reading = {"kind": "hours", "at": "2025-03-01T12:00:00Z", "display": "1"}
    early["reading_id"] = maker.post(f"{path}/readings", reading)["id"]
    order = {"kind": "inspection", "machine_id": ids["machine_id"], "title": "garage's own"}
    early["order_id"] = Caller(app, world, "garage").post("/work-orders", order)["id"]
    clock = app.extensions["workshop"].clock
    assert isinstance(clock, FixedClock)
    clock.at = datetime(2025, 6, 1, 12, tzinfo=UTC)
    Caller(app, world, "quarry").post(f"{path}/parties/{early['party_id']}/ending")


def _people(app: Flask, world: World, found: Objects) -> None:
    quarry, maker, ids = Caller(app, world, "quarry"), Caller(app, world, "maker"), found.ids
    user = {"email": "zqx7kept@quarry.example.com", "full_name": KEPT, "role": "operator"}
    ids["user_id"] = quarry.post("/users", user)["id"]
    ids["site_id"] = quarry.post("/sites", {"name": KEPT, "time_zone": "Europe/Zagreb"})["id"]
    login = {"email": "admin@maker.example.com", "password": worlds.PASSWORD, "name": KEPT, "scopes": ["part:read"]}
    ids["token_id"] = maker.post("/tokens", login)["id"]
    path = f"/machines/{ids['machine_id']}"
    quarry.post(f"{path}/site-moves", {"site_id": ids["site_id"]})
    maker.post(f"{path}/passport-entries", {"kind": "note", "text": LATER})
    reading = {"kind": "hours", "at": "2026-05-01T12:00:00Z", "display": READ_LATER}
    ids["reading_id"] = quarry.post(f"{path}/readings", reading)["id"]
    found.early["document_id"] = _document(maker, machine_id=ids["machine_id"])


def _stock(app: Flask, world: World, found: Objects) -> None:
    partner, ids = Caller(app, world, "partner"), found.ids
    place = {"code": f"{KEPT}-A", "name": KEPT, "kind": "warehouse"}
    ids["location_id"] = partner.post("/locations", place)["id"]
    ids["to_location_id"] = partner.post("/locations", {**place, "code": f"{KEPT}-B"})["id"]
    seal = {"part_id": ids["seal_id"], "location_id": ids["location_id"], "condition": "new"}
    ids["move_id"] = partner.post("/stock-receipts", {**seal, "quantity": "20", "note": KEPT, "document": KEPT})["id"]
    pump = {"part_id": ids["part_id"], "location_id": ids["location_id"], "condition": "new", "quantity": "1"}
    for number in ("S2", "S3"):
        partner.post("/stock-receipts", {**pump, "serial_number": f"{KEPT}-{number}"})
    ids["reservation_id"] = partner.post("/reservations", {**seal, "quantity": "1", "note": KEPT})["id"]
    elsewhere = {**seal, "location_id": ids["to_location_id"], "counted": "3"}
    ids["count_id"] = partner.post("/stock-counts", elsewhere)["id"]


def _faults(app: Flask, world: World, found: Objects) -> None:
    quarry, ids = Caller(app, world, "quarry"), found.ids
    fault = {"machine_id": ids["machine_id"], "mode": "NOI", "stands_still": False, "text": LATER, "contact": LATER}
    ids["fault_id"] = quarry.post("/faults", fault)["id"]
    ids["of_id"] = quarry.post("/faults", {**fault, "text": f"{LATER} again"})["id"]
    output = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(output, "JPEG")
    path = f"/faults/{ids['fault_id']}/photos"
    photo = quarry.post(path, data=output.getvalue(), content_type="image/jpeg")["photos"][0]
    found.words["digest"] = photo if isinstance(photo, str) else photo["file_hash"]


def _order(app: Flask, world: World, found: Objects) -> None:
    """A job that is being done, with a line of each kind."""
    partner, ids = Caller(app, world, "partner"), found.ids
    order = {
        "kind": "repair",
        "machine_id": ids["machine_id"],
        "title": LATER,
        "fault_ids": [ids["fault_id"]],
        "task_ids": [ids["task_id"]],
    }
    ids["order_id"] = partner.post("/work-orders", order)["id"]
    path = f"/work-orders/{ids['order_id']}"
    use = {"part_id": ids["seal_id"], "location_id": ids["location_id"], "quantity": "1", "condition": "new"}
    partner.post(f"{path}/parts", use)
    exchange = {
        "position_id": ids["position_id"],
        "slot": 1,
        "removed_serial_number": f"{KEPT}-S1",
        "removal_reason": "failure",
        "fate": "core",
        "core_location_id": ids["location_id"],
        "fitted_part_id": ids["part_id"],
        "fitted_serial_number": f"{KEPT}-S2",
    }
    partner.post(f"{path}/exchanges", exchange)
    partner.post(f"{path}/findings", {**FINDING, "text": LATER})
    signed = {"role": "customer", "name": LATER, "drawing": drawing()}
    assert browser(app, world, "partner").post(f"{path}/signatures", data=signed).status_code == 303
    shown = partner.get(path)
    for name, line in (
        ("use_id", "parts"),
        ("exchange_id", "exchanges"),
        ("finding_id", "findings"),
        ("sign_off_id", "sign_offs"),
        ("result_id", "checklist"),
    ):
        ids[name] = shown[line][0]["id"]


def _closed_order(app: Flask, world: World, found: Objects, shop: Workshop) -> None:
    """A job done and certified, its costs decided."""
    maker, partner, ids = Caller(app, world, "maker"), Caller(app, world, "partner"), found.ids
    clause = {"number": "2.1", "kind": "term", "text": KEPT, "cost_class": "parts", "months": 60, "hours": "9000"}
    policy = {"code": f"{KEPT}-W", "name": KEPT, "model_id": ids["model_id"], "clauses": [clause]}
    maker.post("/warranty-policies", policy)
    maker.post(f"/machines/{ids['machine_id']}/warranty")
    order = {"kind": "inspection", "machine_id": ids["machine_id"], "title": LATER}
    path = f"/work-orders/{partner.post('/work-orders', order)['id']}"
    use = {"part_id": ids["seal_id"], "location_id": ids["location_id"], "quantity": "1", "condition": "new"}
    partner.post(f"{path}/parts", use)
    partner.post(f"{path}/starts", {"at": "2026-06-01T10:00:00Z"})
    partner.post(f"{path}/signatures", {"role": "customer", "name": LATER})
    partner.post(f"{path}/completion", {"summary": LATER, "meter_hours": NOTED_LATER})
    closed = partner.post(f"{path}/closing", {})
    ids["certificate_id"] = closed["certificate_ids"][0]
    ids["closed_order_id"] = closed["id"]
    certificates.render_issued(shop, SYSTEM, {"certificate_id": ids["certificate_id"]})
    ids["coverage_id"] = maker.get("/coverages")["items"][0]["id"]


def _warranty(app: Flask, world: World, found: Objects) -> None:
    maker, ids = Caller(app, world, "maker"), found.ids
    clause = {"number": "3.1", "kind": "term", "text": KEPT, "cost_class": "parts", "months": 12}
    policy = {
        "code": f"{KEPT}-X",
        "name": KEPT,
        "is_extension": True,
        "price": "900",
        "model_id": ids["model_id"],
        "offer_days_before_end": 3650,
        "clauses": [clause],
    }
    ids["policy_id"] = maker.post("/warranty-policies", policy)["id"]
    offer = {"machine_id": ids["machine_id"], "policy_id": ids["policy_id"]}
    ids["offer_id"] = maker.post("/extension-offers", offer)["id"]


def _supply(app: Flask, world: World, found: Objects) -> None:
    """The partner's order to the maker, of which a part came."""
    partner, ids = Caller(app, world, "partner"), found.ids
    wanted = {"part_id": ids["seal_id"], "quantity": "5", "plan_reference": KEPT}
    order = {"kind": "purchase", "supplier_id": world.organizations["maker"], "location_id": ids["location_id"]}
    made = partner.post("/supply-orders", {**order, "note": KEPT, "lines": [wanted]})
    ids["supply_order_id"], ids["line_id"] = made["id"], made["lines"][0]["id"]
    path = f"/supply-orders/{made['id']}"
    for step in ("approval", "sending"):
        partner.post(f"{path}/{step}")
    came = {"delivered": [{"line_id": ids["line_id"], "quantity": "2"}], "delivery_note": KEPT}
    ids["receipt_id"] = partner.post(f"{path}/receipts", came)["lines"][0]["receipts"][0]["id"]


def _forecast(app: Flask, world: World, found: Objects, shop: Workshop) -> None:
    maker, ids = Caller(app, world, "maker"), found.ids
    place = maker.post("/locations", {"code": KEPT, "name": KEPT, "kind": "warehouse"})["id"]
    seal = {"part_id": ids["seal_id"], "location_id": place, "condition": "new"}
    maker.post("/stock-receipts", {**seal, "quantity": "40", "at": "2025-10-01T09:00:00Z", "origin": "adjustment"})
    for month in range(1, 6):
        maker.post("/stock-issues", {**seal, "quantity": "3", "at": f"2026-0{month}-10T09:00:00Z"})
    run = planning.run_forecast(shop, world.actor("maker", Role.ADMIN), horizon=3)
    assert run is not None
    ids["run_id"] = run
    ids["stock_policy_id"] = maker.post("/stock-policies", {"note": KEPT})["id"]
    maker.post(f"/parts/{ids['part_id']}/stock-decisions", {"criticality": "vital", "reason": KEPT})
    maker.post("/stock-issues", {**seal, "quantity": "24"})
    ids["plan_id"] = maker.post("/plans", {"horizon": 3})["id"]
    planned = maker.get(f"/plans/{ids['plan_id']}/orders")["items"]
    ids["planned_order_id"] = next(row["id"] for row in planned if row["part_id"] == ids["seal_id"])
