"""Parties change, ownership is transferred, sharing is given and revoked; a former party sees its own time only."""

from datetime import timedelta
from itertools import pairwise

import pytest

from aftersales.clock import FixedClock
from aftersales.errors import Conflict, Forbidden, NotFound, RuleBroken
from aftersales.models import Machine, MachineParty
from aftersales.registry import queries, service
from aftersales.vocabulary import MachineState, PartyRole, RemovalReason
from aftersales.work import Workshop
from tests.aftersales.registry import register
from tests.aftersales.registry.register import START, Register

R = PartyRole


def roles(workshop: Workshop, world: Register, machine: int) -> set[tuple[str, str]]:
    with workshop.reading(world.maker) as work:
        lines = queries.parties(work.session, world.maker, machine)
        return {(line.party.role.value, line.organization.name) for line in lines if line.current}


def test_transfer_keeps_history_and_ends_what_was_shared(workshop: Workshop, clock: FixedClock) -> None:
    world = register.build(workshop)
    machine = register.in_field(workshop, world)
    with workshop.transaction(world.operator) as work:
        with pytest.raises(NotFound):
            service.transfer_ownership(work, machine, organization_id=world.stranger.organization)
        service.transfer_ownership(work, machine, organization_name="Pijesak", reason="sold")
        assert work.session.get_one(Machine, machine).state is MachineState.TRANSFERRED
    assert roles(workshop, world, machine) == {
        ("manufacturer", "Drobilica"),
        ("owner", "Pijesak"),
        ("operator", "Pijesak"),
    }
    with workshop.reading(world.maker) as work:
        lines = queries.parties(work.session, world.maker, machine)
        owners = sorted((line.party for line in lines if line.party.role is R.OWNER), key=lambda p: p.valid_from)
        assert [(a.valid_to, b.valid_from) for a, b in pairwise(owners)] == [(clock.at, clock.at)]
        assert "Kamen" in queries.entries_of(work.session, world.maker, machine)[-1].entry.text


def test_a_former_owner_sees_its_own_time_only(workshop: Workshop, clock: FixedClock) -> None:
    world = register.build(workshop)
    machine = register.in_field(workshop, world)
    sold = START + timedelta(days=30)
    with workshop.transaction(world.operator, FixedClock(sold)) as work:
        service.transfer_ownership(work, machine, organization_name="Pijesak", keeps_running=True)
    with workshop.transaction(world.stranger) as work:
        service.change_state(work, machine, MachineState.DOWN)
        service.remove(work, machine_id=machine, position_id=world.pump_position, reason=RemovalReason.FAILURE)
        service.install(work, machine_id=machine, position_id=world.pump_position, serial_number="NEW")
        service.add_entry(work, machine, kind="note", text="secret")
    with workshop.transaction(world.operator) as work:
        session, actor = work.session, world.operator
        assert queries.list_machines(session, actor) == []
        (row,) = queries.list_machines(session, actor, former=True)
        assert (row.state, row.owner, row.hours) == (MachineState.IN_OPERATION, "", None)
        page = queries.machine_page(session, actor, machine)
        assert page.state is MachineState.IN_OPERATION
        assert not page.current
        installed = queries.components(session, actor, machine, work.now)
        assert [one.component.serial_number for one in installed] == ["pump of 100-001"]
        assert "secret" not in [line.entry.text for line in queries.entries_of(session, actor, machine)]
        assert [change.event.to_state for change in queries.lifecycle_of(session, actor, machine)][-1] is (
            MachineState.IN_OPERATION
        )
        assert "NEW" not in [c.serial_number for c, _ in queries.list_components(session, actor)]
        assert {line.organization.name for line in queries.parties(session, actor, machine)} >= {"Kamen", "Servis"}
        assert "Pijesak" not in {line.organization.name for line in queries.parties(session, actor, machine)}
        with pytest.raises(NotFound):
            service.change_state(work, machine, MachineState.STANDBY)
    with workshop.reading(world.stranger) as work:
        assert len(queries.lifecycle_of(work.session, world.stranger, machine)) == 7


def test_sharing_is_given_and_revoked_by_owner_and_operator(workshop: Workshop, clock: FixedClock) -> None:
    world = register.build(workshop)
    machine = register.in_field(workshop, world)
    with workshop.transaction(world.maker) as work, pytest.raises(Forbidden):
        service.set_party(work, machine, role=R.GUEST, organization_name="Pijesak")
    with workshop.transaction(world.operator) as work:
        guest = service.set_party(work, machine, role=R.GUEST, organization_name="Pijesak")
        with pytest.raises(Conflict):
            service.set_party(work, machine, role=R.GUEST, organization_name="Pijesak")
    clock.at += timedelta(hours=1)
    with workshop.reading(world.stranger) as work:
        assert queries.machine_page(work.session, world.stranger, machine).roles == {R.GUEST}
    with workshop.transaction(world.operator) as work:
        service.end_party(work, machine, guest.id)
        with pytest.raises(RuleBroken):
            service.end_party(work, machine, guest.id)
    with workshop.reading(world.stranger) as work:
        assert queries.machine_page(work.session, world.stranger, machine).roles == frozenset()
    with workshop.transaction(world.partner) as work:
        mine = next(
            line.party
            for line in queries.parties(work.session, world.partner, machine)
            if line.party.role is R.SERVICE_PARTNER
        )
        service.end_party(work, machine, mine.id)
    with workshop.transaction(world.stranger) as work, pytest.raises(NotFound):
        service.set_party(work, machine, role=R.GUEST, organization_name="Pijesak")


def test_the_owner_names_the_operator(workshop: Workshop, clock: FixedClock) -> None:
    world = register.build(workshop)
    machine = register.in_field(workshop, world)
    with workshop.transaction(world.operator) as work:
        with pytest.raises(RuleBroken, match="transfer"):
            service.set_party(work, machine, role=R.OWNER, organization_name="Pijesak")
        with pytest.raises(RuleBroken, match="since"):
            service.set_party(work, machine, role=R.OPERATOR, organization_name="Pijesak", at=START)
        service.set_party(work, machine, role=R.OPERATOR, organization_name="Pijesak", at=clock.at)
    assert ("operator", "Pijesak") in roles(workshop, world, machine)
    assert ("operator", "Kamen") not in roles(workshop, world, machine)


@pytest.mark.parametrize(
    ("start", "end", "refused"), [(-9, -5, False), (5, 9, True), (-9, None, True), (20, None, False)]
)
def test_the_database_itself_refuses_a_second_owner(
    workshop: Workshop, start: int, end: int | None, refused: bool
) -> None:
    world = register.build(workshop)
    with workshop.transaction(world.maker, FixedClock(START - timedelta(days=30))) as work:
        machine = service.create_machine(work, model_id=world.model_id, serial_number="1").id

    def party(first: int, last: int | None, actor_id: int) -> MachineParty:
        return MachineParty(
            machine_id=machine,
            organization_id=actor_id,
            role=R.OWNER,
            valid_from=START + timedelta(days=first),
            valid_to=None if last is None else START + timedelta(days=last),
        )

    with workshop.transaction() as work:
        work.session.add(party(0, 10, world.operator.organization))
    try:
        with workshop.transaction() as work:
            work.session.add(party(start, end, world.stranger.organization))
        assert not refused
    except Conflict:
        assert refused


def test_a_machine_stands_at_a_site_of_a_present_party(workshop: Workshop) -> None:
    world = register.build(workshop)
    machine = register.in_field(workshop, world)
    with workshop.transaction(world.operator) as work:
        service.transfer_ownership(work, machine, organization_name="Pijesak")
    with workshop.transaction(world.stranger) as work, pytest.raises(NotFound):
        service.move_to_site(work, machine, world.site_id)
