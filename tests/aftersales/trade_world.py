"""A maker, an operator, a service partner, a supplier and a stranger, with one machine between them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from aftersales.access import Actor
from aftersales.models import Machine, MachineModel, MachineParty, Organization, Position, User
from aftersales.vocabulary import MachineState, OrganizationKind, PartyRole, Role
from aftersales.work import Work, Workshop

BEGIN = datetime(2025, 1, 31, 8, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    maker: Actor
    operator: Actor
    partner: Actor
    supplier: Actor
    stranger: Actor
    model_id: int
    machine_id: int
    position_id: int


def join(work: Work, name: str, kind: OrganizationKind, role: Role = Role.ADMIN) -> Actor:
    organization = Organization(name=name, kinds=[kind.value], country="HR", created_at=BEGIN)
    work.session.add(organization)
    work.session.flush()
    return colleague(work, organization.id, kind, role)


def colleague(work: Work, organization_id: int, kind: OrganizationKind, role: Role) -> Actor:
    user = User(organization_id=organization_id, role=role, full_name=f"{role.value} {kind.value}", created_at=BEGIN)
    work.session.add(user)
    work.session.flush()
    return Actor(user_id=user.id, organization_id=organization_id, role=role, kinds=frozenset({kind}))


def machine(work: Work, world_model: int, maker: int, serial: str, parties: dict[PartyRole, int]) -> Machine:
    row = Machine(
        public_id=f"public-{serial}",
        manufacturer_id=maker,
        model_id=world_model,
        serial_number=serial,
        state=MachineState.IN_OPERATION,
        commissioned_on=date(2025, 1, 31),
        created_at=BEGIN,
    )
    work.session.add(row)
    work.session.flush()
    for role, organization in parties.items():
        work.session.add(MachineParty(machine_id=row.id, organization_id=organization, role=role, valid_from=BEGIN))
    work.session.flush()
    return row


def build(workshop: Workshop) -> World:
    with workshop.transaction() as work:
        maker = join(work, "Drobilica", OrganizationKind.MANUFACTURER)
        operator = join(work, "Kamen", OrganizationKind.OPERATOR)
        partner = join(work, "Servis", OrganizationKind.SERVICE_PARTNER)
        supplier = join(work, "Lezaj", OrganizationKind.SUPPLIER)
        stranger = join(work, "Pijesak", OrganizationKind.OPERATOR)
        model = MachineModel(manufacturer_id=maker.organization, code="DR-100", name="Jaw crusher")
        work.session.add(model)
        work.session.flush()
        position = Position(model_id=model.id, code="10", name="Main bearing", quantity=2)
        work.session.add(position)
        parties = {
            PartyRole.MANUFACTURER: maker.organization,
            PartyRole.OWNER: operator.organization,
            PartyRole.OPERATOR: operator.organization,
            PartyRole.SERVICE_PARTNER: partner.organization,
        }
        row = machine(work, model.id, maker.organization, "100-001", parties)
        return World(maker, operator, partner, supplier, stranger, model.id, row.id, position.id)
