"""What the use-cases of supply orders share: finding an order for a change, its lines, and a step in its life."""

from sqlalchemy import func, select

from aftersales import visibility
from aftersales.access import expect
from aftersales.models import SupplyOrder, SupplyOrderEvent, SupplyOrderLine
from aftersales.purchasing import rules
from aftersales.vocabulary import SupplyState
from aftersales.work import Work


def own_order(work: Work, order_id: int, expected_version: int | None = None) -> SupplyOrder:
    """Return an order of the actor's organisation, locked until the transaction ends.

    :raises NotFound: when it is somebody else's, even one the actor supplies.
    """
    mine = visibility.owns(work.actor, SupplyOrder.organization_id)
    order = visibility.get(work.session, SupplyOrder, order_id, mine, lock=True)
    expect(order.version, expected_version)
    return order


def lines_of(work: Work, order: SupplyOrder) -> list[SupplyOrderLine]:
    """Return an order's lines in their sequence."""
    query = select(SupplyOrderLine).where(SupplyOrderLine.order_id == order.id).order_by(SupplyOrderLine.sequence)
    return list(work.session.scalars(query))


def line_of(work: Work, order: SupplyOrder, line_id: int) -> SupplyOrderLine:
    """Return a line of this order.

    :raises NotFound: when it is another order's.
    """
    return visibility.get(work.session, SupplyOrderLine, line_id, SupplyOrderLine.order_id == order.id)


def facts_of(line: SupplyOrderLine) -> rules.LineFacts:
    """Return what the rules need to know of a line."""
    return rules.LineFacts(line.quantity, line.received, line.given_up)


def step(work: Work, order: SupplyOrder, state: SupplyState, note: str = "") -> SupplyOrder:
    """Bring an order into a state and note the step.

    :raises RuleBroken: when the step is not legal.
    """
    steps = select(func.max(SupplyOrderEvent.sequence)).where(SupplyOrderEvent.order_id == order.id)
    with work.session.no_autoflush:  # the order's dates go into the database together with its state
        last = work.session.scalar(steps)
    before = order.state if last else None
    rules.check_step(order.number, before, state)
    order.state = state
    order.closed_at = work.now if state in {SupplyState.RECEIVED, SupplyState.CANCELLED} else None
    work.session.add(
        SupplyOrderEvent(
            order_id=order.id,
            sequence=(last or 0) + 1,
            from_state=before,
            to_state=state,
            at=work.now,
            note=note,
            actor_id=work.actor.user_id,
        )
    )
    work.session.flush()
    return order
