"""A service partner with a van, parts in it, and a machine with a pump and a maintenance programme."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import cast

import pytest

from aftersales.access import Actor
from aftersales.clock import FixedClock
from aftersales.complaints import service as complaints
from aftersales.maintenance import service as maintenance
from aftersales.maintenance.rules import Check, KitLine, TaskSpec
from aftersales.models import ProgrammeTask
from aftersales.orders import service
from aftersales.registry import service as registry
from aftersales.stock import service as stock
from aftersales.usage import service as usage
from aftersales.vocabulary import FailureMode, LocationKind, MeterKind, OrderKind, Role
from aftersales.work import Work, Workshop
from tests.world import EPOCH, World, build_world


@dataclass
class Yard:
    """Where the tests of orders take place."""

    workshop: Workshop
    world: World
    dispatcher: Actor
    engineer: Actor
    operator: Actor
    van: int = 0
    shed: int = 0
    task: int = 0

    @property
    def machine(self) -> int:
        return self.world.machines["M1"]

    def later(self, **ahead: int) -> None:
        clock = cast(FixedClock, self.workshop.clock)
        clock.at += timedelta(**ahead)

    def fault(self, *, stands_still: bool = True) -> int:
        with self.workshop.transaction(self.operator) as work:
            return complaints.report(
                work,
                machine_id=self.machine,
                mode=FailureMode.ELU,
                stands_still=stands_still,
                text="Oil under the pump",
            ).id

    def opened(
        self, kind: OrderKind = OrderKind.REPAIR, *, faults: tuple[int, ...] = (), tasks: tuple[int, ...] = ()
    ) -> int:
        with self.workshop.transaction(self.dispatcher) as work:
            return service.open_order(
                work, kind=kind, machine_id=self.machine, fault_ids=faults, task_ids=tasks, hourly_rate=Decimal(60)
            ).order.id


@pytest.fixture
def yard(workshop: Workshop) -> Yard:
    world = build_world(workshop)
    made = Yard(
        workshop,
        world,
        dispatcher=world.actor("partner", Role.DISPATCHER),
        engineer=world.actor("partner", Role.TECHNICIAN),
        operator=world.actor("quarry", Role.MANAGER),
    )
    with workshop.transaction(world.actor("maker", Role.ADMIN)) as work:
        registry.install(
            work,
            machine_id=made.machine,
            position_id=world.positions["PUMP"],
            serial_number="S1",
            at=EPOCH + timedelta(days=1),
            life_hours=Decimal(0),
        )
        made.task = _programme(work, world)
    with workshop.transaction(world.actor("partner", Role.ADMIN)) as work:
        made.van = stock.create_location(
            work, code="VAN1", name="Van 1", kind=LocationKind.VAN, keeper_id=made.engineer.user_id
        ).id
        made.shed = stock.create_location(work, code="SHED", name="Shed", kind=LocationKind.WAREHOUSE).id
        for serial in ("S2", "S3"):
            stock.receive(
                work, part_id=world.parts["HP-100"], location_id=made.van, quantity=Decimal(1), serial_number=serial
            )
        stock.receive(work, part_id=world.parts["FLT-7"], location_id=made.van, quantity=Decimal(5))
    with workshop.transaction(made.engineer) as work:
        usage.record(work, made.machine, MeterKind.HOURS, work.now - timedelta(days=30), Decimal(900))
    return made


def _programme(work: Work, world: World) -> int:
    spec = TaskSpec(
        code="M1000",
        name="1,000 h maintenance",
        every_hours=Decimal(1000),
        every_days=365,
        standard_hours=Decimal("2.5"),
        checklist=(
            Check(text="Working pressure", measured=True, unit="bar", lower=Decimal(6), upper=Decimal(8)),
            Check(text="Guards in place"),
            Check(text="Paint", required=False),
        ),
        kit=(KitLine(part_id=world.parts["FLT-7"], quantity=Decimal(2)),),
    )
    programme = maintenance.create_programme(work, model_id=world.model, name="Programme", tasks=[spec])
    maintenance.publish(work, programme.id, at=EPOCH)
    return int(work.session.query(ProgrammeTask.id).one()[0])
