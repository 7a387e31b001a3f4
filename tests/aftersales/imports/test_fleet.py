"""Machines, readings, components, failures and replacements as rows of files."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from aftersales.models import (
    Component,
    FailureRecord,
    FaultReport,
    Installation,
    Machine,
    MachineModel,
    MachineParty,
    Meter,
    Part,
    Passport,
)
from aftersales.vocabulary import PartyRole, RemovalReason
from tests.aftersales.imports.conftest import Desk


def stays(desk: Desk) -> list[tuple[str, Decimal, Decimal | None, str | None]]:
    query = select(Component.serial_number, Installation).join(Component, Component.id == Installation.component_id)
    with desk.shop.reading(desk.actor) as work:
        rows = work.session.execute(query.order_by(Installation.valid_from, Installation.id)).all()
        return [(serial, stay.meter_in, stay.meter_out, stay.removal_reason) for serial, stay in rows]


def test_a_machine_brings_passport_party_and_meter(desk: Desk) -> None:
    text = (
        "serial_number,model,model_name,product_year,commissioned_on,operator,meter_display,life_hours\n"
        "007,CR-300,Crusher 300,2020,2024-05-01,quarry ltd,120,5120\n"
    )
    assert desk.counts("machines", text) == (1, 0)
    with desk.shop.reading(desk.actor) as work:
        machine = work.session.scalars(select(Machine).where(Machine.serial_number == "007")).one()
        model = work.session.get_one(MachineModel, machine.model_id)
        passport = work.session.scalars(select(Passport).where(Passport.machine_id == machine.id)).one()
        meter = work.session.scalars(select(Meter).where(Meter.machine_id == machine.id)).one()
        roles = set(work.session.scalars(select(MachineParty.role).where(MachineParty.machine_id == machine.id)))
    assert (model.code, model.name, machine.product_year) == ("CR-300", "Crusher 300", 2020)
    assert passport.reconstructed
    assert (meter.latest_display, meter.latest_life) == (Decimal(120), Decimal(5120))
    assert roles >= {PartyRole.MANUFACTURER, PartyRole.OPERATOR}


def test_a_state_no_machine_can_be_taken_over_in_is_refused_by_row(desk: Desk) -> None:
    text = "serial_number,model,state\n1,CR-200,planned\n2,CR-200,flying\n3,CR-200,\n"
    assert [(row, field) for row, field, _, _ in desk.refusals("machines", text)] == [
        (2, "serial_number"),
        (3, "state"),
    ]


def test_readings_are_refused_by_the_field_that_is_wrong(desk: Desk) -> None:
    text = (
        "machine,at,display,kind\n"
        "M1,2024-03-01 08:00,100,\n"
        "M1,2024-03-02 08:00,90,\n"
        "M1,2023-03-02 08:00,1,\n"
        "M1,2030-03-02 08:00,200,\n"
        "M1,2024-03-02 08:00,1,cycles\n"
    )
    assert [(row, field) for row, field, _, _ in desk.refusals("readings", text)] == [
        (3, "display"),
        (4, "at"),
        (5, "at"),
        (6, "kind"),
    ]
    result = desk.take("readings", text, partial=True)
    assert (result.added, result.refused) == (1, 4)


def test_a_serial_that_two_makers_use_is_said_to_be_so(desk: Desk) -> None:
    maker, partner = desk.world.organizations["maker"], desk.world.organizations["partner"]
    with desk.shop.transaction(desk.actor) as work:
        model = MachineModel(manufacturer_id=partner, code="X", name="X", markings=[])
        work.session.add(model)
        work.session.flush()
        other = Machine(
            public_id="public-other-1",
            manufacturer_id=partner,
            model_id=model.id,
            serial_number="M1",
            created_at=work.now,
        )
        work.session.add(other)
        work.session.flush()
        party = MachineParty(
            machine_id=other.id, organization_id=maker, role=PartyRole.SERVICE_PARTNER, valid_from=work.now
        )
        work.session.add(party)
    assert desk.refusals("faults", "machine,at\nM1,2024-03-01\n")[0][3] == "Several makers have used this serial number"


def test_components_come_and_go_with_the_machines_life(desk: Desk) -> None:
    desk.take("readings", "machine,at,display\nM1,2024-04-10 08:00,1000\n")
    text = (
        "machine,part,serial_number,position,installed_at,removed_at,reason\n"
        "M1,HP-100,B,PUMP,2024-03-01 08:00,,\n"
        "M1,HP-100,A,PUMP,2024-01-11 08:00,2024-03-01 08:00,failure\n"
    )
    assert desk.counts("components", text) == (2, 0)
    first, second = stays(desk)
    assert (first[0], first[1], first[3]) == ("A", Decimal(100), RemovalReason.FAILURE)
    assert (second[0], second[1], second[2]) == ("B", Decimal(600), None)
    clash = (
        "machine,part,serial_number,position,installed_at\nM1,HP-100,C,PUMP,2024-05-01\nM2,HP-100,B,PUMP,2024-05-01\n"
    )
    assert [row for row, *_ in desk.refusals("components", clash)] == [2, 3]
    assert desk.take("components", clash, partial=True).added == 0
    with desk.shop.reading(desk.actor) as work:
        assert set(work.session.scalars(select(Component.serial_number))) == {"A", "B"}


def test_a_failure_is_the_same_one_only_at_the_same_place(desk: Desk) -> None:
    text = "machine,at,part,position,mode\nM1,2024-03-01,HP-100,{},BRD\nM1,2024-03-01,HP-100,{},BRD\n"
    assert desk.counts("failures", text.format("PUMP", "BEARING")) == (2, 0)
    assert desk.counts("failures", text.format("PUMP", "PUMP")) == (0, 2)
    assert desk.refusals("failures", text.format("NOSE", "PUMP")) == [
        (2, "position", "NOSE", "This model has no such position")
    ]
    with desk.shop.reading(desk.actor) as work:
        places = set(work.session.scalars(select(FailureRecord.position_id)))
    assert places == {desk.world.positions["PUMP"], desk.world.positions["BEARING"]}


def test_failures_first_then_the_position_the_replacements_make_changes_nothing(desk: Desk) -> None:
    failures = "machine,at,part\nM1,2024-03-01 06:00,FLT-7\n"
    assert desk.counts("failures", failures) == (1, 0)
    assert desk.counts("replacements", "machine,part,at\nM1,FLT-7,2024-03-01 06:00\n") == (1, 0)
    assert desk.counts("failures", failures) == (0, 1)


def test_a_replacement_closes_the_one_before_and_says_why(desk: Desk) -> None:
    desk.take("readings", "machine,at,display\nM1,2024-04-10 08:00,1000\n")
    desk.take("failures", "machine,at,part\nM1,2024-03-01 08:00,FLT-7\n")
    text = "machine,part,at\nM1,FLT-7,2024-03-11 08:00\nM1,FLT-7,2024-01-11 08:00\nM1,FLT-7,2024-03-01 08:00\n"
    assert desk.counts("replacements", text) == (3, 0)
    assert [stay[1:] for stay in stays(desk)] == [
        (Decimal(100), Decimal(600), RemovalReason.FAILURE),
        (Decimal(600), Decimal(700), RemovalReason.PLANNED),
        (Decimal(700), None, None),
    ]
    assert desk.refusals("replacements", "machine,part,at\nM1,FLT-7,2024-03-05\n") == [
        (2, "at", "2024-03-05 00:00:00+00:00", "It lies before the last replacement recorded at this position")
    ]


def test_a_replacement_within_a_closed_stay_or_with_a_known_unit_is_refused_by_row(desk: Desk) -> None:
    stay = "machine,part,serial_number,position,installed_at,removed_at\nM1,HP-100,A,PUMP,2024-02-01,2024-05-01\n"
    desk.take("components", stay)
    text = (
        "machine,part,position,at,serial_number\n"
        "M1,HP-100,PUMP,2024-03-01,\nM1,HP-100,PUMP,2024-06-01,A\nM1,HP-100,PUMP,2024-05-01,B\n"
    )
    assert [(row, field) for row, field, _, _ in desk.refusals("replacements", text)] == [
        (2, "at"),
        (3, "serial_number"),
    ]
    assert desk.take("replacements", text, partial=True).added == 1
    assert [one[0] for one in stays(desk)] == ["A", "B"]


def test_a_partner_cannot_add_positions_to_anothers_model(desk: Desk) -> None:
    partner = Desk(desk.shop, desk.world, "partner")
    partner.take("parts", "number\nOWN\n")
    assert [
        (row, field) for row, field, _, _ in partner.refusals("replacements", "machine,part,at\nM1,OWN,2024-03-01\n")
    ] == [(2, "part")]
    assert partner.counts("replacements", "machine,part,position,at\nM1,OWN,PUMP,2024-03-01\n") == (1, 0)


def test_a_fault_belongs_to_who_ran_the_machine_then(desk: Desk) -> None:
    quarry, mine = desk.world.organizations["quarry"], desk.world.organizations["mine"]
    sold = datetime(2025, 1, 1, tzinfo=UTC)
    with desk.shop.transaction(desk.actor) as work:
        query = select(MachineParty).where(
            MachineParty.machine_id == desk.world.machines["M1"], MachineParty.role == PartyRole.OPERATOR
        )
        work.session.scalars(query).one().valid_to = sold
        work.session.flush()
        work.session.add(
            MachineParty(
                machine_id=desk.world.machines["M1"], organization_id=mine, role=PartyRole.OPERATOR, valid_from=sold
            )
        )
    desk.take("faults", "machine,at\nM1,2020-01-01\nM1,2024-06-01\nM1,2025-06-01\n")
    with desk.shop.reading(desk.actor) as work:
        found = list(work.session.scalars(select(FaultReport.organization_id).order_by(FaultReport.reported_at)))
    assert found == [None, quarry, mine]


@pytest.mark.parametrize("kind", ["faults", "failures", "replacements"])
def test_nothing_of_the_past_lies_in_the_future(quick: Desk, kind: str) -> None:
    later = quick.shop.clock.now() + timedelta(hours=1)
    text = f"machine,part,at\nM1,FLT-7,{later.isoformat()}\n"
    assert [problem[1:] for problem in quick.refusals(kind, text)] == [("at", str(later), "This lies in the future")]


def test_an_own_part_is_not_somebody_elses_of_the_same_number(desk: Desk) -> None:
    partner = Desk(desk.shop, desk.world, "partner")
    partner.take("parts", "number\nHP-100\n")
    partner.take("failures", "machine,at,part\nM1,2024-03-01,HP-100\n")
    with desk.shop.reading(desk.actor) as work:
        failed = work.session.scalars(select(FailureRecord.part_id)).one()
        assert failed is not None
        assert work.session.get_one(Part, failed).organization_id == desk.world.organizations["partner"]
