"""Lists of machines and models: searched, filtered, in pages, and only one's own."""

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection

from aftersales.errors import Conflict, Forbidden, Invalid, NotFound, RuleBroken, Stale
from aftersales.models import Machine
from aftersales.registry import queries, service
from aftersales.vocabulary import MachineState
from aftersales.work import Workshop
from tests.aftersales.registry import register


def test_search_filter_and_pages(workshop: Workshop) -> None:
    world = register.build(workshop)
    with workshop.transaction(world.maker) as work:
        for number in range(7):
            service.create_machine(
                work, model_id=world.model_id, serial_number=f"S%{number}", order_code=f"ORD-{number}"
            )
    sold = register.in_field(workshop, world, serial="Field_1")
    with workshop.reading(world.maker) as work:
        session, maker = work.session, world.maker
        found = queries.list_machines(session, maker, limit=5)
        rest = queries.list_machines(session, maker, after=found[-1].machine.id, limit=5)
        assert len(found) == 5
        assert [row.machine.id for row in rest] == [6, 7, 8]
        assert [row.machine.id for row in queries.list_machines(session, maker, search="field_")] == [sold]
        assert len(queries.list_machines(session, maker, search="s%")) == 7
        assert len(queries.list_machines(session, maker, search="ord-3")) == 1
        assert len(queries.list_machines(session, maker, search="DR-1")) == 8
        assert len(queries.list_machines(session, maker, states=[MachineState.IN_OPERATION])) == 1
        by_party = queries.list_machines(session, maker, organization_id=world.operator.organization)
        assert [(row.owner, row.operator, row.site) for row in by_party] == [("Kamen", "Kamen", "Quarry 1")]
    with workshop.reading(world.stranger) as work:
        assert queries.list_machines(work.session, world.stranger) == []
        assert queries.list_models(work.session, world.stranger) == []
        with pytest.raises(NotFound):
            queries.machine_page(work.session, world.stranger, sold)
    with workshop.reading(world.operator) as work:
        assert [model.code for model, _ in queries.list_models(work.session, world.operator)] == ["DR-100"]


def test_a_list_takes_few_statements(sqlite_workshop: Workshop) -> None:
    world = register.build(sqlite_workshop)
    for number in range(6):
        register.in_field(sqlite_workshop, world, serial=str(number))
    statements: list[str] = []

    def note(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    event.listen(sqlite_workshop.engine, "before_cursor_execute", note)
    with sqlite_workshop.reading(world.operator) as work:
        rows = queries.list_machines(work.session, world.operator)
        assert len([row.model.name + row.site + row.owner for row in rows]) == 6
    assert len(statements) <= 4


def test_the_tree_lists_parents_before_children(workshop: Workshop) -> None:
    world = register.build(workshop)
    with workshop.transaction(world.maker) as work:
        service.add_position(work, world.model_id, code="05", name="Frame")
        service.add_position(work, world.model_id, code="30", name="Seal", parent_id=world.hose_position)
        nodes = queries.positions(work.session, world.maker, world.model_id)
        assert [(node.position.code, node.depth) for node in nodes] == [("05", 0), ("10", 0), ("20", 1), ("30", 2)]
        with pytest.raises(RuleBroken, match="within itself"):
            service.change_position(work, world.pump_position, {"parent_id": world.hose_position})


def test_models_are_their_makers(workshop: Workshop) -> None:
    world = register.build(workshop)
    machine = register.in_field(workshop, world)
    with workshop.transaction(world.maker) as work:
        model = queries.model(work.session, world.maker, world.model_id)
        version = model.version
        service.change_model(work, model.id, {"name": "Jaw crusher 100"}, expected_version=version)
        assert model.version == version + 1
        service.add_position(work, model.id, code="40", name="Belt")
        assert model.version == version + 2
        with pytest.raises(Stale):
            service.change_model(work, model.id, {"name": "x"}, expected_version=version)
        with pytest.raises(Invalid):
            service.change_model(work, model.id, {"manufacturer_id": 3})
        for code, call in (
            ("model_exists", lambda: service.create_model(work, code="DR-100", name="again")),
            ("position_exists", lambda: service.add_position(work, model.id, code="10", name="again")),
            ("option_exists", lambda: service.add_option(work, model.id, code="AC", name="again")),
        ):
            with pytest.raises(Conflict) as refused:
                call()
            assert refused.value.reason == code
        with pytest.raises(RuleBroken, match="more units"):
            service.install(work, machine_id=machine, position_id=world.hose_position, slot=2, serial_number="H")
            service.change_position(work, world.hose_position, {"quantity": 1})
    with workshop.transaction(world.operator) as work:
        with pytest.raises(NotFound):
            service.change_model(work, world.model_id, {"name": "mine"})
        with pytest.raises(RuleBroken, match="not a manufacturer"):
            service.create_model(work, code="X", name="X")
        with pytest.raises(NotFound):
            service.create_machine(work, model_id=world.model_id, serial_number="X")
        with pytest.raises(Forbidden):
            service.record_results(work, machine, [], tester="x")
    with workshop.transaction(world.maker) as work:
        service.end_model(work, world.model_id)
        with pytest.raises(RuleBroken, match="no longer made"):
            service.create_machine(work, model_id=world.model_id, serial_number="X")


def test_the_public_nameplate_says_nothing_of_owners(workshop: Workshop) -> None:
    world = register.build(workshop)
    machine_id = register.in_field(workshop, world)
    with workshop.transaction(world.operator) as work:
        machine = work.session.get_one(Machine, machine_id)
        shown = queries.public_machine(work.session, machine.public_id)
        assert (shown.manufacturer, shown.serial_number, shown.reporting_open) == ("Drobilica", "100-001", True)
        assert "Kamen" not in str(shown)
        service.set_reporting(work, machine_id, is_open=False)
        assert not queries.public_machine(work.session, machine.public_id).reporting_open
        with pytest.raises(NotFound):
            queries.public_machine(work.session, "nowhere")
