"""A small world for tests: a maker, an operator, a service partner, a stranger, and a machine shared by three."""

from dataclasses import dataclass
from datetime import UTC, datetime

from aftersales.access import Actor
from aftersales.models import Machine, MachineModel, MachineParty, Organization, Site, User
from aftersales.vocabulary import MachineState, OrganizationKind, PartyRole, Role
from aftersales.work import Work, Workshop

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """Ids of what stands in the world."""

    maker: int
    operator: int
    partner: int
    stranger: int
    model: int
    machine: int
    machine_public_id: str


def build(workshop: Workshop) -> World:
    """Put the world into the database."""
    with workshop.transaction() as work:
        maker = organization(work, "Ararat Compressors", OrganizationKind.MANUFACTURER)
        operator = organization(work, "Kamen d.o.o.", OrganizationKind.OPERATOR)
        partner = organization(work, "Servis Plus", OrganizationKind.SERVICE_PARTNER)
        stranger = organization(work, "Somebody Else", OrganizationKind.OPERATOR)
        site = Site(organization_id=operator.id, name="Split, hall 3", country="HR", time_zone="Europe/Zagreb")
        model = MachineModel(manufacturer_id=maker.id, code="ARC 55", name="Screw compressor 55 kW")
        work.session.add_all([site, model])
        work.session.flush()
        machine = add_machine(work, maker.id, model.id, "AR-0117", site.id)
        for organization_id, role in (
            (maker.id, PartyRole.MANUFACTURER),
            (operator.id, PartyRole.OWNER),
            (operator.id, PartyRole.OPERATOR),
            (partner.id, PartyRole.SERVICE_PARTNER),
        ):
            party(work, machine.id, organization_id, role)
        return World(maker.id, operator.id, partner.id, stranger.id, model.id, machine.id, machine.public_id)


def organization(work: Work, name: str, kind: OrganizationKind) -> Organization:
    """Add an organisation."""
    row = Organization(
        name=name, kinds=[kind.value], country="HR", time_zone="Europe/Zagreb", address="Street 1", created_at=work.now
    )
    work.session.add(row)
    work.session.flush()
    return row


def add_machine(work: Work, maker_id: int, model_id: int, serial: str, site_id: int | None = None) -> Machine:
    """Add a machine in operation."""
    row = Machine(
        public_id=f"m-{serial}",
        manufacturer_id=maker_id,
        model_id=model_id,
        serial_number=serial,
        configuration=[],
        state=MachineState.IN_OPERATION,
        site_id=site_id,
        commissioned_on=START.date(),
        created_at=START,
    )
    work.session.add(row)
    work.session.flush()
    return row


def party(
    work: Work,
    machine_id: int,
    organization_id: int,
    role: PartyRole,
    start: datetime = START,
    end: datetime | None = None,
) -> MachineParty:
    """Tie an organisation to a machine."""
    row = MachineParty(
        machine_id=machine_id, organization_id=organization_id, role=role, valid_from=start, valid_to=end
    )
    work.session.add(row)
    work.session.flush()
    return row


def person(workshop: Workshop, organization_id: int, role: Role, name: str = "Ana Horvat") -> Actor:
    """Add a user and return them as an actor."""
    with workshop.transaction() as work:
        user = User(organization_id=organization_id, role=role, full_name=name, created_at=work.now)
        work.session.add(user)
        work.session.flush()
        home = work.session.get_one(Organization, organization_id)
        return Actor(
            user_id=user.id,
            organization_id=organization_id,
            role=role,
            kinds=frozenset(OrganizationKind(kind) for kind in home.kinds),
            name=name,
        )
