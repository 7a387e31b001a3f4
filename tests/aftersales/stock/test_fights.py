"""Many threads want the last parts at once: exactly the stock is given out, never more."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest

from aftersales.errors import Conflict, RuleBroken
from aftersales.stock import queries, service
from aftersales.stock.service import IssueLine
from aftersales.vocabulary import Condition
from aftersales.work import Work, Workshop
from tests.aftersales.stock.store import Store, open_store
from tests.aftersales.stock.test_histories import check_invariants

THREADS = 16
ONE = Decimal(1)


@pytest.fixture
def store(workshop: Workshop) -> Store:
    return open_store(workshop)


def fight(workshop: Workshop, store: Store, act: Callable[[Work, int], object], rounds: int = 1) -> int:
    """Have sixteen threads act at the same moment, each in transactions of its own; return how many got through."""
    together = Barrier(THREADS)

    def fighter(number: int) -> int:
        won = 0
        together.wait()
        for _ in range(rounds):
            try:
                with workshop.transaction(store.actor) as work:
                    act(work, number)
                won += 1
            except (RuleBroken, Conflict):
                pass
        return won

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(fighter, range(THREADS)))


def stock(workshop: Workshop, store: Store, quantity: int) -> None:
    with workshop.transaction(store.actor) as work:
        service.receive(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(quantity))


def left(workshop: Workshop, store: Store, part: int, place: int) -> tuple[int, int]:
    with workshop.reading(store.actor) as work:
        check_invariants(work)
        balance = queries.balance(work.session, part, Condition.NEW, place)
        return int(balance.on_hand), int(balance.reserved)


def test_sixteen_threads_fight_for_the_last_part(workshop: Workshop, store: Store) -> None:
    stock(workshop, store, 1)
    won = fight(
        workshop, store, lambda w, n: service.issue(w, part_id=store.bolt, location_id=store.main, quantity=ONE)
    )
    assert won == 1
    assert left(workshop, store, store.bolt, store.main) == (0, 0)


def test_exactly_the_stock_is_issued_or_reserved(workshop: Workshop, store: Store) -> None:
    stock(workshop, store, 20)

    def act(work: Work, number: int) -> None:
        take = service.issue if number % 2 else service.reserve
        take(work, part_id=store.bolt, location_id=store.main, quantity=ONE)

    assert fight(workshop, store, act, rounds=3) == 20
    on_hand, reserved = left(workshop, store, store.bolt, store.main)
    assert on_hand == reserved


def test_one_reservation_is_issued_once(workshop: Workshop, store: Store) -> None:
    stock(workshop, store, 5)
    with workshop.transaction(store.actor) as work:
        held = service.reserve(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(5)).id

    def act(work: Work, number: int) -> None:
        if number % 2:
            service.release(work, held, Decimal(5))
        else:
            service.issue(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(5), reservation_id=held)

    assert 1 <= fight(workshop, store, act) <= 2
    on_hand, reserved = left(workshop, store, store.bolt, store.main)
    assert (on_hand, reserved) in {(0, 0), (5, 0)}


def test_one_serial_is_received_once(workshop: Workshop, store: Store) -> None:
    def act(work: Work, number: int) -> None:
        place = store.main if number % 2 else store.van
        service.receive(work, part_id=store.pump, location_id=place, quantity=ONE, serial_number="P1")

    assert fight(workshop, store, act) == 1
    assert left(workshop, store, store.pump, store.main)[0] + left(workshop, store, store.pump, store.van)[0] == 1


def test_moves_that_cross_do_not_lock_each_other(workshop: Workshop, store: Store) -> None:
    stock(workshop, store, 50)
    with workshop.transaction(store.actor) as work:
        for place in (store.main, store.van):
            service.receive(work, part_id=store.oil, location_id=place, quantity=Decimal(500))
            service.receive(work, part_id=store.bolt, location_id=place, quantity=Decimal(500))

    def act(work: Work, number: int) -> None:
        places = [store.main, store.van] if number % 2 else [store.van, store.main]
        if number % 4 < 2:
            here, there = places
            service.transfer(work, part_id=store.bolt, from_location_id=here, to_location_id=there, quantity=ONE)
        else:
            lines = [
                IssueLine(part_id=part, location_id=place, quantity=ONE)
                for part in (store.bolt, store.oil)
                for place in places
            ]
            random.Random(number).shuffle(lines)
            service.issue_all(work, lines)

    assert fight(workshop, store, act, rounds=5) == THREADS * 5
    left(workshop, store, store.bolt, store.main)
