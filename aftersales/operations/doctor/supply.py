"""Supply orders: what was received is the sum of the receipts and of the stock they booked; steps are legal."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from sqlalchemy import func, select

from aftersales.models import Location, StockMove, SupplyOrder, SupplyOrderEvent, SupplyOrderLine, SupplyReceipt
from aftersales.purchasing import rules
from aftersales.vocabulary import SupplyState
from aftersales.work import Work


def receipts(work: Work) -> Iterator[str]:
    """Check that each line received what its receipts say, no more than may come, and that each receipt is a move."""
    sums = select(SupplyReceipt.line_id, func.sum(SupplyReceipt.quantity)).group_by(SupplyReceipt.line_id)
    expected: dict[int, Decimal] = {row[0]: row[1] for row in work.session.execute(sums)}
    for line in work.session.scalars(select(SupplyOrderLine)):
        total = expected.get(line.id, Decimal(0))
        if line.received != total:
            yield f"supply order line {line.id}: received {line.received}, receipts say {total}"
        if not Decimal(0) <= line.received <= line.receivable:
            yield f"supply order line {line.id}: received {line.received} of at most {line.receivable}"
    query = (
        select(SupplyReceipt, StockMove, SupplyOrderLine.part_id, SupplyOrder.organization_id)
        .join(StockMove, StockMove.id == SupplyReceipt.move_id)
        .join(SupplyOrderLine, SupplyOrderLine.id == SupplyReceipt.line_id)
        .join(SupplyOrder, SupplyOrder.id == SupplyOrderLine.order_id)
    )
    for receipt, move, part_id, organization_id in work.session.execute(query):
        booked = (move.part_id, move.organization_id, move.quantity)
        if booked != (part_id, organization_id, abs(receipt.quantity)):
            yield f"supply receipt {receipt.id} is not what stock move {move.id} booked"


def orders(work: Work) -> Iterator[str]:
    """Check that an order's state is that of its last step and of its lines, and that every step was legal."""
    steps: dict[int, list[SupplyOrderEvent]] = defaultdict(list)
    for event in work.session.scalars(select(SupplyOrderEvent).order_by(SupplyOrderEvent.sequence)):
        steps[event.order_id].append(event)
    lines: dict[int, list[rules.LineFacts]] = defaultdict(list)
    for line in work.session.scalars(select(SupplyOrderLine)):
        lines[line.order_id].append(rules.LineFacts(line.quantity, line.received, line.given_up))
    foreign = select(SupplyOrder.id).join(Location, Location.id == SupplyOrder.location_id)
    for number in work.session.scalars(foreign.where(Location.organization_id != SupplyOrder.organization_id)):
        yield f"supply order {number} is to come to another organisation's place"
    for order in work.session.scalars(select(SupplyOrder)):
        yield from _steps(order, steps[order.id])
        is_sent = order.state in {SupplyState.SENT, SupplyState.PART_RECEIVED, SupplyState.RECEIVED}
        if is_sent and order.state is not rules.state_after(lines[order.id]):
            yield f"supply order {order.number} is {order.state.value}, its lines say otherwise"


def _steps(order: SupplyOrder, steps: list[SupplyOrderEvent]) -> Iterator[str]:
    before: SupplyState | None = None
    for number, step in enumerate(steps, 1):
        if step.sequence != number or step.from_state is not before or step.to_state not in rules.STEPS[before]:
            yield f"supply order {order.number}: step {step.sequence} does not follow"
        before = step.to_state
    if before is not order.state:
        yield f"supply order {order.number} is {order.state.value}, its last step says {before}"


CHECKS: Mapping[str, Callable[[Work], Iterator[str]]] = {"supply receipts": receipts, "supply orders": orders}
