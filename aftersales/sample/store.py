"""The sample stores: every organisation that does service has one, kept filled by receipts before stock runs out."""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from aftersales.models import Balance, Location, Part, PartUse, SerialPlace, StockMove
from aftersales.sample.book import Book
from aftersales.sample.catalogue import PARTS
from aftersales.sample.companies import MAKER, SERVED_BY
from aftersales.vocabulary import Condition, LocationKind, MoveKind

LOTS = {part.number: max(part.minimum, 2 if part.serialised else 6) for part in PARTS}
NEW = Condition.NEW


@dataclass
class Store:
    """One organisation's warehouse, as a running count beside the ledger rows it writes."""

    book: Book
    company: str
    warehouse: Location
    supplier: Location
    customer: Location
    on_hand: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    serials: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    moves: list[StockMove] = field(default_factory=list)
    uses: list[tuple[PartUse, StockMove]] = field(default_factory=list)
    made: int = 0

    def take(self, number: str, quantity: Decimal, at: datetime, work_order_id: int) -> StockMove:
        """Issue a part to a job, receiving a lot beforehand when there is not enough."""
        part = self.book.parts[number]
        if self.on_hand[number] < quantity:
            self.receive(number, max(quantity, Decimal(LOTS[number])), at - timedelta(days=3))
        serial = self.serials[number].popleft() if part.serialised else None
        self.on_hand[number] -= quantity
        return self._move(MoveKind.ISSUE, part, quantity, serial, at, self.warehouse, self.customer, work_order_id)

    def receive(self, number: str, quantity: Decimal, at: datetime) -> None:
        """Receive a lot from the supplier."""
        part = self.book.parts[number]
        self.on_hand[number] += quantity
        if not part.serialised:
            self._move(MoveKind.RECEIPT, part, quantity, None, at, self.supplier, self.warehouse)
            return
        for _ in range(int(quantity)):
            self.made += 1
            serial = f"{number}-{self.company[:2].upper()}{self.made:05d}"
            self.serials[number].append(serial)
            self._move(MoveKind.RECEIPT, part, Decimal(1), serial, at, self.supplier, self.warehouse)

    def fill_up(self, used: Mapping[str, Decimal], rng: np.random.Generator, at: datetime) -> None:
        """Receive what a store keeps of parts used in the last year: some more than the lead time needs, some less."""
        for part in PARTS:
            months = part.lead_days / 30 + 1.5
            wanted = Decimal(int(float(used.get(part.number, Decimal(0))) / 12 * months * float(rng.uniform(0.4, 2.2))))
            if wanted > self.on_hand[part.number]:
                self.receive(part.number, wanted - self.on_hand[part.number], at)

    def _move(
        self,
        kind: MoveKind,
        part: Part,
        quantity: Decimal,
        serial: str | None,
        at: datetime,
        origin: Location,
        target: Location,
        work_order_id: int | None = None,
    ) -> StockMove:
        move = StockMove(
            organization_id=self.book.organizations[self.company].id,
            kind=kind,
            part_id=part.id,
            condition=NEW,
            to_condition=NEW,
            serial_number=serial,
            quantity=quantity,
            from_location_id=origin.id,
            to_location_id=target.id,
            at=at,
            unit_cost=part.cost if self.company == MAKER else Decimal(0),
            currency=part.currency,
            work_order_id=work_order_id,
            note="",
            recorded_at=at,
        )
        self.moves.append(move)
        return move

    def write(self) -> None:
        """Write the moves in the order they were made, what used them, and the balances and places that follow."""
        session = self.book.work.session
        session.add_all(self.moves)
        session.flush()
        for use, move in self.uses:
            use.move_id = move.id
        session.add_all(use for use, _ in self.uses)
        places: dict[tuple[int, str], SerialPlace] = {}
        for move in self.moves:
            if move.serial_number:
                places[move.part_id, move.serial_number] = SerialPlace(
                    part_id=move.part_id,
                    serial_number=move.serial_number,
                    location_id=move.to_location_id,
                    condition=NEW,
                    move_id=move.id,
                )
        session.add_all(places.values())
        session.add_all(
            Balance(
                part_id=self.book.parts[number].id,
                condition=NEW,
                location_id=self.warehouse.id,
                on_hand=quantity,
                reserved=Decimal(0),
            )
            for number, quantity in self.on_hand.items()
        )
        session.flush()


def open_stores(book: Book, began: datetime) -> dict[str, Store]:
    """Open a warehouse, a van and the virtual places of every organisation that does service; take in first stock."""
    stores = {}
    for company in sorted(set(SERVED_BY.values())):
        organization = book.organizations[company]

        def place(code: str, name: str, kind: LocationKind, owner: int = organization.id) -> Location:
            return Location(organization_id=owner, code=code, name=name, kind=kind)

        warehouse = place("CENTRAL", f"Warehouse {organization.name}", LocationKind.WAREHOUSE)
        supplier = place("SUPPLIER", "Suppliers", LocationKind.SUPPLIER)
        customer = place("CUSTOMER", "Customers", LocationKind.CUSTOMER)
        van = place("VAN1", "Service van 1", LocationKind.VAN)
        others = [
            place("PRODUCTION", "Production", LocationKind.PRODUCTION),
            place("SCRAP", "Scrap", LocationKind.SCRAP),
            place("ADJUSTMENT", "Stock differences", LocationKind.ADJUSTMENT),
            place("QUARANTINE", "Quarantine", LocationKind.QUARANTINE),
        ]
        book.work.session.add_all([warehouse, supplier, customer, van, *others])
        book.work.session.flush()
        store = Store(book, company, warehouse, supplier, customer)
        for part in PARTS:
            if part.number not in {"ZZ-0001", "HP-4520"}:
                store.receive(part.number, Decimal(max(LOTS[part.number], 2)), began)
        if company == MAKER:
            store.receive("ZZ-0001", Decimal(14), began)
        stores[company] = store
    return stores
