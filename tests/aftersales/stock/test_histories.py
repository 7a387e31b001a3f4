"""Random histories of a store, played beside a model of it in plain Python; then every invariant from the rows."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from aftersales.errors import Conflict, RuleBroken
from aftersales.models import Balance, Location, Reservation, SerialPlace, StockMove
from aftersales.stock import service
from aftersales.vocabulary import REAL_LOCATIONS, Condition
from aftersales.work import Work, Workshop
from tests.aftersales.stock.store import Store, open_store

ONE = Decimal(1)
USABLE = (Condition.NEW, Condition.SECOND_CATEGORY)
quantities = st.integers(1, 6).map(Decimal)
conditions = st.sampled_from(Condition)
usable = st.sampled_from(USABLE)
serials = st.sampled_from(["S1", "S2", "S3"])
places = st.sampled_from(["main", "van"])
Key = tuple[str, Condition]


class Histories(RuleBasedStateMachine):
    """``bolt`` by quantity and ``pump`` by serial number, in two places."""

    workshop: ClassVar[Workshop]
    store: ClassVar[Store]
    held = Bundle("held")
    counted = Bundle("counted")

    @initialize()
    def begin(self) -> None:
        self.whole = ExitStack()
        self.work = self.whole.enter_context(self.workshop.transaction(self.store.actor))
        self.on_hand: Counter[Key] = Counter()
        self.reserved: Counter[Key] = Counter()
        self.open: dict[int, tuple[Key, int]] = {}
        self.waiting: dict[int, tuple[Key, int]] = {}
        self.pumps: dict[str, Key | None] = {}

    def teardown(self) -> None:
        """Leave the database as it was: each history begins with an empty store."""
        if hasattr(self, "whole"):
            check_invariants(self.work)
            self.work.session.rollback()
            self.whole.close()

    def place(self, name: str) -> int:
        return int(getattr(self.store, name))

    @contextmanager
    def acting(self, *, allowed: bool) -> Iterator[Work]:
        """A step that must be refused exactly when the model says so, and then changes nothing."""
        if allowed:
            with self.work.session.begin_nested():
                yield self.work
            return
        with pytest.raises((RuleBroken, Conflict)), self.work.session.begin_nested():
            yield self.work

    def free(self, key: Key) -> int:
        return self.on_hand[key] - self.reserved[key]

    def bolts(self, quantity: Decimal, condition: Condition, place: str) -> dict[str, Any]:
        return {
            "part_id": self.store.bolt,
            "location_id": self.place(place),
            "quantity": quantity,
            "condition": condition,
        }

    @rule(place=places, condition=conditions, quantity=quantities)
    def receive(self, place: str, condition: Condition, quantity: Decimal) -> None:
        with self.acting(allowed=True) as work:
            service.receive(work, **self.bolts(quantity, condition, place))
        self.on_hand[place, condition] += int(quantity)

    @rule(place=places, condition=conditions, quantity=quantities)
    def issue(self, place: str, condition: Condition, quantity: Decimal) -> None:
        allowed = condition in USABLE and self.free((place, condition)) >= quantity
        with self.acting(allowed=allowed) as work:
            service.issue(work, **self.bolts(quantity, condition, place))
        if allowed:
            self.on_hand[place, condition] -= int(quantity)

    @rule(place=places, condition=conditions, quantity=quantities)
    def transfer(self, place: str, condition: Condition, quantity: Decimal) -> None:
        other = "van" if place == "main" else "main"
        allowed = self.free((place, condition)) >= quantity
        with self.acting(allowed=allowed) as work:
            service.transfer(
                work,
                part_id=self.store.bolt,
                from_location_id=self.place(place),
                to_location_id=self.place(other),
                quantity=quantity,
                condition=condition,
            )
        if allowed:
            self.on_hand[place, condition] -= int(quantity)
            self.on_hand[other, condition] += int(quantity)

    @rule(place=places, condition=conditions, to=conditions, quantity=quantities)
    def regrade(self, place: str, condition: Condition, to: Condition, quantity: Decimal) -> None:
        if condition is to:
            return
        allowed = self.free((place, condition)) >= quantity
        with self.acting(allowed=allowed) as work:
            service.regrade(work, **self.bolts(quantity, condition, place), to_condition=to)
        if allowed:
            self.on_hand[place, condition] -= int(quantity)
            self.on_hand[place, to] += int(quantity)

    @rule(place=places, condition=conditions, quantity=quantities)
    def scrap(self, place: str, condition: Condition, quantity: Decimal) -> None:
        allowed = self.free((place, condition)) >= quantity
        with self.acting(allowed=allowed) as work:
            service.scrap(work, **self.bolts(quantity, condition, place), note="broken")
        if allowed:
            self.on_hand[place, condition] -= int(quantity)

    @rule(target=held, place=places, condition=usable, quantity=quantities)
    def reserve(self, place: str, condition: Condition, quantity: Decimal) -> Any:
        key = (place, condition)
        allowed = self.free(key) >= quantity
        row = None
        with self.acting(allowed=allowed) as work:
            row = service.reserve(work, **self.bolts(quantity, condition, place))
        if not allowed or row is None:
            return multiple()
        self.reserved[key] += int(quantity)
        self.open[row.id] = (key, int(quantity))
        return row.id

    @rule(reservation=held, quantity=quantities)
    def issue_reserved(self, reservation: int, quantity: Decimal) -> None:
        key, left = self.open[reservation]
        drawn = min(int(quantity), left)
        allowed = self.free(key) >= quantity - drawn
        with self.acting(allowed=allowed) as work:
            service.issue(work, **self.bolts(quantity, key[1], key[0]), reservation_id=reservation)
        if allowed:
            self.on_hand[key] -= int(quantity)
            self.reserved[key] -= drawn
            self.open[reservation] = (key, left - drawn)

    @rule(reservation=held, quantity=st.none() | quantities)
    def release(self, reservation: int, quantity: Decimal | None) -> None:
        key, left = self.open[reservation]
        back = left if quantity is None else int(quantity)
        allowed = 0 < back <= left
        with self.acting(allowed=allowed) as work:
            service.release(work, reservation, quantity)
        if allowed:
            self.reserved[key] -= back
            self.open[reservation] = (key, left - back)

    @rule(target=counted, place=places, condition=conditions, found=st.integers(0, 12))
    def count(self, place: str, condition: Condition, found: int) -> Any:
        key = (place, condition)
        allowed = all(waiting != key for waiting, _ in self.waiting.values())
        row = None
        with self.acting(allowed=allowed) as work:
            part, location = self.store.bolt, self.place(place)
            row = service.count(work, part_id=part, location_id=location, condition=condition, counted=Decimal(found))
        if not allowed or row is None:
            return multiple()
        self.waiting[row.id] = (key, found - self.on_hand[key])
        return row.id

    @rule(number=consumes(counted), approve=st.booleans())
    def decide(self, number: int, approve: bool) -> None:
        key, difference = self.waiting[number]
        allowed = not approve or self.free(key) + difference >= 0 or difference >= 0
        with self.acting(allowed=allowed) as work:
            (service.approve_count if approve else service.reject_count)(work, number)
        if allowed:
            del self.waiting[number]
            self.on_hand[key] += difference if approve else 0
        else:
            with self.acting(allowed=True) as work:
                service.reject_count(work, number)
            del self.waiting[number]

    def pump(self, serial: str) -> dict[str, Any]:
        return {"part_id": self.store.pump, "quantity": ONE, "serial_number": serial}

    @rule(serial=serials, place=places)
    def receive_pump(self, serial: str, place: str) -> None:
        allowed = serial not in self.pumps
        with self.acting(allowed=allowed) as work:
            service.receive(work, **self.pump(serial), location_id=self.place(place))
        if allowed:
            self.pumps[serial] = (place, Condition.NEW)

    @rule(serial=serials, place=places)
    def issue_pump(self, serial: str, place: str) -> None:
        allowed = self.pumps.get(serial) == (place, Condition.NEW)
        with self.acting(allowed=allowed) as work:
            service.issue(work, **self.pump(serial), location_id=self.place(place))
        if allowed:
            self.pumps[serial] = None

    @rule(serial=serials, place=places)
    def take_pump_back(self, serial: str, place: str) -> None:
        allowed = self.pumps.get(serial) is None
        with self.acting(allowed=allowed) as work:
            service.take_back(work, **self.pump(serial), location_id=self.place(place))
        if allowed:
            self.pumps[serial] = (place, Condition.CORE)

    @rule(serial=serials, place=places, condition=st.sampled_from([Condition.NEW, Condition.CORE]))
    def carry_pump(self, serial: str, place: str, condition: Condition) -> None:
        other = "van" if place == "main" else "main"
        allowed = self.pumps.get(serial) == (place, condition)
        with self.acting(allowed=allowed) as work:
            service.transfer(
                work,
                **self.pump(serial),
                condition=condition,
                from_location_id=self.place(place),
                to_location_id=self.place(other),
            )
        if allowed:
            self.pumps[serial] = (other, condition)

    @rule(serial=serials, place=places)
    def refurbish_pump(self, serial: str, place: str) -> None:
        allowed = self.pumps.get(serial) == (place, Condition.CORE)
        with self.acting(allowed=allowed) as work:
            to: dict[str, Any] = {"condition": Condition.CORE, "to_condition": Condition.NEW}
            service.regrade(work, **self.pump(serial), location_id=self.place(place), **to)
        if allowed:
            self.pumps[serial] = (place, Condition.NEW)

    @invariant()
    def the_books_say_what_the_model_says(self) -> None:
        if not hasattr(self, "work"):
            return
        names = {self.store.main: "main", self.store.van: "van"}
        query = select(Balance.location_id, Balance.condition, Balance.on_hand, Balance.reserved)
        rows = self.work.session.execute(query.where(Balance.part_id == self.store.bolt)).all()
        assert {(names[r.location_id], r.condition): int(r.on_hand) for r in rows if r.on_hand} == +self.on_hand
        assert {(names[r.location_id], r.condition): int(r.reserved) for r in rows if r.reserved} == +self.reserved
        places = select(SerialPlace.serial_number, SerialPlace.location_id, SerialPlace.condition)
        placed = {row.serial_number: row for row in self.work.session.execute(places)}
        for serial, key in self.pumps.items():
            where = placed[serial].location_id
            assert (names[where], placed[serial].condition) == key if key else where not in names


def check_invariants(work: Work) -> None:
    """Balance = sum of moves; reserved = sum of open reservations; a serial is where its last move took it."""
    real = set(work.session.scalars(select(Location.id).where(Location.kind.in_(REAL_LOCATIONS))))
    total: Counter[tuple[int, Condition, int]] = Counter()
    last: dict[tuple[int, str], tuple[int, Condition]] = {}
    for move in work.session.scalars(select(StockMove).order_by(StockMove.id)):
        total[move.part_id, move.condition, move.from_location_id] -= int(move.quantity)
        total[move.part_id, move.to_condition, move.to_location_id] += int(move.quantity)
        if move.serial_number:
            last[move.part_id, move.serial_number] = (move.to_location_id, move.to_condition)
    aside: Counter[tuple[int, Condition, int]] = Counter()
    for held in work.session.scalars(select(Reservation)):
        aside[held.part_id, held.condition, held.location_id] += int(held.open_quantity)
    everything = work.session.execute(
        select(Balance.part_id, Balance.condition, Balance.location_id, Balance.on_hand, Balance.reserved)
    )
    balances = {(b.part_id, b.condition, b.location_id): b for b in everything}
    assert {key: n for key, n in total.items() if key[2] in real and n} == {
        key: int(b.on_hand) for key, b in balances.items() if b.on_hand
    }
    assert +aside == {key: int(b.reserved) for key, b in balances.items() if b.reserved}
    places = {
        (p.part_id, p.serial_number): (p.location_id, p.condition) for p in work.session.scalars(select(SerialPlace))
    }
    assert places == last


@pytest.mark.parametrize("start", [1, 2, 3, 4])
def test_thousands_of_random_histories(sqlite_workshop: Workshop, start: int) -> None:
    """Two thousand in four runs from different starts, so that several workers share them."""
    Histories.workshop = sqlite_workshop
    Histories.store = open_store(sqlite_workshop)
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    chosen = settings(max_examples=500, stateful_step_count=12, deadline=None, suppress_health_check=slow)
    begun: Any = seed(start)(Histories)
    run_state_machine_as_test(begun, settings=chosen)
