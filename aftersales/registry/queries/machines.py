"""Lists of machines, one machine with all names, and what anybody sees who scans its code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.errors import NotFound
from aftersales.models import LifecycleEvent, Machine, MachineModel, MachineParty, Organization, Passport, Site
from aftersales.registry.queries.cursor import number_after
from aftersales.translate import N_
from aftersales.usage.queries import latest_life
from aftersales.vocabulary import MachineState, MeterKind, PartyRole


@dataclass(frozen=True, slots=True)
class MachineRow:
    """A machine in a list, with the names that go with it and its latest life hours.

    ``state`` is the one the actor may know: for a former party that at the end of its time; the rest is empty then.
    """

    machine: Machine
    model: MachineModel
    state: MachineState
    site: str
    owner: str
    operator: str
    hours: Decimal | None
    hours_at: datetime | None


def list_machines(
    session: Session,
    actor: Actor,
    *,
    search: str = "",
    states: Sequence[MachineState] = (),
    model_id: int | None = None,
    site_id: int | None = None,
    organization_id: int | None = None,
    former: bool = False,
    after: object = None,
    limit: int = 50,
) -> list[MachineRow]:
    """Return the machines whose party the actor's organisation is, or with ``former`` was and is no longer, by id.

    :param search: part of a serial number, the begin of an order code, a model's code or its name; any case.
    :param organization_id: a present party of the machine.
    """
    require(actor, Permission.REGISTRY_READ)
    holds = visibility.holds_machine(actor, Machine.id)
    seen = and_(visibility.sees_machine(actor, Machine.id), not_(holds)) if former else holds
    query = _filtered(search, () if former else states, model_id, site_id, organization_id).where(seen)
    if after is not None:
        query = query.where(Machine.id > number_after(after))
    rows = session.execute(query.order_by(Machine.id).limit(limit)).all()
    found = [(machine, model, site) for machine, model, site in rows]
    return [_former(session, actor, row[0], row[1]) for row in found] if former else _rows(session, found)


def _former(session: Session, actor: Actor, machine: Machine, model: MachineModel) -> MachineRow:
    state = known_state(session, actor, machine)
    return MachineRow(
        machine=machine, model=model, state=state, site="", owner="", operator="", hours=None, hours_at=None
    )


def known_state(session: Session, actor: Actor, machine: Machine) -> MachineState:
    """Return a machine's state as of the end of a former party's time."""
    seen = select(LifecycleEvent.to_state).where(
        LifecycleEvent.machine_id == machine.id,
        visibility.sees_dated(actor, LifecycleEvent.machine_id, LifecycleEvent.at),
    )
    last = session.scalar(seen.order_by(LifecycleEvent.sequence.desc()).limit(1))
    return last or MachineState.PLANNED


def _filtered(
    search: str, states: Sequence[MachineState], model_id: int | None, site_id: int | None, organization_id: int | None
) -> Select[Machine, MachineModel, str]:
    query = (
        select(Machine, MachineModel, Site.name)
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .outerjoin(Site, Site.id == Machine.site_id)
    )
    words = search.strip().lower()
    if words:
        query = query.where(
            or_(
                func.lower(Machine.serial_number).contains(words, autoescape=True),
                func.lower(Machine.order_code).startswith(words, autoescape=True),
                func.lower(MachineModel.code).startswith(words, autoescape=True),
                func.lower(MachineModel.name).contains(words, autoescape=True),
            )
        )
    if states:
        query = query.where(Machine.state.in_(states))
    if model_id is not None:
        query = query.where(Machine.model_id == model_id)
    if site_id is not None:
        query = query.where(Machine.site_id == site_id)
    if organization_id is not None:
        party = aliased(MachineParty)
        query = query.where(
            exists().where(
                party.machine_id == Machine.id, party.organization_id == organization_id, party.valid_to.is_(None)
            )
        )
    return query


def _rows(session: Session, found: Sequence[tuple[Machine, MachineModel, str | None]]) -> list[MachineRow]:
    ids = [machine.id for machine, _, _ in found]
    names = _party_names(session, ids)
    hours = latest_life(session, ids, MeterKind.HOURS) if ids else {}
    return [
        MachineRow(
            machine=machine,
            model=model,
            state=machine.state,
            site=site or "",
            owner=names.get((machine.id, PartyRole.OWNER), ""),
            operator=names.get((machine.id, PartyRole.OPERATOR), ""),
            hours=hours[machine.id].life if machine.id in hours else None,
            hours_at=hours[machine.id].at if machine.id in hours else None,
        )
        for machine, model, site in found
    ]


def _party_names(session: Session, machine_ids: Sequence[int]) -> Mapping[tuple[int, PartyRole], str]:
    if not machine_ids:
        return {}
    rows = session.execute(
        select(MachineParty.machine_id, MachineParty.role, Organization.name)
        .join(Organization, Organization.id == MachineParty.organization_id)
        .where(
            MachineParty.machine_id.in_(machine_ids),
            MachineParty.valid_to.is_(None),
            MachineParty.role.in_((PartyRole.OWNER, PartyRole.OPERATOR)),
        )
    )
    return {(machine_id, role): name for machine_id, role, name in rows}


@dataclass(frozen=True, slots=True)
class MachinePage:
    """A machine with the names that every page about it shows."""

    machine: Machine
    model: MachineModel
    state: MachineState
    manufacturer: Organization
    site: Site | None
    owner: str
    operator: str
    hours: Decimal | None
    hours_at: datetime | None
    passport: Passport | None
    roles: frozenset[PartyRole]

    @property
    def filled(self) -> frozenset[PartyRole]:
        """The roles that decide about a machine's fate and are filled now."""
        present = {PartyRole.OWNER: self.owner, PartyRole.OPERATOR: self.operator}
        return frozenset({PartyRole.MANUFACTURER, *(role for role, name in present.items() if name)})

    @property
    def version(self) -> int:
        """The machine's version."""
        return self.machine.version

    @property
    def current(self) -> bool:
        """Whether the actor's organisation is a party now; a past one reads only."""
        return bool(self.roles)


def machine_page(session: Session, actor: Actor, machine_id: int) -> MachinePage:
    """Return a machine with its names, for the head of its pages.

    :raises NotFound: the actor does not see it.
    """
    require(actor, Permission.REGISTRY_READ)
    machine = visibility.machine(session, actor, machine_id)
    roles = visibility.roles_in(session, actor, machine.id)
    names = _party_names(session, [machine.id]) if roles else {}
    latest = latest_life(session, [machine.id], MeterKind.HOURS).get(machine.id) if roles else None
    return MachinePage(
        machine=machine,
        model=session.get_one(MachineModel, machine.model_id),
        state=machine.state if roles else known_state(session, actor, machine),
        manufacturer=session.get_one(Organization, machine.manufacturer_id),
        site=session.get(Site, machine.site_id) if machine.site_id and roles else None,
        owner=names.get((machine.id, PartyRole.OWNER), ""),
        operator=names.get((machine.id, PartyRole.OPERATOR), ""),
        hours=latest.life if latest else None,
        hours_at=latest.at if latest else None,
        passport=session.scalar(select(Passport).where(Passport.machine_id == machine.id)),
        roles=roles,
    )


@dataclass(frozen=True, slots=True)
class PublicMachine:
    """What anybody sees who scans a machine's code: its nameplate, never whose it is."""

    machine_id: int
    public_id: str
    manufacturer: str
    model: str
    designation: str
    serial_number: str
    product_year: int | None
    markings: tuple[str, ...]
    passport_number: str | None
    reconstructed: bool
    reporting_open: bool


def public_machine(session: Session, public_id: str) -> PublicMachine:
    """Return what the public page of a machine shows. Needs no sign-in: the address is the key.

    Fault reports are open while its parties leave them switched on and the machine has not left service for good.

    :raises NotFound: there is none.
    """
    row = session.execute(
        select(Machine, MachineModel, Organization.name, Passport)
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .join(Organization, Organization.id == Machine.manufacturer_id)
        .outerjoin(Passport, Passport.machine_id == Machine.id)
        .where(Machine.public_id == public_id)
    ).first()
    if row is None:
        raise NotFound(N_("There is no machine at this address"))
    machine, model, manufacturer, passport = row
    gone = machine.state in {MachineState.WRITTEN_OFF, MachineState.DISPOSED}
    return PublicMachine(
        machine_id=machine.id,
        public_id=machine.public_id,
        manufacturer=manufacturer,
        model=model.code,
        designation=model.name,
        serial_number=machine.serial_number,
        product_year=machine.product_year,
        markings=tuple(model.markings),
        passport_number=passport.number if passport else None,
        reconstructed=passport.reconstructed if passport else False,
        reporting_open=machine.reporting_open and not gone,
    )
