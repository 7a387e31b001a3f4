"""Runs: repeatable, kept with all they came from, never changed, seen by their own organisation alone, scored later."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from aftersales.access import SYSTEM, Actor
from aftersales.clock import FixedClock
from aftersales.errors import Conflict, Forbidden, Invalid, NotFound, RuleBroken
from aftersales.models import ForecastLine, ForecastRun, ForecastScore, OutboxEvent, Part
from aftersales.parts import service as parts
from aftersales.planning import queries, service
from aftersales.planning.proposals import of_part, proposals
from aftersales.vocabulary import OrganizationKind, Role
from aftersales.work import Workshop
from forecasting.stock.policy import Reason
from tests.aftersales.planning.field import Field, on, open_field
from tests.aftersales.trade_world import colleague


@pytest.fixture
def field(workshop: Workshop) -> Field:
    """Bolts used three a month, oil now and then, the pump never; seven months of history."""
    made = open_field(workshop)
    for part in (made.store.bolt, made.store.oil):
        made.receive(part, 100, on(2025, 11, 3))
    for year, month in ((2025, 11), (2025, 12), *((2026, month) for month in range(1, 6))):
        made.issue(made.store.bolt, 3, on(year, month))
    made.issue(made.store.oil, 1, on(2026, 3))
    return made


def run(field: Field, seed: int = 0, actor: Actor | None = None) -> int:
    made = service.run_forecast(field.shop, actor or field.maker, horizon=6, seed=seed)
    assert made is not None
    return made


def numbers(field: Field, run_id: int) -> list[object]:
    with field.shop.reading(field.maker) as work:
        found = queries.lines(work.session, field.maker, run_id)
        return [
            (view.part.id, view.line.mean, view.line.quantiles, view.line.lead_time_quantiles, view.line.method)
            for view in found
        ]


def test_a_run_keeps_what_it_came_from_and_can_be_repeated(field: Field) -> None:
    seen: list[tuple[int, int]] = []
    first = service.run_forecast(
        field.shop, field.maker, horizon=6, progress=lambda done, total, label: seen.append((done, total))
    )
    second = run(field)
    assert first is not None
    assert seen[-1][0] == seen[-1][1]
    assert numbers(field, first) == numbers(field, second)
    with field.shop.reading(field.maker) as work:
        one, two = (queries.run(work.session, field.maker, number).run for number in (first, second))
        assert (one.origin, one.horizon, one.seed) == (date(2026, 6, 1), 6, 0)
        assert one.inputs_hash == two.inputs_hash
        assert one.code_version.startswith("0.1.0+")
        assert one.summary["parts"] == 3
        assert sum(one.summary["classes"].values()) == 3
        bolt = queries.line(work.session, field.maker, field.store.bolt)[1].line
        assert bolt.history["demand"] == [3, 3, 3, 3, 3, 3, 3]
        assert bolt.history["first_month"] == "2025-11"
        assert bolt.history["sources"] == {"consumption": 21}
        assert sum(bolt.mean) == pytest.approx(18, rel=0.25)
        pump = queries.line(work.session, field.maker, field.store.pump)[1].line
        assert (pump.demand_class, pump.method) == ("no demand", "no demand")


def test_a_line_says_what_it_carries_from_parts_it_replaces(field: Field) -> None:
    with field.shop.transaction(field.maker) as work:
        parts.supersede(
            work, old_id=field.store.bolt, new_id=field.store.oil, valid_from=date(2026, 5, 1), ratio=Decimal(2)
        )
    run(field)
    with field.shop.reading(field.maker) as work:
        oil = queries.line(work.session, field.maker, field.store.oil)[1].line
        assert oil.history["demand"] == [6, 6, 6, 6, 7, 6, 6]
        assert oil.history["sources"] == {"consumption": 1, "superseded": 42}
        assert oil.history["carried_from"] == [field.store.bolt]
        with pytest.raises(NotFound):
            queries.line(work.session, field.maker, field.store.bolt)


def test_other_inputs_have_another_hash(field: Field) -> None:
    first = run(field)
    field.issue(field.store.bolt, 1, on(2026, 5, 20))
    second = run(field)
    with field.shop.reading(field.maker) as work:
        hashes = {queries.run(work.session, field.maker, number).run.inputs_hash for number in (first, second)}
    assert len(hashes) == 2


def test_runs_and_lines_never_change(field: Field) -> None:
    made = run(field)
    for model in (ForecastRun, ForecastLine):
        with pytest.raises(Conflict), field.shop.transaction() as work:
            work.session.execute(update(model).values(id=model.id + 1000))
    assert numbers(field, made)


def test_only_the_organisation_that_owns_the_parts_sees_its_forecast(field: Field) -> None:
    made = run(field)
    for name in ("operator", "partner", "supplier", "stranger"):
        other = getattr(field.store.world, name)
        with field.shop.reading(other) as work:
            assert queries.latest(work.session, other) is None
            assert queries.runs(work.session, other) == []
            assert proposals(work.session, other) == []
            with pytest.raises(NotFound):
                queries.run(work.session, other, made)
            with pytest.raises(NotFound):
                queries.lines(work.session, other, made)
            for chosen in (None, made):
                with pytest.raises(NotFound):
                    queries.line(work.session, other, field.store.bolt, chosen)
        with pytest.raises(RuleBroken):
            service.run_forecast(field.shop, other)


@pytest.mark.parametrize(
    ("role", "may_read"), [(Role.OPERATOR, False), (Role.TECHNICIAN, False), (Role.STOREKEEPER, True)]
)
def test_roles(field: Field, role: Role, may_read: bool) -> None:
    with field.shop.transaction() as work:
        person = colleague(work, field.maker.organization, OrganizationKind.MANUFACTURER, role)
    with pytest.raises(Forbidden):
        service.run_forecast(field.shop, person)
    with field.shop.transaction(person) as work, pytest.raises(Forbidden):
        service.request_run(work)
    with field.shop.reading(person) as work:
        if may_read:
            assert queries.latest(work.session, person) is None
        else:
            with pytest.raises(Forbidden):
                queries.latest(work.session, person)


@pytest.mark.parametrize("settings", [{"horizon": 0}, {"horizon": 61}, {"seed": -1}, {"seed": 2**31}])
def test_impossible_settings_are_refused(field: Field, settings: dict[str, int]) -> None:
    with pytest.raises(Invalid) as refusal:
        service.run_forecast(field.shop, field.maker, horizon=settings.get("horizon", 1), seed=settings.get("seed", 0))
    assert refusal.value.errors[0]["field"] == next(iter(settings))


def test_a_run_is_asked_for_once_and_made_by_a_job(field: Field) -> None:
    for _ in range(2):
        with field.shop.transaction(field.maker) as work:
            assert service.request_run(work, horizon=3).open
    with field.shop.reading(SYSTEM) as work:
        (event,) = work.session.scalars(select(OutboxEvent).where(OutboxEvent.event == service.REQUESTED))
    service.carry_out_request(field.shop, replace(SYSTEM, organization_id=event.organization_id), event.payload)
    with field.shop.reading(field.maker) as work:
        made = queries.latest(work.session, field.maker)
        assert made is not None
        assert (made.horizon, made.actor_id) == (3, field.maker.user_id)


def test_nobody_else_can_ask_without_parts(field: Field) -> None:
    with field.shop.transaction(field.store.world.operator) as work, pytest.raises(RuleBroken):
        service.request_run(work)


def test_every_night_a_run_only_where_something_changed(field: Field) -> None:
    with field.shop.transaction() as work:
        assert service.nightly_forecast(work) == 1
        work.session.flush()
        event = work.session.scalars(select(OutboxEvent)).one()
        organization, payload = event.organization_id, event.payload
    assert organization == field.maker.organization
    system = replace(SYSTEM, organization_id=organization)
    for expected in (1, 1):
        service.carry_out_request(field.shop, system, payload)
        with field.shop.reading(SYSTEM) as work:
            assert work.session.scalar(select(func.count()).select_from(ForecastRun)) == expected
    field.issue(field.store.bolt, 1, on(2026, 5, 20))
    service.carry_out_request(field.shop, system, payload)
    with field.shop.reading(field.maker) as work:
        assert len(queries.runs(work.session, field.maker)) == 2
        assert queries.request_state(work.session, field.maker) is None


def test_earlier_runs_are_scored_when_their_months_have_come(field: Field, clock: FixedClock) -> None:
    first = run(field)
    clock.at = on(2026, 8, 3)
    for month, quantity in ((6, 3), (7, 5)):
        field.issue(field.store.bolt, quantity, on(2026, month))
    second = run(field)
    third = run(field)
    with field.shop.reading(field.maker) as work:
        (score,) = queries.run(work.session, field.maker, first).scores
        assert queries.run(work.session, field.maker, second).scores == ()
        assert queries.run(work.session, field.maker, third).scores == ()
        assert work.session.scalar(select(func.count()).select_from(ForecastScore)) == 1
    assert (score.months, score.parts) == (2, 3)
    verdicts = {verdict["name"]: verdict for verdict in score.verdicts}
    assert verdicts["zero"]["bias"] == -1
    assert verdicts["naive"]["bias"] == pytest.approx((3 + 3) / 8 - 1)
    assert verdicts["forecast"]["wql"] < verdicts["zero"]["wql"]
    assert 0 <= verdicts["forecast"]["coverage"]["0.95"] <= 1


def test_a_proposal_follows_forecast_and_stock(field: Field) -> None:
    run(field)
    with field.shop.reading(field.maker) as work:
        found = of_part(work.session, field.maker, field.store.bolt)
        assert found is not None
        assert (found.on_hand, found.lead_time_months) == (Decimal(79), 1)
        assert (found.proposed.quantity, found.proposed.reason) == (Decimal(0), Reason.ENOUGH)
        assert proposals(work.session, field.maker, only_to_order=True, text="bolt") == []
    field.issue(field.store.bolt, 79, on(2026, 6, 1, 8))
    with field.shop.transaction() as work:
        work.session.execute(update(Part).where(Part.id == field.store.bolt).values(minimum_quantity=Decimal(50)))
    with field.shop.reading(field.maker) as work:
        (found,) = proposals(work.session, field.maker, only_to_order=True, text="bolt")
        assert found.part.id == field.store.bolt
        assert (found.proposed.quantity, found.proposed.reason) == (Decimal(50), Reason.RAISED_TO_MINIMUM)
        assert found.proposed.reorder_point >= 3


def test_lines_and_proposals_go_on_by_cursor(field: Field) -> None:
    made = run(field)
    with field.shop.reading(field.maker) as work:
        for listed in (_listed_lines, _listed_proposals):
            seen: list[int] = []
            while page := listed(work.session, field.maker, made, seen[-1] if seen else None):
                seen += page
            assert sorted(seen) == sorted([field.store.bolt, field.store.oil, field.store.pump])
        with pytest.raises(Invalid):
            queries.lines(work.session, field.maker, made, after="x")
        (only,) = queries.lines(work.session, field.maker, made, text="bol")
        assert only.part.number == "BOLT"


def _listed_lines(session: Session, actor: Actor, made: int, after: int | None) -> list[int]:
    return [view.part.id for view in queries.lines(session, actor, made, after=after, limit=1)]


def _listed_proposals(session: Session, actor: Actor, made: int, after: int | None) -> list[int]:
    return [view.part.id for view in proposals(session, actor, after=after, limit=1)]
