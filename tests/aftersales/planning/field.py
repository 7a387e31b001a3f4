"""A store whose parts are used in the field, with helpers that leave one trace each."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from sqlalchemy import update
from sqlalchemy.orm import Session

from aftersales.access import Actor
from aftersales.models import Component, DemandRecord, FailureRecord, Installation, Part, WorkOrder
from aftersales.stock import service as stock
from aftersales.vocabulary import Condition, FailureMode, LocationKind, OrderKind, OrderState, RemovalReason
from aftersales.work import Workshop
from tests.aftersales.stock.store import Store, open_store
from tests.aftersales.trade_world import BEGIN


def on(year: int, month: int, day: int = 10, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@dataclass
class Field:
    """The maker's store, his operator's machine, and what happens to it."""

    shop: Workshop
    store: Store
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def maker(self) -> Actor:
        return self.store.actor

    def receive(self, part: int, quantity: int, at: datetime, serial: str | None = None) -> None:
        with self.shop.transaction(self.maker) as work:
            stock.receive(
                work,
                part_id=part,
                location_id=self.store.main,
                quantity=Decimal(quantity),
                at=at,
                serial_number=serial,
                origin=LocationKind.ADJUSTMENT,
            )

    def order(self, at: datetime, machine: int | None = None, state: OrderState = OrderState.CLOSED) -> int:
        with self.shop.transaction(self.maker) as work:
            row = WorkOrder(
                organization_id=self.maker.organization,
                number=f"SO-{next(self.numbers)}",
                kind=OrderKind.REPAIR,
                machine_id=machine or self.store.world.machine_id,
                title="Repair",
                state=state,
                opened_at=at,
                closed_at=at if state is OrderState.CLOSED else None,
            )
            work.session.add(row)
            work.session.flush()
            return row.id

    def issue(
        self, part: int, quantity: int, at: datetime, order: int | None = None, serial: str | None = None
    ) -> None:
        with self.shop.transaction(self.maker) as work:
            stock.issue(
                work,
                part_id=part,
                location_id=self.store.main,
                quantity=Decimal(quantity),
                at=at,
                work_order_id=order,
                serial_number=serial,
            )

    def give_back(self, part: int, quantity: int, at: datetime, condition: Condition = Condition.NEW) -> None:
        with self.shop.transaction(self.maker) as work:
            stock.take_back(
                work, part_id=part, location_id=self.store.main, quantity=Decimal(quantity), condition=condition, at=at
            )

    def install(self, part: int, at: datetime, *, order: int | None = None, slot: int = 1, serial: str = "") -> int:
        with self.shop.transaction(self.maker) as work:
            unit = Component(
                organization_id=self.maker.organization,
                part_id=part,
                serial_number=serial or f"U{next(self.numbers)}",
                created_at=at,
            )
            work.session.add(unit)
            work.session.flush()
            return self._stay(work.session, unit.id, at, order, slot)

    def refit(self, stay: int, at: datetime) -> int:
        with self.shop.transaction(self.maker) as work:
            unit = work.session.get_one(Installation, stay).component_id
            return self._stay(work.session, unit, at, None, 1)

    def _stay(self, session: Session, unit: int, at: datetime, order: int | None, slot: int) -> int:
        row = Installation(
            component_id=unit,
            machine_id=self.store.world.machine_id,
            position_id=self.store.world.position_id,
            slot=slot,
            valid_from=at,
            meter_in=Decimal(0),
            work_order_id=order,
        )
        session.add(row)
        session.flush()
        return row.id

    def remove(self, stay: int, at: datetime, reason: RemovalReason = RemovalReason.FAILURE) -> None:
        with self.shop.transaction(self.maker) as work:
            row = work.session.get_one(Installation, stay)
            row.valid_to, row.removal_reason, row.meter_out = at, reason, Decimal(1)

    def fail(self, part: int, at: datetime, order: int | None = None, machine: int | None = None) -> None:
        with self.shop.transaction(self.maker) as work:
            work.session.add(
                FailureRecord(
                    machine_id=machine or self.store.world.machine_id,
                    at=at,
                    mode=FailureMode.BRD,
                    part_id=part,
                    work_order_id=order,
                    source_key=f"f{next(self.numbers)}",
                )
            )

    def imported(self, part: int, month: date, quantity: int | None, source: str = "old system") -> None:
        with self.shop.transaction(self.maker) as work:
            value = None if quantity is None else Decimal(quantity)
            work.session.add(DemandRecord(part_id=part, period=month, quantity=value, source=source))


def open_field(shop: Workshop) -> Field:
    """The parts are as old as the machine, so that a month without demand is a zero from there on."""
    store = open_store(shop)
    with shop.transaction() as work:
        work.session.execute(update(Part).values(created_at=BEGIN))
    return Field(shop, store)
