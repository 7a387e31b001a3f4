"""The catalogue's use-cases and who sees what of it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from aftersales.access import Actor
from aftersales.errors import Conflict, Forbidden, Invalid, NotFound, RuleBroken, Stale
from aftersales.models import Part, Position
from aftersales.parts import queries, service
from aftersales.parts.service import PartData
from aftersales.vocabulary import OrganizationKind, Role
from aftersales.work import Work, Workshop
from tests.aftersales.trade_world import World, build, colleague

DAY = date(2026, 6, 1)


@pytest.fixture
def world(workshop: Workshop) -> World:
    return build(workshop)


def parts(workshop: Workshop, actor: Actor, *numbers: str) -> list[int]:
    with workshop.transaction(actor) as work:
        return [service.create_part(work, PartData(number=n, name=f"Part {n}", cost=Decimal(7))).id for n in numbers]


def test_a_number_is_in_one_catalogue_once_and_in_two_catalogues_freely(workshop: Workshop, world: World) -> None:
    parts(workshop, world.maker, "B-1")
    parts(workshop, world.partner, "B-1")
    with pytest.raises(Conflict, match="B-1"), workshop.transaction(world.maker) as work:
        service.create_part(work, PartData(number="B-1", name="again"))


def test_impossible_values_are_refused_naming_the_fields(workshop: Workshop, world: World) -> None:
    wrong = PartData(number=" ", name="x", multiple=Decimal("0.5"), supplier_id=999, serialised=True)
    with pytest.raises(Invalid) as refused, workshop.transaction(world.maker) as work:
        service.create_part(work, wrong)
    assert [error["field"] for error in refused.value.errors] == ["number", "multiple", "supplier_id"]


def test_a_circle_is_refused_naming_the_chain(workshop: Workshop, world: World) -> None:
    one, two, three = parts(workshop, world.maker, "A", "B", "C")
    with workshop.transaction(world.maker) as work:
        service.supersede(work, one, two, valid_from=DAY)
        service.supersede(work, two, three, valid_from=DAY, ratio=Decimal(2))
    with pytest.raises(RuleBroken, match="C → A → B → C"), workshop.transaction(world.maker) as work:
        service.supersede(work, three, one, valid_from=DAY)
    with pytest.raises(RuleBroken, match="A → A"), workshop.transaction(world.maker) as work:
        service.supersede(work, one, one, valid_from=DAY)
    with pytest.raises(RuleBroken, match="replaced by B already"), workshop.transaction(world.maker) as work:
        service.supersede(work, one, three, valid_from=DAY)
    with workshop.reading(world.maker) as work:
        steps = queries.chain(work.session, work.actor, two)
        assert [(step.number, int(step.ratio)) for step in steps] == [("A", 1), ("B", 1), ("C", 2)]
        assert queries.successor(work.session, one, DAY).part_id == three


def test_substitutes_reach_through_successors_and_alternates(workshop: Workshop, world: World) -> None:
    one, two, three = parts(workshop, world.maker, "A", "B", "C")
    with workshop.transaction(world.maker) as work:
        service.supersede(work, one, two, valid_from=DAY)
        service.add_alternate(work, two, three, note="needs the long bolt")
    with pytest.raises(Conflict), workshop.transaction(world.maker) as work:
        service.add_alternate(work, two, three)
    with workshop.reading(world.maker) as work:
        found = queries.substitutes(work.session, work.actor, one, DAY)
        assert [(item.number, item.level) for item in found] == [("B", 1), ("C", 2)]
    with workshop.transaction(world.maker) as work:
        service.withdraw_supersession(work, one)
        assert queries.substitutes(work.session, work.actor, one, DAY) == []


def fit(work: Work, world: World, part_id: int) -> None:
    work.session.get_one(Position, world.position_id).part_id = part_id


def test_each_sees_the_parts_that_concern_them_and_prices_that_are_theirs(workshop: Workshop, world: World) -> None:
    seen, hidden = parts(workshop, world.maker, "SEEN", "HIDDEN")
    with workshop.transaction(world.maker) as work:
        fit(work, world, seen)
        service.change_part(work, seen, {"price": Decimal(20), "supplier_id": world.supplier.organization})
    prices = {}
    for name in ("maker", "operator", "supplier"):
        actor = getattr(world, name)
        with workshop.reading(actor) as work:
            view = queries.part(work.session, actor, seen)
            prices[name] = (view.price, view.cost, view.supplier)
            uses = queries.where_used(work.session, actor, seen)
            assert [use.machines for use in uses] == ([] if name == "supplier" else [1])
    assert prices == {"maker": (20, 7, "Lezaj"), "operator": (20, None, None), "supplier": (None, None, "Lezaj")}
    with workshop.reading(world.operator) as work:
        assert [view.part.number for view in queries.parts(work.session, world.operator)] == ["SEEN"]
        with pytest.raises(NotFound):
            queries.part(work.session, world.operator, hidden)


CHANGES: list[Callable[[Work, int], object]] = [
    lambda work, part: service.change_part(work, part, {"name": "mine now"}),
    service.end_part,
    lambda work, part: service.supersede(work, part, part, valid_from=DAY),
    service.withdraw_supersession,
    lambda work, part: service.add_alternate(work, part, part),
    lambda work, part: service.remove_alternate(work, part, part),
    lambda work, part: queries.part(work.session, work.actor, part),
    lambda work, part: queries.chain(work.session, work.actor, part),
    lambda work, part: queries.substitutes(work.session, work.actor, part, DAY),
    lambda work, part: queries.where_used(work.session, work.actor, part),
]


@pytest.mark.parametrize("act", CHANGES)
def test_a_stranger_finds_nothing_to_read_or_change(
    sqlite_workshop: Workshop, act: Callable[[Work, int], object]
) -> None:
    world = build(sqlite_workshop)
    (part,) = parts(sqlite_workshop, world.maker, "A")
    with pytest.raises(NotFound), sqlite_workshop.transaction(world.stranger) as work:
        act(work, part)


@pytest.mark.parametrize("act", CHANGES[:6])
def test_who_only_reads_changes_nothing(sqlite_workshop: Workshop, act: Callable[[Work, int], object]) -> None:
    world = build(sqlite_workshop)
    (part,) = parts(sqlite_workshop, world.maker, "A")
    with sqlite_workshop.transaction() as work:
        reader = colleague(work, world.maker.organization, OrganizationKind.MANUFACTURER, Role.TECHNICIAN)
    with pytest.raises(Forbidden), sqlite_workshop.transaction(reader) as work:
        act(work, part)


def test_search_pages_by_number(workshop: Workshop, world: World) -> None:
    parts(workshop, world.maker, "b-2", "B-1", "C_3", "B-10")
    with workshop.reading(world.maker) as work:
        first = queries.parts(work.session, world.maker, text="b- part", limit=2)
        rest = queries.parts(work.session, world.maker, text="b- part", limit=2, after=first[-1].part.id)
        assert sorted(view.part.number for view in first + rest) == ["B-1", "B-10", "b-2"]
        assert [view.part.number for view in queries.parts(work.session, world.maker, text="_")] == ["C_3"]


def test_a_stale_change_is_refused(workshop: Workshop, world: World) -> None:
    (part,) = parts(workshop, world.maker, "A")
    with workshop.transaction(world.maker) as work:
        assert service.change_part(work, part, {"name": "new"}, expected_version=1).version == 2
    with pytest.raises(Stale), workshop.transaction(world.maker) as work:
        service.change_part(work, part, {"name": "late"}, expected_version=1)
    with workshop.reading(world.maker) as work:
        assert work.session.get_one(Part, part).name == "new"
