"""The sample machines: made, tested, given their passport, shipped, commissioned; and their meter readings."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import insert

from aftersales.models import (
    AcceptanceResult,
    Component,
    Installation,
    LifecycleEvent,
    Machine,
    MachineParty,
    Meter,
    MeterSegment,
    Reading,
)
from aftersales.registry import service as registry
from aftersales.sample.book import Book, decimal
from aftersales.sample.catalogue import MODELS
from aftersales.sample.companies import MAKER, SERVED_BY
from aftersales.sample.history import MACHINES_IN_THE_WORKS, SampleMachine
from aftersales.vocabulary import MachineState, MeterKind, PartyRole, ReadingKind, ReadingSource, Role

S = MachineState
WORKING_DAY = time(8)


def public_id(serial: str) -> str:
    """Return the address of a sample machine: the same for every loading, unlike a real one's."""
    return hashlib.sha256(f"sample:{serial}".encode()).hexdigest()[:20]


def write_machines(book: Book, fleet: list[SampleMachine]) -> None:
    """Write every machine in the field with its passport, oldest first."""
    for sample in fleet:
        built = sample.commissioned.replace(
            year=sample.built_on.year, month=sample.built_on.month, day=sample.built_on.day
        )
        machine = _make(book, sample.serial, sample.model.code, built)
        _components(book, sample.model.code, machine, sample.serial, built)
        _measure(book, sample, machine, built + timedelta(days=2))
        quality = book.acting(MAKER, Role.QUALITY, built + timedelta(days=3))
        registry.issue_passport(quality, machine.id)
        _deliver(book, sample, machine, built)
        book.machines.append((sample, machine))


def _make(book: Book, serial: str, model: str, built: datetime) -> Machine:
    session, maker = book.work.session, book.organizations[MAKER]
    machine = Machine(
        public_id=public_id(serial),
        manufacturer_id=maker.id,
        model_id=book.models[model],
        serial_number=serial,
        order_code=f"{model}/{serial[-4:]}",
        product_year=built.year,
        state=S.IN_PRODUCTION,
        created_at=built,
    )
    session.add(machine)
    session.flush()
    session.add(
        MachineParty(machine_id=machine.id, organization_id=maker.id, role=PartyRole.MANUFACTURER, valid_from=built)
    )
    _events(book, machine, [(None, S.PLANNED, built), (S.PLANNED, S.IN_PRODUCTION, built)], 0)
    session.flush()
    return machine


def _events(
    book: Book, machine: Machine, steps: list[tuple[MachineState | None, MachineState, datetime]], done: int
) -> None:
    actor = book.people[MAKER, Role.QUALITY].id
    book.work.session.add_all(
        LifecycleEvent(
            machine_id=machine.id, sequence=number, from_state=before, to_state=to, at=at, actor_id=actor, reason=""
        )
        for number, (before, to, at) in enumerate(steps, start=done + 1)
    )


def _components(book: Book, model: str, machine: Machine, serial: str, built: datetime) -> None:
    session = book.work.session
    places = []
    for position in next(one for one in MODELS if one.code == model).positions:
        for slot in range(1, position.quantity + 1) if position.part else ():
            component = Component(
                organization_id=book.organizations[MAKER].id,
                part_id=book.parts[position.part].id,
                serial_number=f"{position.part}-{serial[-4:]}{slot}",
                batch=f"B{built:%y%m}",
                produced_on=(built - timedelta(days=20)).date(),
                created_at=built,
            )
            session.add(component)
            places.append((component, book.positions[model, position.code], slot))
    session.flush()
    session.add_all(
        Installation(
            component_id=component.id,
            machine_id=machine.id,
            position_id=position.id,
            slot=slot,
            valid_from=built,
            meter_in=Decimal(0),
        )
        for component, position, slot in places
    )
    session.flush()


def _measure(book: Book, sample: SampleMachine, machine: Machine, at: datetime) -> None:
    book.work.session.add_all(
        AcceptanceResult(
            machine_id=machine.id,
            characteristic_id=row.id,
            value=decimal(_within(value, row.lower, row.upper), 2),
            passed=True,
            tester=book.people[MAKER, Role.QUALITY].full_name,
            at=at,
            actor_id=book.people[MAKER, Role.QUALITY].id,
        )
        for row, value in zip(book.characteristics[sample.model.code], sample.measured, strict=True)
    )
    book.work.session.flush()


def _within(value: float, lower: Decimal | None, upper: Decimal | None) -> float:
    low = float(lower) if lower is not None else value
    return min(max(value, low), float(upper) if upper is not None else value)


def _deliver(book: Book, sample: SampleMachine, machine: Machine, built: datetime) -> None:
    """Ship, commission and put to work; owner, operator and service partner come with commissioning."""
    session, at = book.work.session, sample.commissioned
    machine.site_id = book.sites[sample.operator][sample.site].id
    machine.commissioned_on = at.date()
    machine.state = S.IN_OPERATION
    shipped = max(at - timedelta(days=12), built + timedelta(days=4))
    _events(
        book,
        machine,
        [
            (S.PASSPORT_ISSUED, S.SHIPPED, shipped),
            (S.SHIPPED, S.COMMISSIONED, at),
            (S.COMMISSIONED, S.IN_OPERATION, at + timedelta(hours=4)),
        ],
        3,
    )
    roles = [(sample.operator, PartyRole.OWNER), (sample.operator, PartyRole.OPERATOR)]
    if SERVED_BY[sample.operator] != MAKER:
        roles.append((SERVED_BY[sample.operator], PartyRole.SERVICE_PARTNER))
    session.add_all(
        MachineParty(
            machine_id=machine.id, organization_id=book.organizations[company].id, role=role, valid_from=shipped
        )
        for company, role in roles
    )
    session.flush()


def write_machines_in_the_works(book: Book) -> None:
    """Write machines that are still planned, in production, or waiting with their passport to be shipped."""
    for number in range(MACHINES_IN_THE_WORKS):
        model = MODELS[number % len(MODELS)]
        serial = f"{model.code.replace('-', '')}-{2600 + number}"
        built = book.now - timedelta(days=20 - number)
        machine = _make(book, serial, model.code, built)
        if number >= 3:
            _components(book, model.code, machine, serial, built)
        if number == MACHINES_IN_THE_WORKS - 1:
            quality = book.acting(MAKER, Role.QUALITY, book.now)
            values = [
                registry.Measurement(row.id, decimal(typical, 2))
                for row, (*_, typical, _) in zip(book.characteristics[model.code], model.test, strict=True)
            ]
            registry.record_results(quality, machine.id, values, tester="Quality inspector")
            registry.issue_passport(quality, machine.id)


def write_readings(book: Book) -> None:
    """Write a weekly reading of every hour meter, in one bulk with one audit entry."""
    session = book.work.session
    rows: list[dict[str, object]] = []
    for sample, machine in book.machines:
        readings = list(_weekly(sample, book.now))
        last_at, last = readings[-1] if readings else (sample.commissioned, Decimal(0))
        meter = Meter(
            machine_id=machine.id, kind=MeterKind.HOURS, latest_at=last_at, latest_display=last, latest_life=last
        )
        session.add(meter)
        session.flush()
        session.add(
            MeterSegment(
                meter_id=meter.id, started_at=sample.commissioned, first_display=Decimal(0), life_offset=Decimal(0)
            )
        )
        rows += [
            {
                "meter_id": meter.id,
                "at": at,
                "display": display,
                "kind": ReadingKind.MEASURED,
                "source": ReadingSource.TELEMATICS,
                "recorded_at": at,
            }
            for at, display in readings
        ]
    session.execute(insert(Reading), rows)
    digest = hashlib.sha256(repr(rows).encode()).hexdigest()
    book.work.record("ingest", "reading", f"{len(rows)} rows", sha256=digest)


def _weekly(sample: SampleMachine, now: datetime) -> Iterator[tuple[datetime, Decimal]]:
    at = sample.commissioned + timedelta(days=7)
    while at < now - timedelta(hours=30):
        yield at, decimal(sample.life(at))
        at += timedelta(days=7)
