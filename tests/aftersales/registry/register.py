"""A maker with a model ready for production, an operator, a service partner and a stranger."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from aftersales.access import SYSTEM, Actor
from aftersales.clock import FixedClock
from aftersales.models import Machine, Organization, Part, Site, User
from aftersales.registry import service
from aftersales.registry.queries.acceptance import template_for
from aftersales.vocabulary import LifeUnit, MachineState, OrganizationKind, PartyRole, Role
from aftersales.work import Work, Workshop

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Register:
    maker: Actor
    operator: Actor
    partner: Actor
    stranger: Actor
    site_id: int
    model_id: int
    pump_part: int
    hose_part: int
    pump_position: int
    hose_position: int


def _join(work: Work, name: str, kind: OrganizationKind, zone: str = "Europe/Zagreb") -> Actor:
    row = Organization(name=name, kinds=[kind.value], country="HR", time_zone=zone, created_at=START)
    work.session.add(row)
    work.session.flush()
    user = User(organization_id=row.id, role=Role.ADMIN, full_name=f"Admin of {name}", created_at=START)
    work.session.add(user)
    work.session.flush()
    return Actor(user_id=user.id, organization_id=row.id, role=Role.ADMIN, kinds=frozenset({kind}), name=user.full_name)


def _part(work: Work, owner: Actor, number: str) -> int:
    row = Part(organization_id=owner.organization, number=number, name=f"Part {number}", created_at=START)
    work.session.add(row)
    work.session.flush()
    return row.id


def build(workshop: Workshop) -> Register:
    with workshop.transaction(SYSTEM, FixedClock(START)) as work:
        maker = _join(work, "Drobilica", OrganizationKind.MANUFACTURER)
        operator = _join(work, "Kamen", OrganizationKind.OPERATOR)
        partner = _join(work, "Servis", OrganizationKind.SERVICE_PARTNER)
        stranger = _join(work, "Pijesak", OrganizationKind.OPERATOR)
        site = Site(organization_id=operator.organization, name="Quarry 1", time_zone="Europe/Tallinn")
        work.session.add(site)
        work.session.flush()
        site_id = site.id
    with workshop.transaction(maker, FixedClock(START)) as work:
        pump, hose = _part(work, maker, "P-100"), _part(work, maker, "H-7")
        model = service.create_model(work, code="DR-100", name="Jaw crusher", markings=["CE"], country_of_origin="HR")
        for code, requires, excludes in (("AC", [], []), ("ARCTIC", ["AC"], []), ("DESERT", [], ["ARCTIC"])):
            service.add_option(work, model.id, code=code, name=code, requires=requires, excludes=excludes)
        service.publish_template(
            work,
            model.id,
            [
                service.NewCharacteristic("Pressure", "bar", Decimal("7.5"), Decimal("10")),
                service.NewCharacteristic("Noise", "dB", None, Decimal("85")),
            ],
        )
        first = service.add_position(
            work,
            model.id,
            code="10",
            name="Pump",
            part_id=pump,
            mandatory=True,
            life_limit=Decimal(1000),
            life_unit=LifeUnit.HOURS,
        )
        second = service.add_position(
            work, model.id, code="20", name="Hose", parent_id=first.id, part_id=hose, quantity=2
        )
        return Register(maker, operator, partner, stranger, site_id, model.id, pump, hose, first.id, second.id)


def in_production(work: Work, register: Register, serial: str = "100-001") -> Machine:
    machine = service.create_machine(work, model_id=register.model_id, serial_number=serial, configuration=["AC"])
    service.change_state(work, machine.id, MachineState.IN_PRODUCTION)
    return machine


def measure(work: Work, machine: Machine, pressure: str = "8", noise: str = "80") -> None:
    _, characteristics = template_for(work.session, machine)
    values = [
        service.Measurement(one.id, Decimal(value))
        for one, value in zip(characteristics, (pressure, noise), strict=True)
    ]
    service.record_results(work, machine.id, values, tester="Iva Test")


def with_passport(work: Work, register: Register, serial: str = "100-001") -> Machine:
    machine = in_production(work, register, serial)
    measure(work, machine)
    service.install(work, machine_id=machine.id, position_id=register.pump_position, serial_number=f"pump of {serial}")
    service.issue_passport(work, machine.id)
    return machine


def in_field(workshop: Workshop, register: Register, at: datetime = START, serial: str = "100-001") -> int:
    """Make, sell and commission a machine; return its id."""
    with workshop.transaction(register.maker, FixedClock(at)) as work:
        machine = with_passport(work, register, serial)
        service.change_state(work, machine.id, MachineState.SHIPPED)
        for role, actor in (
            (PartyRole.SERVICE_PARTNER, register.partner),
            (PartyRole.OPERATOR, register.operator),
            (PartyRole.OWNER, register.operator),
        ):
            name = work.session.get_one(Organization, actor.organization).name
            service.set_party(work, machine.id, role=role, organization_name=name)
        service.move_to_site(work, machine.id, register.site_id)
        service.change_state(work, machine.id, MachineState.COMMISSIONED)
        service.change_state(work, machine.id, MachineState.IN_OPERATION)
        return machine.id
