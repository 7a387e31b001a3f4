"""Work orders as use-cases take hold of them: locked, one's own, and not yet ended."""

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import expect
from aftersales.db import touch
from aftersales.errors import RuleBroken
from aftersales.models import FaultReport, Machine, WorkOrder, WorkOrderFault
from aftersales.orders.rules import ENDED
from aftersales.translate import N_
from aftersales.work import Work


def editable(work: Work, order_id: int, expected_version: int | None = None) -> WorkOrder:
    """Return an order of the actor's organisation that can still change, locked; its version rises with this work.

    :raises NotFound: it is none of the organisation's, or the organisation has left the machine.
    :raises RuleBroken: it is closed or cancelled.
    """
    order = own(work, order_id, expected_version)
    if order.state in ENDED:
        message = N_("Work order %(number)s is %(state)s; nothing in it changes any more")
        raise RuleBroken(message, code=f"order_{order.state.value}", number=order.number, state=order.state)
    touch(order)
    return order


def own(work: Work, order_id: int, expected_version: int | None = None) -> WorkOrder:
    """Return an order of the actor's organisation, locked, ended or not.

    :raises NotFound: it is none of the organisation's, or the organisation has left the machine.
    """
    mine = visibility.owns(work.actor, WorkOrder.organization_id)
    holds = visibility.holds_machine(work.actor, WorkOrder.machine_id)
    order = visibility.get(work.session, WorkOrder, order_id, mine, holds, lock=True)
    expect(order.version, expected_version)
    return order


def faults_of(work: Work, order: WorkOrder) -> list[FaultReport]:
    """Return the fault reports an order answers, locked, in the order of their ids."""
    query = (
        select(FaultReport)
        .join(WorkOrderFault, WorkOrderFault.fault_id == FaultReport.id)
        .where(WorkOrderFault.work_order_id == order.id)
        .order_by(FaultReport.id)
        .with_for_update(of=FaultReport)
    )
    return list(work.session.scalars(query))


def machine_of(work: Work, order: WorkOrder) -> Machine:
    """Return the order's machine; the actor's organisation is a party of it now.

    :raises NotFound: it is not any more.
    """
    return visibility.machine(work.session, work.actor, order.machine_id, change=True)
