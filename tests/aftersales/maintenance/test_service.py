"""Programmes and due lists on both databases."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Connection

from aftersales.access import Actor
from aftersales.errors import DomainError, Forbidden, Invalid, NotFound, RuleBroken, Stale
from aftersales.maintenance import queries, service
from aftersales.maintenance.rules import Check, KitLine, TaskSpec
from aftersales.models import ChecklistItem, Machine, Part, Programme, ProgrammeTask, Site, TaskCompletion, TaskKitLine
from aftersales.usage import service as usage
from aftersales.vocabulary import DueStatus, MeterKind
from aftersales.work import Work, Workshop
from tests.aftersales.usage.world import MAKER, OPERATOR, OPERATOR_TECHNICIAN, START, STRANGER, machine, people, quarry
from tests.conftest import NOON

D = Decimal
TODAY = NOON.date()
RUN_IN = TaskSpec("50", "Run-in service", every_hours=D(50), repeats=False)
SMALL = TaskSpec(
    "500",
    "Small service",
    every_hours=D(500),
    every_days=365,
    standard_hours=D("2.5"),
    checklist=(Check("Oil level"), Check("Pressure", measured=True, unit="bar", lower=D(180), upper=D(200))),
    kit=(KitLine(1, D(2)),),
)
BIG = TaskSpec("1000", "Big service", every_hours=D(1000), includes=("500",), standard_hours=D(6))
WINTER = TaskSpec("W", "Heater check", every_days=180, only_with=("HEATER",))


def programme(work: Work, *tasks: TaskSpec) -> Programme:
    if work.session.get(Part, 1) is None:
        work.session.add(Part(organization_id=1, number="F-1", name="Filter", created_at=START))
        work.session.flush()
    row = service.create_programme(work, model_id=1, name="Loader", tasks=tasks or (RUN_IN, SMALL, BIG, WINTER))
    return service.publish(work, row.id)


def working(workshop: Workshop, hours: int, machines: int = 1) -> list[int]:
    """Machines with a programme that worked so many hours evenly up to today."""
    ids = quarry(workshop, machines)
    with workshop.transaction(MAKER) as work:
        programme(work)
        for machine_id in ids:
            for step in range(1, 11):
                at = START + (NOON - START) * step / 10
                usage.record(work, machine_id, MeterKind.HOURS, at, D(hours) * step / 10)
    return ids


def task_id(work: Work, code: str) -> int:
    return (
        work.session.scalars(
            select(ProgrammeTask.id).where(ProgrammeTask.code == code).order_by(ProgrammeTask.id.desc())
        ).first()
        or 0
    )


def statuses(work: Work, on: date = TODAY) -> dict[str, str]:
    return {task.code: task.status.value for task in queries.due_for_machine(work.session, work.actor, 1, on)}


def test_the_due_list_of_a_machine(workshop: Workshop) -> None:
    working(workshop, 960)
    with workshop.reading(OPERATOR) as work:
        tasks = {task.code: task for task in queries.due_for_machine(work.session, work.actor, 1, TODAY)}
    assert set(tasks) == {"50", "500", "1000"}
    assert [tasks[code].status.value for code in ("50", "500", "1000")] == ["overdue", "overdue", "due"]
    assert tasks["500"].covered_by == "1000"
    assert tasks["1000"].triggers[0].remaining == D(40)
    assert tasks["1000"].expected_on == TODAY + timedelta(days=17)
    assert tasks["500"].standard_hours == D("2.5")


def test_doing_a_big_service_does_the_small_one_too(workshop: Workshop) -> None:
    working(workshop, 960)
    with workshop.transaction(OPERATOR_TECHNICIAN) as work:
        done = service.complete(work, machine_id=1, task_id=task_id(work, "1000"))
        assert (done.task_code, done.life_hours, done.within_tolerance, done.anchor_hours) == (
            "1000", D(960), True, D(1000),
        )  # fmt: skip
        assert service.complete(work, machine_id=1, task_id=task_id(work, "1000")).id == done.id
        service.complete(work, machine_id=1, task_id=task_id(work, "50"))
        small = work.session.scalars(select(TaskCompletion).where(TaskCompletion.task_code == "500")).one()
        assert (small.within_tolerance, small.anchor_hours) == (False, D(960))
        assert statuses(work) == {"500": "ok", "1000": "ok", "50": "done"}
        lapses = queries.lapses(work.session, 1, TODAY - timedelta(days=5), TODAY)
        assert {(lapse.kind, lapse.task_code) for lapse in lapses} == {("late", "500"), ("late", "50")}
        assert not queries.lapses(work.session, 1, date(2025, 5, 1), date(2025, 5, 10))
        before = queries.lapses(work.session, 1, date(2025, 5, 1), TODAY - timedelta(days=1))
        assert {(lapse.kind, lapse.task_code) for lapse in before} == {("missed", "500"), ("missed", "50")}


def test_a_new_version_counts_on_by_task_code(workshop: Workshop) -> None:
    working(workshop, 960)
    with workshop.transaction(OPERATOR_TECHNICIAN) as work:
        service.complete(work, machine_id=1, task_id=task_id(work, "1000"))
    with workshop.transaction(MAKER) as work:
        draft = service.create_programme(
            work, model_id=1, name="Loader", tasks=[TaskSpec("1000", "Big", every_hours=D(100))]
        )
        assert draft.number == 2
        assert len(statuses(work)) == 3
        service.publish(work, draft.id)
        assert statuses(work) == {"1000": "ok"}
        task = queries.due_for_machine(work.session, work.actor, 1, TODAY)[0]
        assert task.triggers[0].due_at == D(1100)


def test_a_draft_changes_and_a_published_programme_does_not(workshop: Workshop) -> None:
    quarry(workshop)
    with workshop.transaction(MAKER) as work:
        first = programme(work)
        draft = service.create_programme(work, model_id=1, name="Next", tasks=[SMALL])
        version = draft.version
    with workshop.transaction(MAKER) as work:
        changed = service.change_programme(work, draft.id, tasks=[SMALL, BIG], expected_version=version)
        assert changed.version == version + 1
        assert len(work.session.scalars(select(ChecklistItem)).all()) == 4
        assert len(work.session.scalars(select(TaskKitLine)).all()) == 2
    with pytest.raises(Stale), workshop.transaction(MAKER) as work:
        service.change_programme(work, draft.id, name="Other", expected_version=version)
    with pytest.raises(RuleBroken) as refused, workshop.transaction(MAKER) as work:
        service.change_programme(work, first.id, name="Other")
    assert refused.value.reason == "programme_published"
    with pytest.raises(Invalid) as unsound, workshop.transaction(MAKER) as work:
        service.change_programme(
            work, draft.id, tasks=[BIG, TaskSpec("X", "X", every_days=0, kit=(KitLine(99, D(1)),))]
        )
    assert [(error["row"], error["field"]) for error in unsound.value.errors] == [
        (1, "includes"), (2, "every_days"), (2, "kit"),
    ]  # fmt: skip


def test_publishing_needs_tasks_and_order(workshop: Workshop) -> None:
    quarry(workshop)
    with workshop.transaction(MAKER) as work:
        work.session.add(Part(organization_id=1, number="F-1", name="Filter", created_at=START))
        work.session.flush()
        empty = service.create_programme(work, model_id=1, name="Empty")
        with pytest.raises(RuleBroken):
            service.publish(work, empty.id)
        programme(work)
        service.change_programme(work, empty.id, tasks=[SMALL])
        with pytest.raises(RuleBroken) as refused:
            service.publish(work, empty.id)
    assert refused.value.reason == "newer_published"


@pytest.mark.parametrize(("actor", "refusal"), [(STRANGER, NotFound), (Actor(), Forbidden)])
def test_others_neither_see_nor_change(workshop: Workshop, actor: Actor, refusal: type[DomainError]) -> None:
    working(workshop, 960)
    with workshop.reading(MAKER) as work:
        task = task_id(work, "500")
    with pytest.raises(refusal), workshop.reading(actor) as work:
        queries.due_for_machine(work.session, work.actor, 1, TODAY)
    with pytest.raises(refusal), workshop.transaction(actor) as work:
        service.complete(work, machine_id=1, task_id=task)
    with pytest.raises(refusal), workshop.transaction(actor) as work:
        service.create_programme(work, model_id=1, name="Mine")
    with pytest.raises(refusal), workshop.transaction(actor) as work:
        service.publish(work, 1)
    if actor is STRANGER:
        with workshop.reading(actor) as work:
            assert not queries.due_for_fleet(work.session, actor, TODAY)


def test_the_fleet_list_is_sorted_filtered_paged_and_set_wise(workshop: Workshop) -> None:
    ids = working(workshop, 960, machines=6)
    with workshop.transaction(MAKER) as work:
        work.session.add(Site(organization_id=2, name="North"))
        work.session.flush()
        work.session.get_one(Machine, ids[3]).site_id = 1
        work.session.get_one(Machine, ids[4]).configuration = ["HEATER"]
    statements: list[str] = []

    def note(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    with workshop.reading(OPERATOR) as work:
        event.listen(workshop.engine, "before_cursor_execute", note)
        every = queries.due_for_fleet(work.session, OPERATOR, TODAY)
        event.remove(workshop.engine, "before_cursor_execute", note)
        assert len(every) == 19
        assert len(statements) <= 16
        assert [task.key for task in every] == sorted(task.key for task in every)
        pages = queries.due_for_fleet(work.session, OPERATOR, TODAY, limit=10)
        pages += queries.due_for_fleet(work.session, OPERATOR, TODAY, after=pages[-1].key, limit=10)
        assert pages == every
        there = queries.due_for_fleet(work.session, OPERATOR, TODAY, site_id=1)
        assert {(task.machine.id, task.machine.site_name) for task in there} == {(ids[3], "North")}
        assert len(queries.due_for_fleet(work.session, OPERATOR, TODAY, statuses=[DueStatus.DUE])) == 6
        assert len(queries.due_for_fleet(work.session, OPERATOR, TODAY, model_id=1, operator_id=2)) == 19
        assert not queries.due_for_fleet(work.session, OPERATOR, TODAY, operator_id=1)
        assert every[0].machine.operator_name == "Quarry"


def test_a_machine_out_of_use_is_not_in_the_list(workshop: Workshop) -> None:
    with workshop.transaction() as work:
        people(work)
        machine(work, fitted=None)
    with workshop.transaction(MAKER) as work:
        programme(work)
        assert statuses(work)["1000"] == "unknown"
        assert {task.code for task in queries.due_for_fleet(work.session, MAKER, TODAY)} == {"500"}
