"""Lists of supply orders, and one order with its lines, receipts and steps."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import (
    Location,
    Organization,
    Part,
    StockMove,
    SupplyOrder,
    SupplyOrderEvent,
    SupplyOrderLine,
    SupplyReceipt,
    User,
)
from aftersales.purchasing import rules
from aftersales.purchasing.queries.incoming import outstanding
from aftersales.vocabulary import SupplyKind, SupplyState


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A receipt of a line; who booked it is shown to the order's own organisation alone."""

    receipt: SupplyReceipt
    serial_number: str | None
    actor: str | None
    taken_back: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """A line with what a reader needs: the part's words, what is still to come and what came."""

    line: SupplyOrderLine
    number: str
    name: str
    unit: str
    serialised: bool
    open_quantity: Decimal
    expected_on: date
    is_late: bool
    sees_part: bool
    plan_reference: str | None
    receipts: Sequence[ReceiptView] = ()

    @property
    def amount(self) -> Decimal:
        """Quantity times unit price."""
        return (self.line.quantity * self.line.unit_price).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True)
class EventView:
    """A step of an order; who took it is shown to the order's own organisation alone."""

    event: SupplyOrderEvent
    actor: str | None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list. The supplier's people see neither the plan it came from nor who made it."""

    order: SupplyOrder
    buyer: str
    supplier: str | None
    location: str
    is_own: bool
    lines: Sequence[LineView] = ()

    @property
    def version(self) -> int:
        """The version of the order."""
        return self.order.version

    @property
    def total(self) -> Decimal:
        """What the order costs, in its currency."""
        return sum((view.amount for view in self.lines), Decimal(0))

    @property
    def expected_on(self) -> date | None:
        """The day the next of what is still to come is expected."""
        return min((view.expected_on for view in self.lines if view.open_quantity > 0), default=None)

    @property
    def is_late(self) -> bool:
        """Whether something that should be here by now is not."""
        return any(view.is_late for view in self.lines)

    @property
    def plan_reference(self) -> str | None:
        """The plan it was released from, for the order's own organisation."""
        return self.order.plan_reference if self.is_own else None


@dataclass(frozen=True, slots=True)
class OrderView(OrderRow):
    """One order whole."""

    events: Sequence[EventView] = field(default=())


def orders(
    session: Session,
    actor: Actor,
    today: date,
    *,
    text: str = "",
    state: SupplyState | None = None,
    kind: SupplyKind | None = None,
    supplier_id: int | None = None,
    part_id: int | None = None,
    late_only: bool = False,
    open_only: bool = False,
    after: int | None = None,
    limit: int = 50,
) -> list[OrderRow]:
    """Return orders the actor made or supplies, newest first.

    :param text: a piece of the order's number or the supplier's name, in any case.
    :param part_id: orders with this part on them.
    :param late_only: orders of which something should be here by ``today`` and is not.
    """
    require(actor, Permission.SUPPLY_READ)
    query = _orders(actor).order_by(SupplyOrder.id.desc()).limit(limit)
    query = query.where(*_narrowed(state, kind, supplier_id, part_id))
    if text:
        query = query.where(
            or_(SupplyOrder.number.icontains(text, autoescape=True), SUPPLIER.name.icontains(text, autoescape=True))
        )
    if late_only:
        query = query.where(SupplyOrder.state.in_(rules.COMING), _is_late(today))
    if open_only:
        query = query.where(SupplyOrder.state.in_(rules.OPEN))
    if after is not None:
        query = query.where(SupplyOrder.id < after)
    rows = session.execute(query).all()
    lines = _lines(session, actor, [row[0] for row in rows], today)
    return [OrderRow(*row, _is_own(actor, row[0]), lines[row[0].id]) for row in rows]


def order(session: Session, actor: Actor, order_id: int, today: date) -> OrderView:
    """Return one order with its lines, receipts and steps.

    :raises NotFound: when it is neither of the actor's organisation nor sent to it.
    """
    require(actor, Permission.SUPPLY_READ)
    found = visibility.get(session, SupplyOrder, order_id, visibility.sees_supply_order(actor))
    row = session.execute(_orders(actor).where(SupplyOrder.id == found.id)).one()
    is_own = _is_own(actor, found)
    lines = _lines(session, actor, [found], today, with_receipts=True)[found.id]
    return OrderView(*row, is_own, lines, _events(session, found, is_own))


SUPPLIER = aliased(Organization)


def _orders(actor: Actor) -> Select[SupplyOrder, str, str | None, str]:
    return (
        select(SupplyOrder, Organization.name, SUPPLIER.name, Location.name)
        .join(Organization, Organization.id == SupplyOrder.organization_id)
        .outerjoin(SUPPLIER, SUPPLIER.id == SupplyOrder.supplier_id)
        .join(Location, Location.id == SupplyOrder.location_id)
        .where(visibility.sees_supply_order(actor))
    )


def _narrowed(
    state: SupplyState | None, kind: SupplyKind | None, supplier_id: int | None, part_id: int | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if state is not None:
        found.append(SupplyOrder.state == state)
    if kind is not None:
        found.append(SupplyOrder.kind == kind)
    if supplier_id is not None:
        found.append(SupplyOrder.supplier_id == supplier_id)
    if part_id is not None:
        with_part = select(SupplyOrderLine.order_id).where(SupplyOrderLine.part_id == part_id)
        found.append(SupplyOrder.id.in_(with_part))
    return found


def _is_late(today: date) -> ColumnElement[bool]:
    expected = func.coalesce(SupplyOrderLine.confirmed_on, SupplyOrderLine.due_on)
    return SupplyOrder.id.in_(select(SupplyOrderLine.order_id).where(outstanding(), expected < today))


def _is_own(actor: Actor, order: SupplyOrder) -> bool:
    return actor.is_system or order.organization_id == actor.organization_id


def _lines(
    session: Session, actor: Actor, found: Sequence[SupplyOrder], today: date, *, with_receipts: bool = False
) -> dict[int, list[LineView]]:
    by_id = {order.id: order for order in found}
    query = (
        select(SupplyOrderLine, Part)
        .join(Part, Part.id == SupplyOrderLine.part_id)
        .where(SupplyOrderLine.order_id.in_(by_id))
        .order_by(SupplyOrderLine.order_id, SupplyOrderLine.sequence)
    )
    rows = session.execute(query).all()
    receipts = _receipts(session, actor, by_id) if with_receipts else {}
    views: dict[int, list[LineView]] = defaultdict(list)
    for line, part in rows:
        order = by_id[line.order_id]
        is_own = _is_own(actor, order)
        expected = rules.expected_on(line.due_on, line.confirmed_on)
        views[order.id].append(
            LineView(
                line=line,
                number=part.number,
                name=part.name,
                unit=part.unit,
                serialised=part.serialised,
                open_quantity=line.open_quantity,
                expected_on=expected,
                is_late=rules.is_late(order.state, line.open_quantity, expected, today),
                sees_part=is_own or actor.organization_id in (part.supplier_id, part.organization_id),
                plan_reference=line.plan_reference if is_own else None,
                receipts=receipts.get(line.id, ()),
            )
        )
    return views


def _receipts(session: Session, actor: Actor, by_id: dict[int, SupplyOrder]) -> dict[int, list[ReceiptView]]:
    query = (
        select(SupplyReceipt, StockMove.serial_number, User.full_name, SupplyOrderLine.order_id)
        .join(SupplyOrderLine, SupplyOrderLine.id == SupplyReceipt.line_id)
        .join(StockMove, StockMove.id == SupplyReceipt.move_id)
        .outerjoin(User, User.id == SupplyReceipt.actor_id)
        .where(SupplyOrderLine.order_id.in_(by_id))
        .order_by(SupplyReceipt.id)
    )
    rows = session.execute(query).all()
    reversed_ids = {receipt.reverses_id for receipt, *_ in rows}
    views: dict[int, list[ReceiptView]] = defaultdict(list)
    for receipt, serial, name, order_id in rows:
        shown = name if _is_own(actor, by_id[order_id]) else None
        views[receipt.line_id].append(ReceiptView(receipt, serial, shown, receipt.id in reversed_ids))
    return views


def _events(session: Session, order: SupplyOrder, is_own: bool) -> list[EventView]:
    """Its supplier sees the steps from the sending on."""
    query = (
        select(SupplyOrderEvent, User.full_name)
        .outerjoin(User, User.id == SupplyOrderEvent.actor_id)
        .where(SupplyOrderEvent.order_id == order.id)
        .order_by(SupplyOrderEvent.sequence)
    )
    if not is_own:
        query = query.where(
            SupplyOrderEvent.at >= order.sent_at, SupplyOrderEvent.to_state.not_in(("draft", "approved"))
        )
    return [EventView(event, name if is_own else None) for event, name in session.execute(query)]
