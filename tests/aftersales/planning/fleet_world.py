"""A fleet whose pumps wear out: thirty machines, two years of hours, failures, replacements, services with a filter."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
from sqlalchemy.orm import Session

from aftersales.access import Actor
from aftersales.models import (
    Component,
    FailureRecord,
    Installation,
    Machine,
    MachineParty,
    Meter,
    MeterSegment,
    Part,
    Position,
    Programme,
    ProgrammeTask,
    Reading,
    TaskCompletion,
    TaskKitLine,
)
from aftersales.vocabulary import (
    FailureMode,
    MachineState,
    MeterKind,
    PartyRole,
    ReadingKind,
    ReadingSource,
    RemovalReason,
)
from aftersales.work import Workshop
from tests.aftersales.stock.store import Store, open_store

BEGIN = datetime(2024, 6, 1, 8, tzinfo=UTC)
UNTIL = datetime(2026, 6, 1, 8, tzinfo=UTC)
MACHINES = 30
HOURS_A_DAY = 8
SHAPE, SCALE = 3.0, 2600.0
EVERY_HOURS = 500


@dataclass
class FleetWorld:
    """The maker's fleet."""

    shop: Workshop
    store: Store
    machines: list[int]
    filter: int
    position: int
    failures: int = 0

    @property
    def maker(self) -> Actor:
        return self.store.actor


def build_fleet(shop: Workshop, machines: int = MACHINES) -> FleetWorld:
    """The pump lives by a Weibull life of shape 3 and scale 2,600 hours; each failure is mended the same day."""
    store = open_store(shop)
    rng = np.random.default_rng(7)
    with Session(shop.engine, expire_on_commit=False) as session:
        found = FleetWorld(shop, store, [], 0, 0)
        _catalogue(session, found)
        for number in range(machines):
            _machine(session, found, number, rng)
        session.commit()
    return found


def _catalogue(session: Session, found: FleetWorld) -> None:
    world, maker = found.store.world, found.maker.organization
    for part in (found.store.pump, found.store.bolt, found.store.oil):
        session.get_one(Part, part).created_at = BEGIN
    row = Part(organization_id=maker, number="FILTER", name="Filter", cost=Decimal(12), created_at=BEGIN)
    position = Position(model_id=world.model_id, code="20", name="Pump", part_id=found.store.pump)
    programme = Programme(
        organization_id=maker, model_id=world.model_id, number=1, name="Service", published_at=BEGIN, version=1
    )
    session.add_all([row, position, programme])
    session.flush()
    task = ProgrammeTask(
        programme_id=programme.id,
        code="S500",
        name="Service",
        every_hours=Decimal(EVERY_HOURS),
        standard_hours=Decimal(3),
    )
    session.add(task)
    session.flush()
    session.add(TaskKitLine(task_id=task.id, part_id=row.id, quantity=Decimal(2)))
    found.filter, found.position = row.id, position.id


def _machine(session: Session, found: FleetWorld, number: int, rng: np.random.Generator) -> None:
    world, maker = found.store.world, found.maker.organization
    begun = BEGIN + timedelta(days=int(rng.integers(0, 200)))
    machine = Machine(
        public_id=f"public-fleet-{number:04d}",
        manufacturer_id=maker,
        model_id=world.model_id,
        serial_number=f"F-{number:03d}",
        state=MachineState.IN_OPERATION,
        commissioned_on=begun.date(),
        created_at=begun,
    )
    session.add(machine)
    session.flush()
    found.machines.append(machine.id)
    operator = world.operator.organization
    for role, organization in ((PartyRole.MANUFACTURER, maker), (PartyRole.OPERATOR, operator)):
        session.add(MachineParty(machine_id=machine.id, organization_id=organization, role=role, valid_from=begun))
    _hours(session, machine.id, begun)
    _pumps(session, found, machine.id, begun, rng)
    _services(session, machine.id, begun)


def _hours(session: Session, machine: int, begun: datetime) -> None:
    days = (UNTIL - begun).days
    life = Decimal(days * HOURS_A_DAY)
    last = begun + timedelta(days=days)
    meter = Meter(machine_id=machine, kind=MeterKind.HOURS, latest_at=last, latest_display=life, latest_life=life)
    session.add(meter)
    session.flush()
    session.add(MeterSegment(meter_id=meter.id, started_at=begun, first_display=Decimal(0), life_offset=Decimal(0)))
    session.add_all(
        Reading(
            meter_id=meter.id,
            at=begun + timedelta(days=day),
            display=Decimal(day * HOURS_A_DAY),
            kind=ReadingKind.MEASURED,
            source=ReadingSource.TELEMATICS,
            recorded_at=begun + timedelta(days=day),
        )
        for day in [*range(14, days, 14), days]
    )


def _pumps(session: Session, found: FleetWorld, machine: int, begun: datetime, rng: np.random.Generator) -> None:
    at, serial = begun, 0
    while at < UNTIL:
        unit = Component(
            organization_id=found.maker.organization,
            part_id=found.store.pump,
            serial_number=f"P-{machine}-{serial}",
            created_at=at,
        )
        session.add(unit)
        session.flush()
        life = float(SCALE * rng.weibull(SHAPE))
        end = at + timedelta(days=life / HOURS_A_DAY)
        failed = end < UNTIL
        hours = Decimal(f"{(at - begun) / timedelta(days=1) * HOURS_A_DAY:.3f}")
        session.add(
            Installation(
                component_id=unit.id,
                machine_id=machine,
                position_id=found.position,
                valid_from=at,
                valid_to=end if failed else None,
                meter_in=hours,
                meter_out=hours + Decimal(f"{life:.3f}") if failed else None,
                removal_reason=RemovalReason.FAILURE if failed else None,
            )
        )
        if failed:
            found.failures += 1
            session.add(
                FailureRecord(
                    machine_id=machine,
                    at=end,
                    mode=FailureMode.BRD,
                    part_id=found.store.pump,
                    source_key=f"p{serial}",
                    down_hours=Decimal(4),
                )
            )
        at, serial = end, serial + 1


def _services(session: Session, machine: int, begun: datetime) -> None:
    step = timedelta(days=EVERY_HOURS / HOURS_A_DAY)
    at, hours = begun + step, Decimal(EVERY_HOURS)
    while at < UNTIL:
        session.add(
            TaskCompletion(
                machine_id=machine,
                task_code="S500",
                at=at,
                life_hours=hours,
                within_tolerance=True,
                anchor_hours=hours,
                anchor_on=at.date(),
            )
        )
        at, hours = at + step, hours + EVERY_HOURS


def june() -> date:
    return date(2026, 6, 1)
