"""Work orders: list and board, a new one, and the page the engineer works from."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.complaints import queries as complaints
from aftersales.complaints import symptoms
from aftersales.complaints.rules import OPEN
from aftersales.maintenance.queries import due_for_machine
from aftersales.models import Machine
from aftersales.orders import order_page, queries, service
from aftersales.orders.order_page import OrderPage
from aftersales.orders.planning import overlaps_of
from aftersales.orders.rules import ENDED
from aftersales.parts import queries as parts
from aftersales.registry import queries as registry
from aftersales.stock import queries as stock
from aftersales.translate import LANGUAGE_NAMES, N_
from aftersales.vocabulary import DueStatus, OrderKind
from aftersales.work import Work
from api import auth
from api.errors import speak
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.schemas.work_orders import (
    CancellationBody,
    ClosingBody,
    FinishBody,
    OrderCorrectionBody,
    PlanBody,
    WorkOrderBody,
    WorkOrderQuery,
)

pages = Blueprint("work_orders_pages", __name__)
ORDER = "/work-orders/<id:order_id>"
FATES: Mapping[str, str] = {
    "core": N_("Comes back to us"),
    "scrap": N_("Scrap"),
    "returned": N_("Sent back to its owner"),
    "kept": N_("The customer keeps it"),
}
Options = list[tuple[Any, str]]


def _listed(machine_id: int | None) -> ResponseReturnValue:
    query = load_query(WorkOrderQuery)
    limit, state = query["limit"], query["state"]
    with reading() as work:
        require(work.actor, Permission.ORDER_READ)
        session, actor = work.session, work.actor
        lines = queries.orders(
            session,
            actor,
            states=[state] if state else [],
            machine_id=machine_id or query["machine_id"],
            assignee_id=query["assignee_id"],
            after=query["after"],
            limit=limit + 1,
        )
        works = actor.may(Permission.ORDER_WORK) or actor.may(Permission.ORDER_PLAN)
        whole = machine_id is None and state is None and query["after"] is None
        return render_template(
            "orders/list.html",
            page=paged(lines, limit, key=lambda line: line.order.id),
            machine=visibility.machine(session, actor, machine_id) if machine_id else None,
            state=state,
            board=queries.board(session, actor) if whole and works else {},
            clock=queries.clock(session, actor) if whole else None,
            may_open=works,
        )


@pages.get("/work-orders")
@auth.signed_in
def list_orders() -> ResponseReturnValue:
    """Show the board of one's own orders and the list of all."""
    return _listed(None)


@pages.get("/machines/<id:machine_id>/work-orders")
@auth.signed_in
def list_machine_orders(machine_id: int) -> ResponseReturnValue:
    """List the work orders of one machine."""
    return _listed(machine_id)


@pages.get("/work-orders/new")
@auth.signed_in
def show_new_order() -> ResponseReturnValue:
    """Ask what is to be done: the machine's open faults and due tasks are offered."""
    asked = request.values.get("machine_id", "")
    machine_id = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else None
    with reading() as work:
        session, actor = work.session, work.actor
        if not actor.may(Permission.ORDER_PLAN):
            require(actor, Permission.ORDER_WORK)
        if machine_id is None:
            rows = registry.list_machines(session, actor, limit=200)
            machines = [(row.machine.id, f"{row.machine.serial_number} · {row.model.name}") for row in rows]
            return render_template("orders/new.html", machine=None, machines=machines)
        machine = visibility.machine(session, actor, machine_id, change=True)
        fault_ids, task_ids = request.values.getlist("fault_ids"), request.values.getlist("task_ids")
        return render_template(
            "orders/new.html",
            machine=machine,
            faults=_open_faults(work, machine),
            tasks=_tasks(work, machine),
            fault_ids=fault_ids,
            task_ids=task_ids,
            kind=OrderKind.MAINTENANCE.value if task_ids and not fault_ids else OrderKind.REPAIR.value,
            places=_places(work),
        )


def _open_faults(work: Work, machine: Machine) -> Options:
    t = speak()
    lines = complaints.faults(work.session, work.actor, machine_id=machine.id, states=sorted(OPEN))
    return [
        (one.fault.id, f"{t.gettext(symptoms.words(one.fault.mode))} {one.fault.text[:60]}".strip()) for one in lines
    ]


def _tasks(work: Work, machine: Machine) -> Options:
    if not work.actor.may(Permission.MAINTENANCE_READ):
        return []
    due = due_for_machine(work.session, work.actor, machine.id, work.now.date())
    return [(task.task_id, f"{task.code} {task.name}") for task in due if task.status is not DueStatus.DONE]


def _places(work: Work) -> Options:
    if not work.actor.may(Permission.STOCK_READ):
        return []
    return [
        (view.location.id, f"{view.location.code} {view.location.name}")
        for view in stock.locations(work.session, work.actor)
    ]


def _parts(work: Work) -> Options:
    if not work.actor.may(Permission.PART_READ):
        return []
    return [
        (row.part.id, f"{row.part.number} {row.part.name}") for row in parts.parts(work.session, work.actor, limit=500)
    ]


@pages.post("/work-orders/new")
@auth.signed_in
@posted(WorkOrderBody, again=show_new_order)
def open_order(work: Work, form: dict[str, Any]) -> Done:
    """Open a work order."""
    opened = service.open_order(work, **form)
    to = url_for(".show_order", order_id=opened.order.id)
    if not opened.short:
        return done(to, N_("Work order %(number)s is open"), number=opened.order.number)
    short = ", ".join(f"{number} × {quantity.normalize():f}" for number, quantity in opened.short)
    message = N_("Work order %(number)s is open. Not enough in stock: %(short)s")
    return done(to, message, number=opened.order.number, short=short)


@pages.get(ORDER)
@auth.signed_in
def show_order(order_id: int) -> ResponseReturnValue:
    """Show an order: what is to be done and was done, and what the engineer needs to do it."""
    with reading() as work:
        require(work.actor, Permission.ORDER_READ)
        page = order_page.order_page(work.session, work.actor, order_id)
        return render_template("orders/page.html", page=page, words=symptoms.words, fates=FATES, **_tools(work, page))


def _tools(work: Work, page: OrderPage) -> dict[str, Any]:
    """Return what the page of an own order offers; little for others."""
    t, actor, order = speak(), work.actor, page.order
    mine = page.is_own and bool(visibility.roles_in(work.session, actor, order.machine_id))
    may_work = mine and actor.may(Permission.ORDER_WORK)
    offers = may_work and order.state not in ENDED
    planned = ""
    if order.planned_from and order.planned_to:
        zone = page.line.time_zone
        planned = f"{t.datetime(order.planned_from, zone)} – {t.datetime(order.planned_to, zone)}"
    return {
        "planned": planned,
        "may_work": may_work,
        "may_plan": mine and actor.may(Permission.ORDER_PLAN),
        "overlaps": overlaps_of(work, order) if mine else [],
        "my_clock": queries.clock(work.session, actor) if offers else None,
        "engineers": [(user.id, user.full_name) for user in queries.engineers(work.session, actor)] if mine else [],
        "places": _places(work) if offers else [],
        "parts": _parts(work) if offers else [],
        "positions": _positions(work, page) if offers else [],
        "fate_choices": [(fate, t.gettext(words)) for fate, words in FATES.items()],
        "fault_choices": [(fault.id, t.gettext(symptoms.words(fault.mode))) for fault in page.faults],
        "languages": list(LANGUAGE_NAMES.items()),
    }


def _positions(work: Work, page: OrderPage) -> Options:
    rows = registry.positions(work.session, work.actor, page.machine.model_id)
    return [(row.position.id, f"{row.position.code} {row.position.name}") for row in rows]


def back(order_id: int, message: str) -> Done:
    """Say what was done and show the order again."""
    return done(url_for("work_orders_pages.show_order", order_id=order_id), message)


@pages.post(f"{ORDER}/planning")
@auth.signed_in
@posted(PlanBody, again=show_order, versioned=True)
def plan_order(work: Work, form: dict[str, Any], order_id: int, expected_version: int | None) -> Done:
    """Say who does it and when."""
    service.plan(work, order_id, expected_version=expected_version, **form)
    return back(order_id, N_("Planned. The operator sees when."))


@pages.post(f"{ORDER}/completion")
@auth.signed_in
@posted(FinishBody, again=show_order)
def finish_order(work: Work, form: dict[str, Any], order_id: int) -> Done:
    """Say that the work is done."""
    service.finish(work, order_id, **form)
    return back(order_id, N_("The work is done. Close the job to issue the certificate."))


@pages.post(f"{ORDER}/closing")
@auth.signed_in
@posted(ClosingBody, again=show_order)
def close_order(work: Work, form: dict[str, Any], order_id: int) -> Done:
    """Close the job."""
    closed = service.close(work, order_id, **form)
    message = N_("Closed. Certificate %(number)s is issued.")
    return done(url_for(".show_order", order_id=order_id), message, number=closed.certificate.number)


@pages.post(f"{ORDER}/cancellation")
@auth.signed_in
@posted(CancellationBody, again=show_order)
def cancel_order(work: Work, form: dict[str, Any], order_id: int) -> Done:
    """Call the job off."""
    service.cancel(work, order_id, **form)
    return back(order_id, N_("The job is called off"))


@pages.post(f"{ORDER}/corrections")
@auth.signed_in
@posted(OrderCorrectionBody, again=show_order)
def correct_order(work: Work, form: dict[str, Any], order_id: int) -> Done:
    """Correct a closed job, with a date."""
    service.correct(work, order_id, **form)
    return back(order_id, N_("The correction is noted"))
