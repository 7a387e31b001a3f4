"""Supply orders: draft, approve, send, confirm, receive; what is to come and how long it takes."""

from typing import Any

from flask import Response

from aftersales.planning.ordering import order_proposed
from aftersales.purchasing import printing, queries, service
from aftersales.purchasing.queries import OrderView
from aftersales.purchasing.service import LineData
from aftersales.work import Work
from api.http import Paged, Room, paged
from api.schemas.base import Empty
from api.schemas.purchasing import (
    IncomingAnswer,
    IncomingQuery,
    LeadTimeAnswer,
    LeadTimeQuery,
    PromisesBody,
    ProposedBody,
    SupplierAnswer,
    SupplyLineBody,
    SupplyLineChangeBody,
    SupplyOrderAnswer,
    SupplyOrderBody,
    SupplyOrderChangeBody,
    SupplyOrderQuery,
    SupplyOrdersAnswer,
    SupplyOrderWholeAnswer,
    SupplyPaperQuery,
    SupplyReasonBody,
    SupplyReceiptBody,
    TakeBackBody,
)

room = Room("purchasing", __name__, "Supply orders: purchase, production, refurbishment")
ORDER = "/supply-orders/<id:supply_order_id>"
PDF = "application/pdf"


def shown(work: Work, order_id: int) -> OrderView:
    """Return an order as its readers see it."""
    return queries.order(work.session, work.actor, order_id, work.now.date())


@room.reads("/supply-orders", answer=SupplyOrderAnswer, query=SupplyOrderQuery, listed=True)
def list_supply_orders(work: Work, query: dict[str, Any]) -> Paged:
    """List your organisation's orders and those sent to it, newest first."""
    limit, text = query.pop("limit"), query.pop("search")
    rows = queries.orders(work.session, work.actor, work.now.date(), text=text, limit=limit + 1, **query)
    return paged(rows, limit, key=lambda row: row.order.id)


@room.writes("POST", "/supply-orders", body=SupplyOrderBody, answer=SupplyOrderWholeAnswer, status=201)
def create_supply_order(work: Work, body: dict[str, Any]) -> OrderView:
    """Draft an order."""
    return shown(work, service.create_order(work, **body).id)


@room.writes("POST", "/reorder-proposals/orders", body=ProposedBody, answer=SupplyOrdersAnswer, status=201)
def order_reorder_proposals(work: Work, body: dict[str, Any]) -> dict[str, Any]:
    """Draft orders of what is proposed for these parts, one for each supplier."""
    return {"orders": [shown(work, order.id) for order in order_proposed(work, **body)]}


@room.reads(ORDER, answer=SupplyOrderWholeAnswer)
def get_supply_order(work: Work, supply_order_id: int) -> OrderView:
    """Show an order with its lines, receipts and steps."""
    return shown(work, supply_order_id)


@room.reads(f"{ORDER}/pdf", answer=None, query=SupplyPaperQuery, media=PDF)
def print_supply_order(work: Work, query: dict[str, Any], supply_order_id: int) -> Response:
    """Print an order, in the supplier's language unless another is asked for."""
    return Response(printing.order_pdf(work, supply_order_id, **query), content_type=PDF)


@room.writes("PATCH", ORDER, body=SupplyOrderChangeBody, answer=SupplyOrderWholeAnswer, versioned=True)
def change_supply_order(work: Work, body: dict[str, Any], supply_order_id: int, expected_version: int) -> OrderView:
    """Change place or note of a draft."""
    return shown(work, service.change_order(work, supply_order_id, body, expected_version).id)


@room.writes("POST", f"{ORDER}/lines", body=SupplyLineBody, answer=SupplyOrderWholeAnswer, status=201)
def add_supply_line(work: Work, body: LineData, supply_order_id: int) -> OrderView:
    """Put another part on a draft."""
    return shown(work, service.add_line(work, supply_order_id, body).id)


@room.writes(
    "PATCH", f"{ORDER}/lines/<id:line_id>", body=SupplyLineChangeBody, answer=SupplyOrderWholeAnswer, versioned=True
)
def change_supply_line(
    work: Work, body: dict[str, Any], supply_order_id: int, line_id: int, expected_version: int
) -> OrderView:
    """Change a line of a draft; the version is the order's."""
    return shown(work, service.change_line(work, supply_order_id, line_id, body, expected_version).id)


@room.writes("POST", f"{ORDER}/lines/<id:line_id>/removal", body=Empty, answer=SupplyOrderWholeAnswer)
def remove_supply_line(work: Work, body: dict[str, Any], supply_order_id: int, line_id: int) -> OrderView:
    """Take a line off a draft."""
    return shown(work, service.remove_line(work, supply_order_id, line_id).id)


@room.writes("POST", f"{ORDER}/approval", body=Empty, answer=SupplyOrderWholeAnswer)
def approve_supply_order(work: Work, body: dict[str, Any], supply_order_id: int) -> OrderView:
    """Approve a draft."""
    return shown(work, service.approve(work, supply_order_id).id)


@room.writes("POST", f"{ORDER}/approval-withdrawal", body=Empty, answer=SupplyOrderWholeAnswer)
def redraft_supply_order(work: Work, body: dict[str, Any], supply_order_id: int) -> OrderView:
    """Take the approval back: the order is a draft again."""
    return shown(work, service.back_to_draft(work, supply_order_id).id)


@room.writes("POST", f"{ORDER}/sending", body=Empty, answer=SupplyOrderWholeAnswer)
def send_supply_order(work: Work, body: dict[str, Any], supply_order_id: int) -> OrderView:
    """Note that an approved order went out; its supplier sees it from now on."""
    return shown(work, service.send(work, supply_order_id).id)


@room.writes("POST", f"{ORDER}/cancellation", body=SupplyReasonBody, answer=SupplyOrderWholeAnswer)
def cancel_supply_order(work: Work, body: dict[str, Any], supply_order_id: int) -> OrderView:
    """Cancel an order of which nothing came."""
    return shown(work, service.cancel(work, supply_order_id, **body).id)


@room.writes("POST", f"{ORDER}/rest-given-up", body=SupplyReasonBody, answer=SupplyOrderWholeAnswer)
def give_up_supply_rest(work: Work, body: dict[str, Any], supply_order_id: int) -> OrderView:
    """Close an order of which a part came."""
    return shown(work, service.give_up_rest(work, supply_order_id, **body).id)


@room.writes("POST", f"{ORDER}/promises", body=PromisesBody, answer=SupplyOrderWholeAnswer)
def confirm_supply_order(work: Work, body: dict[str, Any], supply_order_id: int) -> OrderView:
    """Confirm the days lines will come: the supplier itself, or who heard it from the supplier."""
    return shown(work, service.confirm(work, supply_order_id, body["promises"]).id)


@room.writes("POST", f"{ORDER}/receipts", body=SupplyReceiptBody, answer=SupplyOrderWholeAnswer, status=201)
def receive_supply_order(work: Work, body: dict[str, Any], supply_order_id: int) -> OrderView:
    """Receive what came into stock."""
    return shown(work, service.receive(work, supply_order_id, **body).id)


@room.writes("POST", "/supply-receipts/<id:receipt_id>/reversal", body=TakeBackBody, answer=SupplyOrderWholeAnswer)
def take_supply_receipt_back(work: Work, body: dict[str, Any], receipt_id: int) -> OrderView:
    """Take a receipt back that should not have been."""
    return shown(work, service.take_back(work, receipt_id, **body).id)


@room.reads("/supply-lead-times", answer=LeadTimeAnswer, query=LeadTimeQuery, listed=True)
def list_supply_lead_times(work: Work, query: dict[str, Any]) -> Paged:
    """List how long past deliveries took, by part and supplier."""
    part_id = query.pop("part_id")
    part_ids = None if part_id is None else [part_id]
    return Paged(queries.lead_times(work.session, work.actor, part_ids=part_ids, **query), None)


@room.reads("/incoming-parts", answer=IncomingAnswer, query=IncomingQuery, listed=True)
def list_incoming_parts(work: Work, query: dict[str, Any]) -> Paged:
    """List what is still to come, by the day it is expected."""
    return Paged(queries.incoming(work.session, work.actor, work.now.date(), **query), None)


@room.reads("/suppliers", answer=SupplierAnswer, listed=True)
def list_suppliers(work: Work) -> Paged:
    """List whom your organisation can order from."""
    return Paged(queries.suppliers(work.session, work.actor), None)
