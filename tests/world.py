"""A small world most tests share: organisations, a user per role, a model, parts and machines.

Rows are made directly, so that a test of one room does not depend on the use-cases of another.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from aftersales.access import Actor
from aftersales.models import (
    ApiToken,
    LifecycleEvent,
    Machine,
    MachineModel,
    MachineParty,
    Meter,
    MeterSegment,
    Organization,
    Part,
    Passport,
    Position,
    User,
)
from aftersales.papers.content import Issuer, MachineIdentity
from aftersales.papers.passport import Passport as PassportPaper
from aftersales.people import passwords
from aftersales.vocabulary import MachineState, MeterKind, OrganizationKind, PartyRole, Role
from aftersales.work import Workshop

EPOCH = datetime(2024, 1, 1, 8, tzinfo=UTC)
PASSWORD = "correct horse battery"
PASSWORD_HASH = passwords.hash_password(PASSWORD)


@dataclass
class World:
    """Numbers of everything in the world, by name."""

    organizations: dict[str, int] = field(default_factory=dict)
    users: dict[tuple[str, Role], int] = field(default_factory=dict)
    tokens: dict[tuple[str, Role], str] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    machines: dict[str, int] = field(default_factory=dict)
    model: int = 0

    def actor(self, organization: str, role: Role) -> Actor:
        """Return the actor of an organisation's user with a role."""
        return Actor(
            user_id=self.users[organization, role],
            organization_id=self.organizations[organization],
            role=role,
            kinds=frozenset({KINDS[organization]}),
            name=f"{organization} {role}",
        )

    def bearer(self, organization: str, role: Role) -> dict[str, str]:
        """Return the header that authenticates an API client as an organisation's user."""
        return {"Authorization": f"Bearer {self.tokens[organization, role]}"}


KINDS = {
    "maker": OrganizationKind.MANUFACTURER,
    "quarry": OrganizationKind.OPERATOR,
    "mine": OrganizationKind.OPERATOR,
    "partner": OrganizationKind.SERVICE_PARTNER,
    "supplier": OrganizationKind.SUPPLIER,
}


def build_world(shop: Workshop) -> World:
    """Make the world: ``M1`` is quarry's, served by partner; ``M2`` is mine's; ``M3`` is still in the works."""
    world = World()
    with Session(shop.engine, expire_on_commit=False) as session:
        for name, kind in KINDS.items():
            row = Organization(name=f"{name} ltd", kinds=[kind.value], country="HR", created_at=EPOCH)
            session.add(row)
            session.flush()
            world.organizations[name] = row.id
            _users(session, world, name)
        _model(session, world)
        parties_of: dict[str, dict[str, tuple[PartyRole, ...]]] = {
            "M1": {"quarry": (PartyRole.OWNER, PartyRole.OPERATOR), "partner": (PartyRole.SERVICE_PARTNER,)},
            "M2": {"mine": (PartyRole.OWNER, PartyRole.OPERATOR)},
        }
        for serial, parties in parties_of.items():
            _machine(session, world, serial, parties)
        _machine(session, world, "M3", {}, MachineState.IN_PRODUCTION)
        session.commit()
    return world


def _users(session: Session, world: World, name: str) -> None:
    for role in Role:
        user = User(
            organization_id=world.organizations[name],
            role=role,
            email=f"{role}@{name}.example.com",
            full_name=f"{name} {role}",
            password_hash=PASSWORD_HASH,
            created_at=EPOCH,
        )
        session.add(user)
        session.flush()
        world.users[name, role] = user.id
        secret = f"{name}-{role}"
        world.tokens[name, role] = secret
        scopes = sorted(permission.value for permission in Actor(role=role).permissions)
        session.add(
            ApiToken(
                user_id=user.id,
                name="test",
                token_hash=passwords.token_hash(secret),
                scopes=scopes,
                created_at=EPOCH,
                expires_at=EPOCH + timedelta(days=3650),
            )
        )


def _model(session: Session, world: World) -> None:
    maker = world.organizations["maker"]
    model = MachineModel(manufacturer_id=maker, code="CR-200", name="Crusher 200", markings=["CE"])
    session.add(model)
    session.flush()
    world.model = model.id
    for number, serialised in (("HP-100", True), ("BRG-20", True), ("FLT-7", False), ("OIL-46", False)):
        part = Part(
            organization_id=maker,
            number=number,
            name=f"part {number}",
            price=Decimal(100),
            cost=Decimal(60),
            serialised=serialised,
            created_at=EPOCH,
            whole_units=number != "OIL-46",
        )
        session.add(part)
        session.flush()
        world.parts[number] = part.id
    for code, part_number, quantity in (("PUMP", "HP-100", 1), ("BEARING", "BRG-20", 2)):
        position = Position(
            model_id=model.id, part_id=world.parts[part_number], code=code, name=code.title(), quantity=quantity
        )
        session.add(position)
        session.flush()
        world.positions[code] = position.id


def _passport(serial: str) -> PassportPaper:
    machine = MachineIdentity(serial_number=serial, model="CR-200")
    return PassportPaper(
        number=f"P-{serial}", issued_at=EPOCH, issuer=Issuer(name="maker ltd"), machine=machine, reconstructed=True
    )


def _machine(
    session: Session,
    world: World,
    serial: str,
    parties: dict[str, tuple[PartyRole, ...]],
    state: MachineState = MachineState.IN_OPERATION,
) -> None:
    maker = world.organizations["maker"]
    machine = Machine(
        public_id=f"public-{serial}-0001",
        manufacturer_id=maker,
        model_id=world.model,
        serial_number=serial,
        product_year=2024,
        state=state,
        commissioned_on=EPOCH.date() if parties else None,
        created_at=EPOCH,
    )
    session.add(machine)
    session.flush()
    world.machines[serial] = machine.id
    everybody = {"maker": (PartyRole.MANUFACTURER,), **parties}
    session.add_all(
        MachineParty(machine_id=machine.id, organization_id=world.organizations[name], role=role, valid_from=EPOCH)
        for name, roles in everybody.items()
        for role in roles
    )
    session.add(LifecycleEvent(machine_id=machine.id, sequence=1, to_state=state, at=EPOCH))
    if parties:
        session.add(
            Passport(
                machine_id=machine.id,
                issuer_id=maker,
                number=f"P-{serial}",
                reconstructed=True,
                content=(content := _passport(serial)).to_dict(),
                content_hash=content.content_hash(),
                issued_at=EPOCH,
            )
        )
        meter = Meter(
            machine_id=machine.id,
            kind=MeterKind.HOURS,
            latest_at=EPOCH,
            latest_display=Decimal(0),
            latest_life=Decimal(0),
        )
        session.add(meter)
        session.flush()
        session.add(MeterSegment(meter_id=meter.id, started_at=EPOCH, first_display=Decimal(0), life_offset=Decimal(0)))
