"""The store's use-cases, one by one."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from aftersales.access import Actor
from aftersales.errors import Conflict, Forbidden, Invalid, NotFound, RuleBroken, Stale
from aftersales.models import Location, StockMove
from aftersales.parts import service as parts
from aftersales.stock import queries, service
from aftersales.vocabulary import Condition, LocationKind, MoveKind, OrganizationKind, Role
from aftersales.work import Work, Workshop
from tests.aftersales.stock.store import Store, open_store
from tests.aftersales.trade_world import colleague

TEN = Decimal(10)


@pytest.fixture
def store(workshop: Workshop) -> Store:
    return open_store(workshop)


def held(workshop: Workshop, store: Store, part: int, place: int, condition: Condition = Condition.NEW) -> list[int]:
    with workshop.reading(store.actor) as work:
        balance = queries.balance(work.session, part, condition, place)
        return [int(balance.on_hand), int(balance.reserved)]


def receive(workshop: Workshop, store: Store, quantity: Decimal = TEN) -> None:
    with workshop.transaction(store.actor) as work:
        service.receive(work, part_id=store.bolt, location_id=store.main, quantity=quantity)


def test_stock_comes_goes_and_returns_and_the_ledger_tells_the_same(workshop: Workshop, store: Store) -> None:
    receive(workshop, store)
    with workshop.transaction(store.actor) as work:
        service.transfer(
            work, part_id=store.bolt, from_location_id=store.main, to_location_id=store.van, quantity=Decimal(4)
        )
        service.issue(work, part_id=store.bolt, location_id=store.van, quantity=Decimal(3))
        service.take_back(
            work, part_id=store.bolt, location_id=store.main, quantity=Decimal(1), condition=Condition.NEW
        )
        service.scrap(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(2), note="bent")
        service.return_to_supplier(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(1))
    assert held(workshop, store, store.bolt, store.main) == [4, 0]
    assert held(workshop, store, store.bolt, store.van) == [1, 0]
    with workshop.reading(store.actor) as work:
        ledger = queries.moves(work.session, store.actor, part_id=store.bolt)
        assert [row.move.kind for row in ledger] == [
            MoveKind.RETURN,
            MoveKind.SCRAP,
            MoveKind.RETURN,
            MoveKind.ISSUE,
            MoveKind.TRANSFER,
            MoveKind.RECEIPT,
        ]
        assert ledger[-1].move.unit_cost == Decimal("1.5")
        assert queries.available(work.session, store.actor, [store.bolt])[store.bolt].free == 5


def test_more_than_is_free_is_refused_saying_how_much_there_is(workshop: Workshop, store: Store) -> None:
    receive(workshop, store)
    with workshop.transaction(store.actor) as work:
        service.reserve(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(8))
    says = r"MAIN has 2 pcs of BOLT \(new\) free, not 3"
    with pytest.raises(RuleBroken, match=says) as refused, workshop.transaction(store.actor) as work:
        service.issue(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(3))
    assert refused.value.reason == "not_enough_stock"
    with pytest.raises(RuleBroken, match="free"), workshop.transaction(store.actor) as work:
        service.reserve(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(3))
    assert held(workshop, store, store.bolt, store.main) == [10, 8]


def test_a_reservation_is_issued_against_and_the_rest_released(workshop: Workshop, store: Store) -> None:
    receive(workshop, store)
    with workshop.transaction(store.actor) as work:
        one = service.reserve(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(6)).id
        service.issue(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(4), reservation_id=one)
    assert held(workshop, store, store.bolt, store.main) == [6, 2]
    with pytest.raises(RuleBroken, match="holds 2"), workshop.transaction(store.actor) as work:
        service.release(work, one, Decimal(3))
    with workshop.transaction(store.actor) as work:
        assert service.release(work, one).closed_at is not None
    assert held(workshop, store, store.bolt, store.main) == [6, 0]
    with pytest.raises(RuleBroken, match="holds 0"), workshop.transaction(store.actor) as work:
        service.release(work, one)


def test_an_issue_may_take_more_than_its_reservation_holds(workshop: Workshop, store: Store) -> None:
    receive(workshop, store)
    with workshop.transaction(store.actor) as work:
        one = service.reserve(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(3)).id
        service.reserve(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(5))
    with pytest.raises(RuleBroken), workshop.transaction(store.actor) as work:
        service.issue(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(6), reservation_id=one)
    with workshop.transaction(store.actor) as work:
        service.issue(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(5), reservation_id=one)
    assert held(workshop, store, store.bolt, store.main) == [5, 5]


def test_a_reservation_for_something_else_is_refused(workshop: Workshop, store: Store) -> None:
    receive(workshop, store)
    with workshop.transaction(store.actor) as work:
        one = service.reserve(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(3)).id
        service.receive(work, part_id=store.bolt, location_id=store.van, quantity=TEN)
    with pytest.raises(RuleBroken, match="another"), workshop.transaction(store.actor) as work:
        service.issue(work, part_id=store.bolt, location_id=store.van, quantity=TEN, reservation_id=one)


def test_units_are_whole_where_they_are_whole(workshop: Workshop, store: Store) -> None:
    with workshop.transaction(store.actor) as work:
        service.receive(work, part_id=store.oil, location_id=store.main, quantity=Decimal("0.125"))
    for wrong in (Decimal("0.5"), Decimal(0), Decimal(-1), Decimal("1.0001")):
        with pytest.raises(Invalid), workshop.transaction(store.actor) as work:
            service.receive(work, part_id=store.bolt, location_id=store.main, quantity=wrong)
    with pytest.raises(Invalid, match="future"), workshop.transaction(store.actor) as work:
        later = work.now + timedelta(minutes=1)
        service.receive(work, part_id=store.bolt, location_id=store.main, quantity=TEN, at=later)


def test_a_serial_is_in_one_place(workshop: Workshop, store: Store) -> None:
    one = Decimal(1)
    with workshop.transaction(store.actor) as work:
        service.receive(work, part_id=store.pump, location_id=store.main, quantity=one, serial_number="P1")
    with pytest.raises(Conflict, match="one place"), workshop.transaction(store.actor) as work:
        service.receive(work, part_id=store.pump, location_id=store.van, quantity=one, serial_number="P1")
    with pytest.raises(Invalid, match="which unit"), workshop.transaction(store.actor) as work:
        service.issue(work, part_id=store.pump, location_id=store.main, quantity=one)
    with workshop.transaction(store.actor) as work:
        service.receive(work, part_id=store.pump, location_id=store.van, quantity=one, serial_number="P2")
    with pytest.raises(Conflict, match="P2"), workshop.transaction(store.actor) as work:
        service.issue(work, part_id=store.pump, location_id=store.main, quantity=one, serial_number="P2")
    with workshop.transaction(store.actor) as work:
        service.issue(work, part_id=store.pump, location_id=store.main, quantity=one, serial_number="P1")
        service.take_back(work, part_id=store.pump, location_id=store.main, serial_number="P1")
        place = queries.serial_place(work.session, store.actor, store.pump, "P1")
        assert place is not None
        assert (place.location_id, place.condition) == (store.main, Condition.CORE)
    with workshop.transaction(store.actor) as work:
        service.take_back(work, part_id=store.pump, location_id=None, serial_number="FACTORY-FITTED")
    with pytest.raises(Conflict), workshop.transaction(store.actor) as work:
        service.take_back(work, part_id=store.pump, location_id=store.main, serial_number="FACTORY-FITTED")


def test_a_core_is_not_issued_until_it_is_regraded(workshop: Workshop, store: Store) -> None:
    with workshop.transaction(store.actor) as work:
        service.take_back(work, part_id=store.bolt, location_id=store.main, quantity=TEN)
    with pytest.raises(RuleBroken, match="regrade"), workshop.transaction(store.actor) as work:
        service.issue(work, part_id=store.bolt, location_id=store.main, quantity=TEN, condition=Condition.CORE)
    with workshop.transaction(store.actor) as work:
        service.regrade(
            work,
            part_id=store.bolt,
            location_id=store.main,
            quantity=Decimal(4),
            condition=Condition.CORE,
            to_condition=Condition.SECOND_CATEGORY,
        )
        service.issue(
            work, part_id=store.bolt, location_id=store.main, quantity=Decimal(1), condition=Condition.SECOND_CATEGORY
        )
    assert held(workshop, store, store.bolt, store.main, Condition.CORE) == [6, 0]
    assert held(workshop, store, store.bolt, store.main, Condition.SECOND_CATEGORY) == [3, 0]


def test_nothing_is_issued_or_reserved_from_quarantine(workshop: Workshop, store: Store) -> None:
    with workshop.transaction(store.actor) as work:
        service.receive(work, part_id=store.bolt, location_id=store.quarantine, quantity=TEN)
    for act in (service.issue, service.reserve):
        with pytest.raises(RuleBroken, match="quarantine"), workshop.transaction(store.actor) as work:
            act(work, part_id=store.bolt, location_id=store.quarantine, quantity=TEN)


def test_a_count_moves_stock_only_when_approved_and_by_its_own_difference(workshop: Workshop, store: Store) -> None:
    receive(workshop, store)
    with workshop.transaction() as work:
        storekeeper = colleague(work, store.actor.organization, OrganizationKind.MANUFACTURER, Role.STOREKEEPER)
    with workshop.transaction(storekeeper) as work:
        row = service.count(work, part_id=store.bolt, location_id=store.main, counted=Decimal(8)).id
    assert held(workshop, store, store.bolt, store.main) == [10, 0]
    with pytest.raises(Forbidden), workshop.transaction(storekeeper) as work:
        service.approve_count(work, row)
    with pytest.raises(Conflict, match="waits"), workshop.transaction(storekeeper) as work:
        service.count(work, part_id=store.bolt, location_id=store.main, counted=Decimal(7))
    with workshop.transaction(storekeeper) as work:
        service.issue(work, part_id=store.bolt, location_id=store.main, quantity=Decimal(3))
    with workshop.transaction(store.actor) as work:
        assert service.approve_count(work, row).move_id is not None
    assert held(workshop, store, store.bolt, store.main) == [5, 0]
    with pytest.raises(RuleBroken, match="decided"), workshop.transaction(store.actor) as work:
        service.reject_count(work, row)


def test_a_count_of_serials_takes_out_what_is_missing_and_in_what_was_found(workshop: Workshop, store: Store) -> None:
    with workshop.transaction(store.actor) as work:
        for serial in ("A", "B", "C"):
            service.receive(work, part_id=store.pump, location_id=store.main, quantity=Decimal(1), serial_number=serial)
        row = service.count(work, part_id=store.pump, location_id=store.main, serial_numbers=["A", "B", "X"]).id
        service.issue(work, part_id=store.pump, location_id=store.main, quantity=Decimal(1), serial_number="B")
        service.approve_count(work, row)
        there = queries.serials(work.session, store.actor, location_id=store.main)
        assert [place.serial_number for place in there] == ["A", "X"]
    assert held(workshop, store, store.pump, store.main) == [2, 0]


def test_a_rejected_count_moves_nothing(workshop: Workshop, store: Store) -> None:
    receive(workshop, store)
    with workshop.transaction(store.actor) as work:
        row = service.count(work, part_id=store.bolt, location_id=store.main, counted=Decimal(0))
        service.reject_count(work, row.id, expected_version=1)
    with pytest.raises(Stale), workshop.transaction(store.actor) as work:
        service.approve_count(work, row.id, expected_version=1)
    assert held(workshop, store, store.bolt, store.main) == [10, 0]


def test_the_same_receipt_twice_is_once(workshop: Workshop, store: Store) -> None:
    for _ in range(2):
        with workshop.transaction(store.actor) as work:
            service.receive(work, part_id=store.bolt, location_id=store.main, quantity=TEN, source_key="file:7")
    assert held(workshop, store, store.bolt, store.main) == [10, 0]


def test_a_place_closes_only_when_empty(workshop: Workshop, store: Store) -> None:
    receive(workshop, store)
    with pytest.raises(RuleBroken, match="holds stock"), workshop.transaction(store.actor) as work:
        service.end_location(work, store.main)
    with workshop.transaction(store.actor) as work:
        service.issue(work, part_id=store.bolt, location_id=store.main, quantity=TEN)
        service.end_location(work, store.main)
    with pytest.raises(RuleBroken, match="closed"):
        receive(workshop, store)


def test_virtual_places_are_made_once_and_are_not_moved_from_by_hand(workshop: Workshop, store: Store) -> None:
    with workshop.reading(store.actor) as work:
        supplier = work.session.scalars(select(Location).where(Location.kind == LocationKind.SUPPLIER)).one()
        assert work.session.scalar(select(func.count(Location.id))) == 8
    with pytest.raises(NotFound), workshop.transaction(store.actor) as work:
        service.transfer(
            work, part_id=store.bolt, from_location_id=supplier.id, to_location_id=store.main, quantity=TEN
        )
    with pytest.raises(Invalid), workshop.transaction(store.actor) as work:
        service.create_location(work, code="S", name="S", kind=LocationKind.SCRAP)


def test_unit_and_serial_numbering_stay_once_a_part_moved(workshop: Workshop, store: Store) -> None:
    receive(workshop, store)
    with pytest.raises(RuleBroken, match="serialised"), workshop.transaction(store.actor) as work:
        parts.change_part(work, store.bolt, {"serialised": True})


ACTS: list[Callable[[Work, Store, int, int], object]] = [
    lambda work, s, held, counted: service.receive(work, part_id=s.bolt, location_id=s.main, quantity=TEN),
    lambda work, s, held, counted: service.issue(work, part_id=s.bolt, location_id=s.main, quantity=TEN),
    lambda work, s, held, counted: service.reserve(work, part_id=s.bolt, location_id=s.main, quantity=TEN),
    lambda work, s, held, counted: service.scrap(work, part_id=s.bolt, location_id=s.main, quantity=TEN, note="x"),
    lambda work, s, held, counted: service.take_back(work, part_id=s.bolt, location_id=s.main),
    lambda work, s, held, counted: service.count(work, part_id=s.bolt, location_id=s.main, counted=TEN),
    lambda work, s, held, counted: service.change_location(work, s.main, {"name": "mine"}),
    lambda work, s, held, counted: service.end_location(work, s.main),
    lambda work, s, held, counted: service.release(work, held),
    lambda work, s, held, counted: service.approve_count(work, counted),
    lambda work, s, held, counted: service.reject_count(work, counted),
    lambda work, s, held, counted: queries.location(work.session, work.actor, s.main),
    lambda work, s, held, counted: queries.reservation(work.session, work.actor, held),
    lambda work, s, held, counted: queries.count(work.session, work.actor, counted),
    lambda work, s, held, counted: queries.move(work.session, work.actor, 1),
]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["stranger", "operator", "partner"])
def test_foreign_stock_is_neither_seen_nor_moved(
    sqlite_workshop: Workshop, act: Callable[[Work, Store, int, int], object], who: str
) -> None:
    store = open_store(sqlite_workshop)
    with sqlite_workshop.transaction(store.actor) as work:
        service.receive(work, part_id=store.bolt, location_id=store.main, quantity=TEN)
        held = service.reserve(work, part_id=store.bolt, location_id=store.main, quantity=TEN).id
        counted = service.count(work, part_id=store.bolt, location_id=store.main, counted=TEN).id
    foreign: Actor = getattr(store.world, who)
    with pytest.raises(NotFound), sqlite_workshop.transaction(foreign) as work:
        act(work, store, held, counted)
    with sqlite_workshop.reading(foreign) as work:
        assert not queries.balances(work.session, foreign)
        assert not queries.moves(work.session, foreign)
        assert not queries.locations(work.session, foreign)
        assert not queries.reservations(work.session, foreign)
        assert not queries.counts(work.session, foreign)
        assert work.session.scalar(select(func.count(StockMove.id))) == 1
