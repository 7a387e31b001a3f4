"""Bulk ingest on both databases: each row judged, only its own organisation's machines, nothing twice."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from aftersales.access import Actor
from aftersales.errors import Forbidden, Invalid
from aftersales.models import AuditEntry, Machine, MachineParty, Meter, Organization, Reading
from aftersales.usage import service
from aftersales.usage.bulk_rows import MAX_ROWS, BadRow, ReadingRow, decode
from aftersales.usage.ingest import RowOutcome, ingest
from aftersales.vocabulary import MeterKind, PartyRole
from aftersales.work import Workshop
from tests.aftersales.usage.world import OPERATOR, START, STRANGER, quarry
from tests.conftest import NOON

D = Decimal


def row(day: float, display: str, machine_id: int = 1, *, estimated: bool = False) -> ReadingRow:
    return ReadingRow(START + timedelta(days=day), D(display), machine_id, estimated=estimated)


def take(workshop: Workshop, rows: list[ReadingRow | BadRow], actor: Actor = OPERATOR) -> list[str]:
    with workshop.transaction(actor) as work:
        return [said(outcome) for outcome in ingest(work, rows)]


def said(outcome: RowOutcome) -> str:
    return outcome.refusal.code if outcome.refusal else outcome.outcome.value


def latest(workshop: Workshop) -> list[tuple[datetime, D, D, bool]]:
    with workshop.reading(OPERATOR) as work:
        meters = work.session.scalars(select(Meter).order_by(Meter.id))
        return [(meter.latest_at, meter.latest_display, meter.latest_life, meter.unsettled) for meter in meters]


def test_every_row_has_its_outcome(workshop: Workshop) -> None:
    quarry(workshop, 3)
    rows: list[ReadingRow | BadRow] = [
        row(10, "100"),
        row(20, "200.125"),
        row(10, "100"),
        row(10, "100.0001"),
        row(15, "90"),
        row(10, "50", 2),
        row(9, "60", 2),
        row(30, "80", 2, estimated=True),
        row(1, "25.1", 3),
        row(1, "10", 99),
        BadRow("no date"),
        ReadingRow(START + timedelta(days=2), D(20), serial_number="S-3"),
        ReadingRow(START + timedelta(days=3), D(30), serial_number="S-3", manufacturer_id=2),
        ReadingRow(START + timedelta(days=3), D(30), 3, kind=MeterKind.CYCLES),
    ]
    assert take(workshop, rows) == [
        "accepted", "accepted", "duplicate", "not_a_meter_value", "reading_backwards",
        "reading_backwards", "accepted", "accepted",
        "reading_jumps", "not_found", "invalid", "accepted", "not_found", "no_meter",
    ]  # fmt: skip
    assert [(D(display), D(life), unsettled) for _, display, life, unsettled in latest(workshop)] == [
        (D("200.125"), D("200.125"), False), (D(80), D(80), True), (D(20), D(20), False)
    ]  # fmt: skip


def test_the_same_bulk_again_changes_nothing(workshop: Workshop) -> None:
    quarry(workshop, 2)
    rows: list[ReadingRow | BadRow] = [row(day, str(day * 10), machine) for day in range(1, 40) for machine in (1, 2)]
    assert set(take(workshop, rows)) == {"accepted"}
    before = latest(workshop)
    assert set(take(workshop, rows)) == {"duplicate"}
    assert set(take(workshop, rows[-2:])) == {"duplicate"}
    assert latest(workshop) == before
    with workshop.reading(OPERATOR) as work:
        assert work.session.scalar(select(func.count()).select_from(Reading)) == len(rows)
        entries = work.session.scalars(select(AuditEntry).where(AuditEntry.action == "ingest")).all()
        assert len(entries) == 1
        assert '"rows":78' in entries[0].changes


def test_late_rows_and_rows_after_an_estimate_go_through_the_ledger(workshop: Workshop) -> None:
    quarry(workshop)
    assert take(workshop, [row(10, "100"), row(20, "200", estimated=True)]) == ["accepted", "accepted"]
    assert take(workshop, [row(15, "120"), row(20, "180"), row(30, "190")]) == ["accepted"] * 3
    assert [(display, unsettled) for _, display, _, unsettled in latest(workshop)] == [(D(190), False)]
    assert take(workshop, [row(12, "130"), row(12, "110"), row(40, "195")]) == [
        "reading_not_between", "accepted", "accepted"
    ]  # fmt: skip


def test_a_bulk_reads_the_same_as_single_readings(workshop: Workshop) -> None:
    quarry(workshop, 2, rolls_over_at=D(500))
    displays = [(10, "100"), (30, "480"), (35, "10"), (60, "499.999"), (60.5, "5")]
    assert set(take(workshop, [row(day, display, 1) for day, display in displays])) == {"accepted"}
    with workshop.transaction(OPERATOR) as work:
        for day, display in displays:
            service.record(work, 2, MeterKind.HOURS, START + timedelta(days=day), D(display))
    first, second = latest(workshop)
    assert first == second
    assert first[2] == D(1005)


def test_foreign_and_ended_machines_are_not_found(workshop: Workshop) -> None:
    quarry(workshop)
    assert take(workshop, [row(10, "100")], STRANGER) == ["not_found"]
    with workshop.transaction() as work:
        party = work.session.scalars(select(MachineParty).where(MachineParty.organization_id == 2)).one()
        party.valid_to = NOON - timedelta(days=1)
    assert take(workshop, [row(10, "100")]) == ["not_found"]
    with pytest.raises(Forbidden):
        take(workshop, [row(10, "100")], Actor())


def test_one_serial_number_of_two_makers_needs_the_maker(workshop: Workshop) -> None:
    quarry(workshop)
    with workshop.transaction() as work:
        work.session.add(Organization(name="Other", kinds=["manufacturer"], country="EE", created_at=START))
        work.session.flush()
        twin = Machine(public_id="twin", manufacturer_id=4, model_id=1, serial_number="S-1", created_at=START)
        work.session.add(twin)
        work.session.flush()
        work.session.add(MachineParty(machine_id=twin.id, organization_id=2, role=PartyRole.OPERATOR, valid_from=START))
    by_serial = ReadingRow(START + timedelta(days=2), D(20), serial_number="S-1")
    narrowed = ReadingRow(START + timedelta(days=2), D(20), serial_number="S-1", manufacturer_id=1)
    assert take(workshop, [by_serial, narrowed]) == ["ambiguous", "accepted"]


def test_decoding_names_the_bad_row_and_goes_on() -> None:
    body = (
        b'{"readings": [{"machine_id": 1, "at": "2026-05-01T00:00:00Z", "display": "10.5"},'
        b'{"machine_id": 1, "at": "2026-05-01T00:00:00", "display": 1}, {"at": 5}, 7,'
        b'{"machine_id": 1, "at": "2026-05-02T00:00:00+02:00", "display": 11.25}]}'
    )
    rows = decode(body)
    assert [type(each).__name__ for each in rows] == ["ReadingRow", "BadRow", "BadRow", "BadRow", "ReadingRow"]
    assert isinstance(rows[4], ReadingRow)
    assert rows[4].display == D("11.25")
    for bad in (b"", b"[]", b'{"readings": 5}', b"\xff"):
        with pytest.raises(Invalid):
            decode(bad)
    with pytest.raises(Invalid, match="At most"):
        decode(b'{"readings": [' + b",".join([b"1"] * (MAX_ROWS + 1)) + b"]}")
