"""Orders to suppliers, own production and refurbishment: list, draft, steps, promises, receipts."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission, require
from aftersales.models import SupplyOrder
from aftersales.planning.ordering import order_proposed
from aftersales.purchasing import printing, queries, service
from aftersales.purchasing.rules import UNDERWAY
from aftersales.purchasing.service import Delivered, LineData, Promise
from aftersales.stock import queries as stock
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.pages.machines import pdf
from api.pages.parts import part_numbered
from api.schemas.purchasing import SupplyOrderChangeBody, SupplyOrderQuery, SupplyReasonBody, TakeBackBody
from api.schemas.purchasing_forms import PromisesForm, ProposedForm, SupplyLineForm, SupplyOrderForm, SupplyReceiptForm

pages = Blueprint("supply_pages", __name__)
ORDER = "/supply-orders/<id:supply_order_id>"
EMPTY_ROWS = 5


@pages.get("/supply-orders")
@auth.signed_in
def list_orders() -> ResponseReturnValue:
    """List orders, newest first; late ones are marked."""
    query = load_query(SupplyOrderQuery)
    limit, text = query.pop("limit"), query.pop("search")
    with reading() as work:
        session, actor, today = work.session, work.actor, work.now.date()
        rows = queries.orders(session, actor, today, text=text, limit=limit + 1, **query)
        late = queries.orders(session, actor, today, late_only=True, limit=100)
        page = paged(rows, limit, key=lambda row: row.order.id)
        return render_template("supply/list.html", page=page, query=query, search=text, late=len(late))


@pages.get("/supply-orders/new")
@auth.signed_in
def show_new_order() -> ResponseReturnValue:
    """Ask for a new order."""
    with reading() as work:
        require(work.actor, Permission.SUPPLY_ORDER)
        return render_template("supply/new.html", rows=EMPTY_ROWS, **_around(work))


@pages.post("/supply-orders/new")
@auth.signed_in
@posted(SupplyOrderForm, again=show_new_order)
def create_order(work: Work, form: dict[str, Any]) -> Done:
    """Draft an order."""
    rows = form.pop("lines")
    lines = [_line(work, row, f"lines-{place}-part_number") for place, row in enumerate(rows)]
    order = service.create_order(work, lines=lines, **form)
    return _to(order, N_("Order %(number)s is drafted"))


@pages.post("/supply-orders/from-proposals")
@auth.signed_in
@posted(ProposedForm, again=list_orders)
def order_from_proposals(work: Work, form: dict[str, Any]) -> Done:
    """Draft what the forecast proposes to order, an order for each supplier."""
    orders = order_proposed(work, form["part_ids"])
    numbers = ", ".join(order.number for order in orders)
    target = url_for(".show_order", supply_order_id=orders[0].id) if len(orders) == 1 else url_for(".list_orders")
    return done(target, N_("Drafted on %(numbers)s. It is ordered once it is approved and sent."), numbers=numbers)


@pages.get(ORDER)
@auth.signed_in
def show_order(supply_order_id: int) -> ResponseReturnValue:
    """Show an order with its lines, what came, and what can be done now."""
    with reading() as work:
        actor = work.actor
        view = queries.order(work.session, actor, supply_order_id, work.now.date())
        may_promise = actor.may(Permission.SUPPLY_ORDER if view.is_own else Permission.SUPPLY_CONFIRM)
        is_underway = view.order.state in UNDERWAY
        return render_template(
            "supply/order.html",
            view=view,
            order=view.order,
            may_change=view.is_own and actor.may(Permission.SUPPLY_ORDER),
            may_approve=view.is_own and actor.may(Permission.SUPPLY_APPROVE),
            may_receive=view.is_own and actor.may(Permission.SUPPLY_RECEIVE) and is_underway,
            may_promise=may_promise and is_underway,
            places=_places(work) if view.is_own and actor.may(Permission.STOCK_READ) else [],
        )


@pages.get(f"{ORDER}/order.pdf")
@auth.signed_in
def print_order(supply_order_id: int) -> ResponseReturnValue:
    """Print an order in the supplier's language."""
    with reading() as work:
        return pdf(printing.order_pdf(work, supply_order_id))


@pages.post(ORDER)
@auth.signed_in
@posted(SupplyOrderChangeBody, again=show_order, versioned=True)
def change_order(work: Work, form: dict[str, Any], supply_order_id: int, expected_version: int | None) -> Done:
    """Change place or note of a draft."""
    return _to(service.change_order(work, supply_order_id, form, expected_version), N_("Order %(number)s is changed"))


@pages.post(f"{ORDER}/lines")
@auth.signed_in
@posted(SupplyLineForm, again=show_order, versioned=True)
def add_line(work: Work, form: dict[str, Any], supply_order_id: int, expected_version: int | None) -> Done:
    """Put a part on a draft."""
    line = _line(work, form, "part_number")
    return _to(service.add_line(work, supply_order_id, line, expected_version), N_("Order %(number)s is changed"))


@pages.post(f"{ORDER}/lines/<id:line_id>/removal")
@auth.signed_in
@posted(None, again=lambda supply_order_id, line_id: show_order(supply_order_id), versioned=True)
def remove_line(
    work: Work, form: dict[str, Any], supply_order_id: int, line_id: int, expected_version: int | None
) -> Done:
    """Take a line off a draft."""
    order = service.remove_line(work, supply_order_id, line_id, expected_version)
    return _to(order, N_("Order %(number)s is changed"))


@pages.post(f"{ORDER}/promises")
@auth.signed_in
@posted(PromisesForm, again=show_order, versioned=True)
def confirm(work: Work, form: dict[str, Any], supply_order_id: int, expected_version: int | None) -> Done:
    """Note the days the supplier promises; lines without a day stay as they are."""
    promises = [Promise(row["line_id"], row["confirmed_on"]) for row in form["promises"] if row["confirmed_on"]]
    order = service.confirm(work, supply_order_id, promises, expected_version)
    return _to(order, N_("The days of order %(number)s are noted"))


@pages.post(f"{ORDER}/receipts")
@auth.signed_in
@posted(SupplyReceiptForm, again=show_order, versioned=True)
def receive(work: Work, form: dict[str, Any], supply_order_id: int, expected_version: int | None) -> Done:
    """Receive what came; lines left empty did not come."""
    rows = form.pop("delivered")
    came = [_delivered(row) for row in rows if row["quantity"] is not None or row["serials"]]
    order = service.receive(work, supply_order_id, came, expected_version=expected_version, **form)
    return _to(order, N_("Received on order %(number)s and put into stock"))


@pages.post("/supply-receipts/<id:receipt_id>/reversal")
@auth.signed_in
@posted(TakeBackBody, again=lambda receipt_id: list_orders())
def take_back(work: Work, form: dict[str, Any], receipt_id: int) -> Done:
    """Take a receipt back that should not have been."""
    return _to(service.take_back(work, receipt_id, **form), N_("The receipt is taken back; the line is open again"))


def _step(name: str, use_case: Callable[..., SupplyOrder], message: str, *, with_reason: bool = False) -> None:
    @posted(SupplyReasonBody if with_reason else None, again=show_order, versioned=True)
    def view(work: Work, form: dict[str, Any], supply_order_id: int, expected_version: int | None) -> Done:
        return _to(use_case(work, supply_order_id, expected_version=expected_version, **form), message)

    endpoint = f"order_{name.replace('-', '_')}"
    pages.add_url_rule(f"{ORDER}/{name}", endpoint, auth.signed_in(view), methods=["POST"])


_step("approval", service.approve, N_("Order %(number)s is approved"))
_step("approval-withdrawal", service.back_to_draft, N_("Order %(number)s is a draft again"))
_step("sending", service.send, N_("Order %(number)s is sent; its supplier sees it here now"))
_step("cancellation", service.cancel, N_("Order %(number)s is cancelled"), with_reason=True)
_step("rest-given-up", service.give_up_rest, N_("Order %(number)s is closed; its rest is given up"), with_reason=True)


def _to(order: SupplyOrder, message: str) -> Done:
    return done(url_for("supply_pages.show_order", supply_order_id=order.id), message, number=order.number)


def _line(work: Work, row: dict[str, Any], field: str) -> LineData:
    """Turn a row of the form into a line, its part by number."""
    return LineData(part_id=part_numbered(work, row.pop("part_number"), field), **row)


def _delivered(row: dict[str, Any]) -> Delivered:
    serials = tuple(line.strip() for line in row["serials"].splitlines() if line.strip())
    return Delivered(line_id=row["line_id"], quantity=row["quantity"], serial_numbers=serials)


def _around(work: Work) -> dict[str, Any]:
    """Return what the forms choose from."""
    suppliers = [(partner.id, partner.name) for partner in queries.suppliers(work.session, work.actor)]
    return {"suppliers": suppliers, "places": _places(work)}


def _places(work: Work) -> list[tuple[int, str]]:
    rows = stock.locations(work.session, work.actor)
    return [(row.location.id, f"{row.location.code} · {row.location.name}") for row in rows]
