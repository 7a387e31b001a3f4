"""Warranties from commissioning to extension, on a real database."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from aftersales.access import Actor
from aftersales.clock import FixedClock
from aftersales.errors import Conflict, Forbidden, Invalid, NotFound, RuleBroken
from aftersales.models import (
    Certificate,
    Coverage,
    ExtensionOffer,
    Meter,
    Programme,
    ProgrammeTask,
    Reading,
    TaskCompletion,
    Warranty,
    WarrantyPolicy,
    WorkOrder,
)
from aftersales.translate import translator
from aftersales.usage import service as usage
from aftersales.vocabulary import (
    CertificateKind,
    CostClass,
    MeterKind,
    OfferState,
    OrderKind,
    OrganizationKind,
    Payer,
    RefusalReason,
    Role,
)
from aftersales.warranty import queries, service
from aftersales.warranty.rules import Line
from aftersales.warranty.service import ClauseData
from aftersales.warranty.wording import said
from aftersales.work import Work, Workshop
from tests.aftersales.trade_world import World, build, colleague

PARTS, LABOUR = CostClass.PARTS, CostClass.LABOUR
CLAUSES = [
    ClauseData(number="2.1", kind="term", text="Parts", cost_class=PARTS, months=24, hours=Decimal(4000)),
    ClauseData(number="2.2", kind="term", text="Labour", cost_class=LABOUR, months=12, hours=Decimal(2000)),
    ClauseData(number="4.1", kind="exclusion", text="Wrong operation", excluded_cause="operation"),
    ClauseData(number="5.1", kind="condition", text="Maintained in time", requires_maintenance=True),
]
MORE = [ClauseData(number="3.1", kind="term", text="Parts", cost_class=PARTS, months=12, hours=Decimal(2000))]
IN_TIME = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def world(workshop: Workshop) -> World:
    return build(workshop)


@pytest.fixture
def covered(workshop: Workshop, world: World, clock: FixedClock) -> World:
    """A machine whose warranty runs from 31 January 2025 to 30 January 2027, and an extension of a year for it."""
    with workshop.transaction(world.maker) as work:
        service.create_policy(work, code="W24", name="Two years", clauses=CLAUSES)
        service.create_policy(work, code="X12", name="One more", clauses=MORE, is_extension=True, price=Decimal(900))
        usage.fit_meter(work, world.machine_id, MeterKind.HOURS, datetime(2025, 1, 31, 9, tzinfo=UTC))
    with workshop.transaction() as work:
        service.handle_machine_commissioned(work, {"machine_id": world.machine_id})
    clock.at = IN_TIME
    return world


def extension(work: Work) -> int:
    return work.session.scalars(select(WarrantyPolicy.id).where(WarrantyPolicy.is_extension)).one()


def offer(workshop: Workshop, world: World, **given: Decimal | date) -> int:
    with workshop.transaction(world.maker) as work:
        return service.offer(work, machine_id=world.machine_id, policy_id=extension(work), **given).id  # type: ignore[arg-type] # the tests give price or valid_until


def test_the_warranty_starts_on_commissioning_once(workshop: Workshop, covered: World) -> None:
    with workshop.transaction() as work:
        again = service.start_for(work, covered.machine_id)
        assert again is not None
        assert (again.starts_on, again.ends_on) == (date(2025, 1, 31), date(2027, 1, 31))
        assert work.session.scalar(select(func.count(Warranty.id))) == 1


def test_a_policy_for_the_model_comes_before_one_for_every_model(workshop: Workshop, world: World) -> None:
    with workshop.transaction(world.maker) as work:
        own = service.create_policy(work, code="M", name="Model", clauses=MORE, model_id=world.model_id)
        service.create_policy(work, code="ALL", name="All", clauses=CLAUSES)
        warranty = service.start_for(work, world.machine_id)
        assert warranty is not None
        assert warranty.policy_id == own.id


def test_a_machine_without_policy_has_no_warranty(workshop: Workshop, world: World) -> None:
    with workshop.transaction() as work:
        assert service.start_for(work, world.machine_id) is None


@pytest.mark.parametrize(
    ("clauses", "problem"),
    [
        ([*CLAUSES, CLAUSES[0]], "twice"),
        ([ClauseData(number="1", kind="term", text="x")], "class of costs and months"),
        ([ClauseData(number="1", kind="exclusion", text="x")], "needs a term"),
        ([ClauseData(number="1", kind="promise", text="x"), *CLAUSES], "exclusion or a condition"),
        ([ClauseData(number="1", kind="exclusion", text=" "), *CLAUSES], "words"),
    ],
)
def test_clauses_that_make_no_sense_are_refused(
    sqlite_workshop: Workshop, clauses: list[ClauseData], problem: str
) -> None:
    world = build(sqlite_workshop)
    with pytest.raises(Invalid, match=problem), sqlite_workshop.transaction(world.maker) as work:
        service.create_policy(work, code="W", name="W", clauses=clauses)


def order(work: Work, world: World, organization: int) -> WorkOrder:
    row = WorkOrder(
        organization_id=organization,
        number="SO-1",
        kind=OrderKind.REPAIR,
        machine_id=world.machine_id,
        title="Bearing noisy",
        opened_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


LINES = [
    Line(kind="part", id=1, cost_class=PARTS, amount=Decimal(120), currency="EUR"),
    Line(kind="time", id=1, cost_class=LABOUR, amount=Decimal(80), currency="EUR"),
    Line(kind="part", id=2, cost_class=PARTS, amount=Decimal(5), currency="EUR", cause="operation"),
]


def cover(workshop: Workshop, world: World) -> list[int]:
    with workshop.transaction(world.partner) as work:
        job = order(work, world, world.partner.organization)
        on = date(2026, 6, 1)
        rows = service.cover(
            work, work_order_id=job.id, machine_id=world.machine_id, on=on, life_hours=Decimal(900), lines=LINES
        )
        return [row.id for row in rows]


def test_every_line_of_a_job_names_its_payer_clause_and_reason(workshop: Workshop, covered: World) -> None:
    ids = cover(workshop, covered)
    with workshop.reading(covered.maker) as work:
        rows = [work.session.get_one(Coverage, each) for each in ids]
        assert [row.payer for row in rows] == [Payer.WARRANTY, Payer.CUSTOMER, Payer.CUSTOMER]
        t = translator("en")
        assert [said(t, row.explanation, row.explanation_params) for row in rows] == [
            "Clause 2.1 covers Parts until 30 Jan 2027 or 4,000 h, whichever is first",
            "Clause 2.2: cover of Labour ended on 30 Jan 2026",
            "Excluded by clause 4.1: Wrong operation",
        ]
        views = queries.coverages(work.session, covered.maker, machine_id=covered.machine_id)
        assert [view.clause for view in views] == ["4.1", "2.2", "2.1"]


def test_a_decision_is_advisory_until_the_manufacturer_confirms_it(workshop: Workshop, covered: World) -> None:
    first, second, third = cover(workshop, covered)
    with pytest.raises(NotFound), workshop.transaction(covered.operator) as work:
        service.confirm(work, first)
    with workshop.transaction(covered.maker) as work:
        service.confirm(work, first)
        with pytest.raises(Invalid, match="why"):
            service.confirm(work, second, payer=Payer.GOODWILL)
        row = service.confirm(work, second, payer=Payer.GOODWILL, reason="A good customer")
        assert "A good customer" in said(translator("en"), row.explanation, row.explanation_params)
        with pytest.raises(RuleBroken, match="already"):
            service.confirm(work, first)
    with workshop.transaction(covered.partner) as work:
        job = work.session.scalars(select(WorkOrder)).one()
        machine = covered.machine_id
        late = date(2028, 1, 1)
        service.cover(work, work_order_id=job.id, machine_id=machine, on=late, life_hours=None, lines=LINES)
        payers = {row.id: row.payer for row in work.session.scalars(select(Coverage))}
        assert payers == {first: Payer.WARRANTY, second: Payer.GOODWILL, third: Payer.CUSTOMER}


def test_maintenance_done_too_late_is_named_with_its_hours(workshop: Workshop, covered: World) -> None:
    with workshop.transaction(covered.maker) as work:
        owner = covered.maker.organization
        programme = Programme(
            organization_id=owner,
            model_id=covered.model_id,
            number=1,
            name="P",
            published_at=datetime(2025, 1, 1, tzinfo=UTC),
        )
        work.session.add(programme)
        work.session.flush()
        task = ProgrammeTask(programme_id=programme.id, code="S500", name="Service 500", every_hours=Decimal(500))
        work.session.add(task)
        work.session.flush()
        at = datetime(2025, 10, 1, 12, tzinfo=UTC)
        work.session.add(
            TaskCompletion(
                machine_id=covered.machine_id,
                task_id=task.id,
                task_code="S500",
                at=at,
                life_hours=Decimal(840),
                within_tolerance=False,
            )
        )
    (first, *_) = cover(workshop, covered)
    with workshop.reading(covered.maker) as work:
        row = work.session.get_one(Coverage, first)
        assert row.payer is Payer.CUSTOMER
        words = said(translator("en"), row.explanation, row.explanation_params)
        assert words == "Maintenance Service 500 was 340 h late (clause 5.1)"
        status = queries.status(work.session, covered.maker, covered.machine_id, work.now)
        assert [condition.met for condition in status.conditions] == [False]


def test_an_accepted_offer_begins_where_the_warranty_ends(workshop: Workshop, covered: World) -> None:
    row = offer(workshop, covered)
    with pytest.raises(Conflict, match="open"):
        offer(workshop, covered)
    with workshop.transaction(covered.operator) as work:
        accepted = service.accept(work, row, expected_version=1)
        assert (accepted.state, accepted.decided_at) == (OfferState.ACCEPTED, IN_TIME)
    with workshop.reading(covered.operator) as work:
        base, more = work.session.scalars(select(Warranty).order_by(Warranty.starts_on))
        assert (more.starts_on, more.ends_on, more.follows_id) == (base.ends_on, date(2028, 1, 31), base.id)
        paper = work.session.scalars(select(Certificate).where(Certificate.kind == CertificateKind.EXTENSION)).one()
        assert paper.issuer_id == covered.maker.organization
        assert paper.content["starts_on"] == "2027-01-31"
        assert paper.content["ends_on"] == "2028-01-30"
        assert Decimal(paper.content["scope"][0]["hours"]) == 6000
        status = queries.status(work.session, covered.operator, covered.machine_id, work.now)
        assert [(term.payer, term.state) for term in status.terms if term.cost_class is PARTS] == [
            (Payer.WARRANTY, "running"),
            (Payer.EXTENSION, "upcoming"),
        ]
    with pytest.raises(RuleBroken, match="no longer open"), workshop.transaction(covered.operator) as work:
        service.refuse(work, row, RefusalReason.PRICE)


def test_the_database_itself_refuses_a_gap_and_an_overlap(workshop: Workshop, covered: World) -> None:
    row = offer(workshop, covered)
    for starts_on in (date(2027, 2, 1), date(2027, 1, 30)):
        with pytest.raises(Conflict), workshop.transaction(covered.maker) as work:
            base = work.session.scalars(select(Warranty)).one()
            made = work.session.get_one(ExtensionOffer, row)
            late = Warranty(
                machine_id=covered.machine_id,
                policy_id=made.policy_id,
                starts_on=starts_on,
                ends_on=made.ends_on,
                start_hours=Decimal(0),
                offer_id=made.id,
                follows_id=base.id,
                created_at=work.now,
            )
            work.session.add(late)


def test_a_refusal_has_a_coded_reason_and_another_offer_may_follow(workshop: Workshop, covered: World) -> None:
    row = offer(workshop, covered)
    with pytest.raises(Invalid, match="other reason"), workshop.transaction(covered.operator) as work:
        service.refuse(work, row, RefusalReason.OTHER)
    with workshop.transaction(covered.operator) as work:
        assert service.refuse(work, row, RefusalReason.PRICE).state is OfferState.REFUSED
    assert offer(workshop, covered, price=Decimal(800)) != row


def test_an_offer_expires_after_its_last_day(workshop: Workshop, covered: World, clock: FixedClock) -> None:
    row = offer(workshop, covered, valid_until=date(2026, 12, 24))
    for day, expired in ((24, 0), (25, 1), (26, 0)):
        clock.at = datetime(2026, 12, day, 23, 30, tzinfo=UTC)
        if expired:
            with pytest.raises(RuleBroken, match="open until"), workshop.transaction(covered.operator) as work:
                service.accept(work, row)
        with workshop.transaction() as work:
            assert service.expire_offers(work) == expired
    with workshop.reading(covered.maker) as work:
        assert queries.offer(work.session, covered.maker, row).offer.state is OfferState.EXPIRED


def test_an_offer_is_made_in_time_and_open_no_longer_than_the_warranty(
    workshop: Workshop, covered: World, clock: FixedClock
) -> None:
    with pytest.raises(Invalid, match="2027-01-30"):
        offer(workshop, covered, valid_until=date(2027, 1, 31))
    clock.at = datetime(2027, 1, 31, tzinfo=UTC)
    with pytest.raises(RuleBroken, match="ended on 2027-01-30"):
        offer(workshop, covered)


def read(workshop: Workshop, world: World, at: datetime, hours: int) -> None:
    with workshop.transaction(world.maker) as work:
        usage.record(work, world.machine_id, MeterKind.HOURS, at, Decimal(hours))


def test_what_ends_soon_is_listed_by_date_or_by_expected_hours(
    workshop: Workshop, covered: World, clock: FixedClock
) -> None:
    with workshop.reading(covered.maker) as work:
        (ending,) = queries.endings(work.session, covered.maker, work.now)
        assert (ending.days_left, ending.offer_due, ending.customer) == (60, True, "Kamen")
    clock.at = datetime(2025, 12, 1, 12, tzinfo=UTC)
    with workshop.reading(covered.maker) as work:
        assert queries.endings(work.session, covered.maker, work.now) == []
    start = datetime(2025, 1, 31, 9, tzinfo=UTC)
    for week in range(1, 43):
        read(workshop, covered, start + timedelta(weeks=week), week * 90)
    with workshop.reading(covered.maker) as work:
        (ending,) = queries.endings(work.session, covered.maker, work.now)
        assert ending.hours_end_on is not None
        assert ending.ends_on < date(2026, 1, 15)
        assert ending.offer_due
        assert work.session.scalars(select(func.count(Reading.id))).one() >= 42
        assert work.session.scalar(select(func.count(Meter.id))) == 1


Act = Callable[[Work, World, int, int], object]
ACTS: list[Act] = [
    lambda work, w, row, decided: service.accept(work, row),
    lambda work, w, row, decided: service.refuse(work, row, RefusalReason.PRICE),
    lambda work, w, row, decided: service.confirm(work, decided),
    lambda work, w, row, decided: service.start_for(work, w.machine_id),
    lambda work, w, row, decided: service.offer(work, machine_id=w.machine_id, policy_id=1, price=Decimal(1)),
    lambda work, w, row, decided: service.end_policy(work, 1),
    lambda work, w, row, decided: service.change_policy(work, 1, {"name": "mine"}),
    lambda work, w, row, decided: queries.offer(work.session, work.actor, row),
    lambda work, w, row, decided: queries.coverage(work.session, work.actor, decided),
    lambda work, w, row, decided: queries.status(work.session, work.actor, w.machine_id, work.now),
    lambda work, w, row, decided: queries.policy(work.session, work.actor, 1),
]


@pytest.mark.parametrize("act", ACTS)
def test_a_stranger_finds_nothing(workshop: Workshop, covered: World, act: Act) -> None:
    row, (decided, *_) = offer(workshop, covered), cover(workshop, covered)
    with pytest.raises(NotFound), workshop.transaction(covered.stranger) as work:
        act(work, covered, row, decided)
    with workshop.reading(covered.stranger) as work:
        assert not queries.offers(work.session, work.actor)
        assert not queries.coverages(work.session, work.actor)
        assert not queries.endings(work.session, work.actor, work.now, days=999)
        assert not queries.policies(work.session, work.actor)


@pytest.mark.parametrize("act", [*ACTS[:2], ACTS[7]])
def test_the_seller_and_the_partner_do_not_decide_for_the_customer(
    workshop: Workshop, covered: World, act: Act
) -> None:
    row = offer(workshop, covered)
    with pytest.raises(NotFound), workshop.transaction(covered.partner) as work:
        act(work, covered, row, 0)
    if act is not ACTS[7]:
        with pytest.raises(NotFound), workshop.transaction(covered.maker) as work:
            act(work, covered, row, 0)


def test_an_operator_at_the_machine_may_not_sign_for_the_company(workshop: Workshop, covered: World) -> None:
    row = offer(workshop, covered)
    with workshop.transaction() as work:
        person: Actor = colleague(work, covered.operator.organization, OrganizationKind.OPERATOR, Role.OPERATOR)
    with pytest.raises(Forbidden), workshop.transaction(person) as work:
        service.accept(work, row)
