"""Work orders: open, plan, work, close."""

from typing import Any

from aftersales.access import Permission, require
from aftersales.orders import order_page, queries, service
from aftersales.orders.queries import OrderLine
from aftersales.work import Work
from api.http import Paged, Room, paged
from api.schemas.work_orders import (
    CancellationBody,
    ChecklistBody,
    ClosingBody,
    ExchangeBody,
    FindingBody,
    FinishBody,
    OrderCorrectionBody,
    PartUseBody,
    PartUseChangeBody,
    PauseBody,
    PlanBody,
    SignatureBody,
    StartBody,
    StopBody,
    TimeBody,
    TitleBody,
    WorkOrderAnswer,
    WorkOrderBody,
    WorkOrderPageAnswer,
    WorkOrderQuery,
)

room = Room("work-orders", __name__, "Work orders from opening to closing")
ORDER = "/work-orders/<id:order_id>"
NAMES = ("organization", "serial_number", "model", "site", "assignee")
COLUMNS = tuple(name for name in WorkOrderAnswer().fields if name not in NAMES)
HANGING = ("checklist", "times", "parts", "exchanges", "findings", "sign_offs", "corrections")


class _Versioned(dict[str, Any]):
    """An answer with the version its ETag is made of."""

    version: int


def _flat(line: OrderLine) -> _Versioned:
    order = line.order
    flat = {name: getattr(order, name) for name in COLUMNS} | {name: getattr(line, name) for name in NAMES}
    answer = _Versioned(flat)
    answer.version = order.version
    return answer


def _page(work: Work, order_id: int, **more: Any) -> _Versioned:
    work.session.flush()
    page = order_page.order_page(work.session, work.actor, order_id)
    answer = _flat(page.line)
    answer |= {name: getattr(page, name) for name in HANGING}
    answer |= {
        "fault_ids": [fault.id for fault in page.faults],
        "task_ids": [task.id for task in page.tasks],
        "certificate_ids": [certificate.id for certificate in page.certificates],
        **more,
    }
    return answer


@room.reads("/work-orders", answer=WorkOrderAnswer, query=WorkOrderQuery, listed=True)
def list_work_orders(work: Work, query: dict[str, Any]) -> Paged:
    """List the work orders of your organisation and of your machines, newest first."""
    require(work.actor, Permission.ORDER_READ)
    limit, state = query.pop("limit"), query.pop("state")
    lines = queries.orders(work.session, work.actor, states=[state] if state else [], limit=limit + 1, **query)
    return paged([_flat(line) for line in lines], limit, key=lambda row: row["id"])


@room.writes("POST", "/work-orders", body=WorkOrderBody, answer=WorkOrderPageAnswer, status=201)
def open_work_order(work: Work, body: dict[str, Any]) -> _Versioned:
    """Open a work order; kits are set aside as far as there is stock, what is short is named."""
    opened = service.open_order(work, **body)
    short = [{"number": number, "quantity": quantity} for number, quantity in opened.short]
    return _page(work, opened.order.id, short=short)


@room.reads(ORDER, answer=WorkOrderPageAnswer)
def get_work_order(work: Work, order_id: int) -> _Versioned:
    """Show a work order with all that hangs on it."""
    require(work.actor, Permission.ORDER_READ)
    return _page(work, order_id)


@room.writes("PATCH", ORDER, body=TitleBody, answer=WorkOrderPageAnswer, versioned=True)
def change_work_order(work: Work, body: dict[str, Any], order_id: int, expected_version: int | None) -> _Versioned:
    """Change a work order's title."""
    service.describe(work, order_id, expected_version=expected_version, **body)
    return _page(work, order_id)


@room.writes("POST", f"{ORDER}/planning", body=PlanBody, answer=WorkOrderPageAnswer)
def plan_work_order(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Say who does a job and when; other orders of the person at that time are named."""
    planned = service.plan(work, order_id, **body)
    return _page(work, order_id, overlaps=planned.overlaps)


@room.writes("POST", f"{ORDER}/starts", body=StartBody, answer=WorkOrderPageAnswer)
def start_work(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Start your clock on a job."""
    service.start(work, order_id, **body)
    return _page(work, order_id)


@room.writes("POST", f"{ORDER}/pauses", body=PauseBody, answer=WorkOrderPageAnswer)
def pause_work(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Rest, with the reason the operator reads."""
    service.pause(work, order_id, **body)
    return _page(work, order_id)


@room.writes("POST", f"{ORDER}/stops", body=StopBody, answer=WorkOrderPageAnswer)
def stop_work(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Stop your clock on a job; who plans may stop another's."""
    service.stop(work, order_id, **body)
    return _page(work, order_id)


@room.writes("POST", f"{ORDER}/times", body=TimeBody, answer=WorkOrderPageAnswer, status=201)
def add_work_time(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Enter time that is over."""
    service.add_time(work, order_id, **body)
    return _page(work, order_id)


@room.writes("POST", f"{ORDER}/checklist", body=ChecklistBody, answer=WorkOrderPageAnswer)
def fill_checklist(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Fill in lines of the checklist."""
    service.fill_checklist(work, order_id, [service.CheckEntry(**entry) for entry in body["entries"]])
    return _page(work, order_id)


@room.writes("POST", f"{ORDER}/parts", body=PartUseBody, answer=WorkOrderPageAnswer, status=201)
def add_work_order_part(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Put a part on a job; it is issued when the job is closed."""
    service.add_part(work, order_id, **body)
    return _page(work, order_id)


@room.writes("PATCH", f"{ORDER}/parts/<id:use_id>", body=PartUseChangeBody, answer=WorkOrderPageAnswer, versioned=True)
def change_work_order_part(
    work: Work, body: dict[str, Any], order_id: int, use_id: int, expected_version: int | None
) -> _Versioned:
    """Say a part's serial number, true quantity or place; If-Match is the order's version."""
    service.change_part(work, order_id, use_id, expected_version=expected_version, **body)
    return _page(work, order_id)


@room.writes("DELETE", f"{ORDER}/parts/<id:use_id>", answer=WorkOrderPageAnswer, versioned=True)
def remove_work_order_part(work: Work, order_id: int, use_id: int, expected_version: int | None) -> _Versioned:
    """Take a part off a job; If-Match is the order's version."""
    service.remove_part(work, order_id, use_id, expected_version)
    return _page(work, order_id)


@room.writes("POST", f"{ORDER}/exchanges", body=ExchangeBody, answer=WorkOrderPageAnswer, status=201)
def add_component_exchange(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Note a component taken out, one put in, or both."""
    service.add_exchange(work, order_id, **body)
    return _page(work, order_id)


@room.writes("DELETE", f"{ORDER}/exchanges/<id:exchange_id>", answer=WorkOrderPageAnswer, versioned=True)
def remove_component_exchange(work: Work, order_id: int, exchange_id: int, expected_version: int | None) -> _Versioned:
    """Take back the note of an exchange; If-Match is the order's version."""
    service.remove_exchange(work, order_id, exchange_id, expected_version)
    return _page(work, order_id)


@room.writes("POST", f"{ORDER}/findings", body=FindingBody, answer=WorkOrderPageAnswer, status=201)
def add_finding(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Note what was found."""
    service.add_finding(work, order_id, **body)
    return _page(work, order_id)


@room.writes("DELETE", f"{ORDER}/findings/<id:finding_id>", answer=WorkOrderPageAnswer, versioned=True)
def remove_finding(work: Work, order_id: int, finding_id: int, expected_version: int | None) -> _Versioned:
    """Take back a finding; If-Match is the order's version."""
    service.remove_finding(work, order_id, finding_id, expected_version)
    return _page(work, order_id)


@room.writes("POST", f"{ORDER}/signatures", body=SignatureBody, answer=WorkOrderPageAnswer, status=201)
def sign_work_order(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Sign under a job by a typed name."""
    service.sign_off(work, order_id, **body)
    return _page(work, order_id)


@room.writes("POST", f"{ORDER}/completion", body=FinishBody, answer=WorkOrderPageAnswer)
def finish_work_order(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Say that the work is done; your clock stops."""
    service.finish(work, order_id, **body)
    return _page(work, order_id)


@room.writes("POST", f"{ORDER}/closing", body=ClosingBody, answer=WorkOrderPageAnswer)
def close_work_order(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Close a job: book everything in one go and issue the certificate; `errors` names all that is missing."""
    service.close(work, order_id, **body)
    return _page(work, order_id)


@room.writes("POST", f"{ORDER}/cancellation", body=CancellationBody, answer=WorkOrderPageAnswer)
def cancel_work_order(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Call a job off; what was set aside is free again."""
    service.cancel(work, order_id, **body)
    return _page(work, order_id)


@room.writes("POST", f"{ORDER}/corrections", body=OrderCorrectionBody, answer=WorkOrderPageAnswer, status=201)
def correct_work_order(work: Work, body: dict[str, Any], order_id: int) -> _Versioned:
    """Add a dated correction to a closed job."""
    service.correct(work, order_id, **body)
    return _page(work, order_id)
