"""The sample's supply orders: those by which the maker's store received its parts, and orders in every state now."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from aftersales.certificates.numbering import next_number
from aftersales.models import (
    Organization,
    Part,
    StockMove,
    SupplyOrder,
    SupplyOrderEvent,
    SupplyOrderLine,
    SupplyReceipt,
)
from aftersales.purchasing import service
from aftersales.purchasing.service import Delivered, LineData, Promise
from aftersales.sample.book import Book
from aftersales.sample.companies import MAKER
from aftersales.sample.store import Store
from aftersales.vocabulary import MoveKind, Role, SupplyKind, SupplyState
from aftersales.work import Work

SEED = 21
REMEMBERED = timedelta(days=540)
SUPPLIER = "idro"
Lot = tuple[datetime, str]


def write_past_orders(book: Book, store: Store) -> int:
    """Write the orders by which parts of the supplier came in the last year and a half; return how many.

    The moves are those the store booked anyway; only where they came from is added, so no stock changes by it.
    """
    numbers = {part.id: number for number, part in book.parts.items()}
    lots: dict[Lot, list[StockMove]] = defaultdict(list)
    for move in store.moves:
        part = book.parts[numbers[move.part_id]]
        if move.kind is MoveKind.RECEIPT and part.supplier_id is not None and move.at > book.now - REMEMBERED:
            lots[move.at, part.number].append(move)
    rng = np.random.default_rng(SEED)
    took = {lot: max(2, round(book.parts[lot[1]].lead_time_days * float(rng.lognormal(0.0, 0.2)))) for lot in lots}
    for lot in sorted(lots, key=lambda one: (one[0] - timedelta(days=took[one]), one[1])):
        _write_received(book, store, book.parts[lot[1]], lots[lot], took[lot])
    book.work.session.flush()
    return len(lots)


def _write_received(book: Book, store: Store, part: Part, moves: Sequence[StockMove], days: int) -> None:
    session, came = book.work.session, moves[0].at
    sent = came - timedelta(days=days)
    buyer: Organization = book.organizations[MAKER]
    planner, manager = book.people[MAKER, Role.PLANNER], book.people[MAKER, Role.MANAGER]
    keeper = book.people[MAKER, Role.STOREKEEPER]
    steps = (
        (SupplyState.DRAFT, sent - timedelta(days=2), planner.id),
        (SupplyState.APPROVED, sent - timedelta(days=1), manager.id),
        (SupplyState.SENT, sent, planner.id),
        (SupplyState.RECEIVED, came, keeper.id),
    )
    order = SupplyOrder(
        organization_id=buyer.id,
        number=next_number(book.work, "PO", issuer_id=buyer.id, at=steps[0][1]),
        kind=SupplyKind.PURCHASE,
        supplier_id=part.supplier_id,
        location_id=store.warehouse.id,
        state=SupplyState.RECEIVED,
        currency=part.currency,
        created_at=steps[0][1],
        created_by_id=planner.id,
        approved_at=steps[1][1],
        approved_by_id=manager.id,
        sent_at=sent,
        closed_at=came,
    )
    session.add(order)
    session.flush()
    quantity = sum((move.quantity for move in moves), Decimal(0))
    line = SupplyOrderLine(
        order_id=order.id,
        sequence=1,
        part_id=part.id,
        quantity=quantity,
        unit_price=part.cost,
        due_on=(sent + timedelta(days=part.lead_time_days)).date(),
        receivable=quantity,
        received=quantity,
    )
    session.add(line)
    session.flush()
    before: SupplyState | None = None
    for sequence, (state, at, who) in enumerate(steps, 1):
        session.add(
            SupplyOrderEvent(
                order_id=order.id, sequence=sequence, from_state=before, to_state=state, at=at, actor_id=who
            )
        )
        before = state
    for move in moves:
        session.add(
            SupplyReceipt(
                line_id=line.id, move_id=move.id, quantity=move.quantity, at=came, recorded_at=came, actor_id=keeper.id
            )
        )


def open_orders(book: Book, store: Store) -> None:
    """Leave orders in every state, through the use-cases: late, promised, come in part, drafted, cancelled."""
    place, supplier = store.warehouse.id, book.organizations[SUPPLIER].id
    _sent(book, place, supplier, (("HV-0300", 2), ("SN-0120", 2)), days_ago=70)
    promised = _sent(book, place, supplier, (("CU-0010", 1),), days_ago=20)
    contact = book.acting(SUPPLIER, Role.MANAGER, book.now - timedelta(days=18))
    day = (book.now + timedelta(days=26)).date()
    service.confirm(contact, promised.id, [Promise(_line(contact, promised), day)])
    in_part = _sent(book, place, supplier, (("FL-0071", 20),), days_ago=16)
    keeper = book.acting(MAKER, Role.STOREKEEPER, book.now - timedelta(days=2))
    came = [Delivered(line_id=_line(keeper, in_part), quantity=Decimal(10))]
    service.receive(keeper, in_part.id, came, delivery_note="DN 20417")
    _sent(book, place, None, (("GB-0850", 1),), days_ago=9, kind=SupplyKind.PRODUCTION)
    _sent(book, place, supplier, (("HP-4510", 1),), days_ago=12, kind=SupplyKind.REFURBISHMENT)
    planner = book.acting(MAKER, Role.PLANNER, book.now - timedelta(days=4))
    twice = _drafted(planner, place, supplier, (("SK-0450", 4),), book)
    service.cancel(planner, twice.id, reason="Ordered twice")
    waiting = _drafted(planner, place, supplier, (("AL-0024", 2),), book)
    service.approve(book.acting(MAKER, Role.MANAGER, book.now - timedelta(days=3)), waiting.id)
    _drafted(planner, place, supplier, (("SK-0630", 6), ("FP-0200", 1)), book)


def _sent(
    book: Book,
    place: int,
    supplier: int | None,
    wanted: Sequence[tuple[str, int]],
    *,
    days_ago: int,
    kind: SupplyKind = SupplyKind.PURCHASE,
) -> SupplyOrder:
    at = book.now - timedelta(days=days_ago)
    planner = book.acting(MAKER, Role.PLANNER, at)
    order = _drafted(planner, place, supplier, wanted, book, kind)
    service.approve(book.acting(MAKER, Role.MANAGER, at), order.id)
    return service.send(planner, order.id)


def _drafted(
    work: Work,
    place: int,
    supplier: int | None,
    wanted: Sequence[tuple[str, int]],
    book: Book,
    kind: SupplyKind = SupplyKind.PURCHASE,
) -> SupplyOrder:
    lines = [LineData(part_id=book.parts[number].id, quantity=Decimal(quantity)) for number, quantity in wanted]
    return service.create_order(work, kind=kind, location_id=place, supplier_id=supplier, lines=lines)


def _line(work: Work, order: SupplyOrder) -> int:
    return work.session.query(SupplyOrderLine).filter_by(order_id=order.id).one().id
