"""The steps of an order's life: approve, send, confirm, cancel, give the rest up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aftersales import visibility
from aftersales.access import Permission, expect, require, require_any
from aftersales.db import touch
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import SupplyOrder
from aftersales.purchasing import rules
from aftersales.purchasing.service.common import line_of, lines_of, own_order, step
from aftersales.translate import N_
from aftersales.vocabulary import SupplyState
from aftersales.work import Work


@dataclass(frozen=True, slots=True)
class Promise:
    """The day the supplier promises a line for."""

    line_id: int
    confirmed_on: date


def approve(work: Work, order_id: int, expected_version: int | None = None) -> SupplyOrder:
    """Approve a draft: what is ordered does not change any more.

    :raises RuleBroken: when nothing is on it.
    """
    require(work.actor, Permission.SUPPLY_APPROVE)
    order = own_order(work, order_id, expected_version)
    if not lines_of(work, order):
        raise RuleBroken(N_("Nothing is on order %(number)s yet"), code="empty_order", number=order.number)
    order.approved_at, order.approved_by_id = work.now, work.actor.user_id
    return step(work, order, SupplyState.APPROVED)


def back_to_draft(work: Work, order_id: int, expected_version: int | None = None) -> SupplyOrder:
    """Take the approval back, so that the order can be changed; it has to be approved again."""
    require_any(work.actor, Permission.SUPPLY_ORDER, Permission.SUPPLY_APPROVE)
    order = own_order(work, order_id, expected_version)
    rules.check_step(order.number, order.state, SupplyState.DRAFT)
    order.approved_at = order.approved_by_id = None
    return step(work, order, SupplyState.DRAFT)


def send(work: Work, order_id: int, expected_version: int | None = None) -> SupplyOrder:
    """Note that the order went out; from now on its supplier sees it here."""
    require(work.actor, Permission.SUPPLY_ORDER)
    order = own_order(work, order_id, expected_version)
    rules.check_step(order.number, order.state, SupplyState.SENT)
    order.sent_at = work.now
    return step(work, order, SupplyState.SENT)


def cancel(work: Work, order_id: int, *, reason: str, expected_version: int | None = None) -> SupplyOrder:
    """Cancel an order of which nothing came yet.

    :raises RuleBroken: when something came; then give up the rest instead.
    """
    require_any(work.actor, Permission.SUPPLY_ORDER, Permission.SUPPLY_APPROVE)
    order = own_order(work, order_id, expected_version)
    order.reason = _reason(reason)
    return step(work, order, SupplyState.CANCELLED, order.reason)


def give_up_rest(work: Work, order_id: int, *, reason: str, expected_version: int | None = None) -> SupplyOrder:
    """Close an order of which a part came: the rest will not come any more."""
    require_any(work.actor, Permission.SUPPLY_ORDER, Permission.SUPPLY_APPROVE)
    order = own_order(work, order_id, expected_version)
    if order.state is not SupplyState.PART_RECEIVED:
        message = N_("Order %(number)s is '%(state)s': only the rest of one that came in part is given up")
        raise RuleBroken(message, code="nothing_to_give_up", number=order.number, state=order.state)
    order.reason = _reason(reason)
    for line in lines_of(work, order):
        line.given_up += line.open_quantity
    return step(work, order, SupplyState.RECEIVED, order.reason)


def confirm(work: Work, order_id: int, promises: Sequence[Promise], expected_version: int | None = None) -> SupplyOrder:
    """Note the days the supplier promises: by the supplier's own people, or by ours when it told us otherwise.

    :raises RuleBroken: when nothing is on its way.
    :raises Invalid: when a day lies before the order was sent.
    """
    sees = visibility.sees_supply_order(work.actor)
    order = visibility.get(work.session, SupplyOrder, order_id, sees, lock=True)
    is_own = work.actor.is_system or order.organization_id == work.actor.organization_id
    require(work.actor, Permission.SUPPLY_ORDER if is_own else Permission.SUPPLY_CONFIRM)
    expect(order.version, expected_version)
    if order.state not in rules.UNDERWAY or order.sent_at is None:
        message = N_("Order %(number)s is '%(state)s': there is nothing to confirm")
        raise RuleBroken(message, code="not_underway", number=order.number, state=order.state)
    for promise in promises:
        if promise.confirmed_on < order.sent_at.date():
            message = N_("The day promised lies before the order was sent")
            raise Invalid(message, errors=[{"field": "confirmed_on", "message": message}])
        line = line_of(work, order, promise.line_id)
        line.confirmed_on, line.confirmed_at = promise.confirmed_on, work.now
        line.confirmed_by_id = work.actor.user_id
    touch(order)
    work.session.flush()
    return order


def _reason(text: str) -> str:
    if not text.strip():
        raise Invalid(N_("Say why"), errors=[{"field": "reason", "message": N_("is missing")}])
    return text.strip()
