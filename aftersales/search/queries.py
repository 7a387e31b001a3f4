"""Find anything the actor may see by a piece of what is written on it; what matches from its beginning comes first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from aftersales import visibility
from aftersales.access import Actor, Permission
from aftersales.complaints import queries as complaints
from aftersales.models import Certificate, Component, FaultReport, Machine, MachineModel, Part, User, WorkOrder
from aftersales.orders import queries as orders
from aftersales.registry.queries.components import sees_component

SHORTEST = 2
LONGEST = 100
PER_KIND = 10
TextColumn = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


class HitKind(StrEnum):
    """What can be found."""

    MACHINE = "machine"
    COMPONENT = "component"
    PART = "part"
    WORK_ORDER = "work_order"
    CERTIFICATE = "certificate"
    FAULT = "fault"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: what it is called and a line that tells it from others of that name."""

    kind: HitKind
    id: int
    title: str
    detail: str
    state: StrEnum | None = None


def search(session: Session, actor: Actor, words: str, *, limit: int = PER_KIND) -> list[Hit]:
    """Return what the actor's organisation may see and its role may read, by kind, at most ``limit`` of each.

    :param words: a piece of a serial number, part number, order, certificate, fault or name; fewer than two
        characters find nothing.
    """
    piece = words.strip().lower()[:LONGEST]
    if len(piece) < SHORTEST:
        return []
    found: list[Hit] = []
    for permission, finder in FINDERS.items():
        if actor.may(permission):
            found += finder(session, actor, piece, limit)
    return found


def _holds(piece: str, *columns: TextColumn) -> ColumnElement[bool]:
    return or_(*(func.lower(column).contains(piece, autoescape=True) for column in columns))


def _rank(piece: str, column: TextColumn) -> ColumnElement[int]:
    lowered = func.lower(column)
    return case((lowered == piece, 0), (lowered.startswith(piece, autoescape=True), 1), else_=2)


def _machines_and_components(session: Session, actor: Actor, piece: str, limit: int) -> list[Hit]:
    return [*_machines(session, actor, piece, limit), *_components(session, actor, piece, limit)]


def _machines(session: Session, actor: Actor, piece: str, limit: int) -> list[Hit]:
    query = (
        select(Machine, MachineModel.name, visibility.holds_machine(actor, Machine.id))
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .where(
            visibility.sees_machine(actor, Machine.id),
            _holds(piece, Machine.serial_number, Machine.order_code, MachineModel.code, MachineModel.name),
        )
        .order_by(_rank(piece, Machine.serial_number), Machine.serial_number, Machine.id)
    )
    return [
        Hit(HitKind.MACHINE, row.id, row.serial_number, model, row.state if held else None)
        for row, model, held in session.execute(query.limit(limit))
    ]


def _components(session: Session, actor: Actor, piece: str, limit: int) -> list[Hit]:
    query = (
        select(Component.id, Component.serial_number, Part.number, Part.name)
        .join(Part, Part.id == Component.part_id)
        .where(sees_component(actor), _holds(piece, Component.serial_number))
        .order_by(_rank(piece, Component.serial_number), Component.serial_number, Component.id)
    )
    rows = session.execute(query.limit(limit))
    return [Hit(HitKind.COMPONENT, number, serial, f"{part} {name}") for number, serial, part, name in rows]


def _parts(session: Session, actor: Actor, piece: str, limit: int) -> list[Hit]:
    query = (
        select(Part)
        .where(visibility.sees_part(actor), _holds(piece, Part.number, Part.name))
        .order_by(_rank(piece, Part.number), Part.number, Part.id)
    )
    return [Hit(HitKind.PART, row.id, row.number, row.name) for row in session.scalars(query.limit(limit))]


def _orders(session: Session, actor: Actor, piece: str, limit: int) -> list[Hit]:
    query = orders.lines(actor).where(_holds(piece, WorkOrder.number, WorkOrder.title))
    query = query.order_by(_rank(piece, WorkOrder.number), WorkOrder.id.desc())
    lines = [orders.line_of(row) for row in session.execute(query.limit(limit))]
    return [
        Hit(HitKind.WORK_ORDER, line.order.id, line.order.number, line.order.title, line.order.state) for line in lines
    ]


def _certificates(session: Session, actor: Actor, piece: str, limit: int) -> list[Hit]:
    sees = visibility.sees_dated(actor, Certificate.machine_id, Certificate.issued_at)
    query = (
        select(Certificate, Machine.serial_number)
        .join(Machine, Machine.id == Certificate.machine_id)
        .where(or_(visibility.owns(actor, Certificate.issuer_id), sees), _holds(piece, Certificate.number))
        .order_by(_rank(piece, Certificate.number), Certificate.id.desc())
    )
    rows = session.execute(query.limit(limit))
    return [Hit(HitKind.CERTIFICATE, row.id, row.number, serial, row.state) for row, serial in rows]


def _faults(session: Session, actor: Actor, piece: str, limit: int) -> list[Hit]:
    matches = [_holds(piece, FaultReport.text, FaultReport.error_code)]
    number = piece.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 16:
        matches.append(FaultReport.id == int(number))
    query = (
        select(FaultReport, Machine.serial_number)
        .join(Machine, Machine.id == FaultReport.machine_id)
        .where(complaints.sees(actor), or_(*matches))
        .order_by(FaultReport.id.desc())
    )
    rows = session.execute(query.limit(limit))
    return [
        Hit(HitKind.FAULT, row.id, f"#{row.id}", f"{serial}: {row.text or row.error_code or row.mode}"[:160], row.state)
        for row, serial in rows
    ]


def _people(session: Session, actor: Actor, piece: str, limit: int) -> list[Hit]:
    query = (
        select(User)
        .where(visibility.owns(actor, User.organization_id), _holds(piece, User.full_name, User.email))
        .order_by(_rank(piece, User.full_name), User.full_name, User.id)
    )
    rows = session.scalars(query.limit(limit))
    return [Hit(HitKind.PERSON, row.id, row.full_name, row.email or "", row.role) for row in rows]


Finder = Callable[[Session, Actor, str, int], list[Hit]]
FINDERS: Mapping[Permission, Finder] = {
    Permission.REGISTRY_READ: _machines_and_components,
    Permission.PART_READ: _parts,
    Permission.ORDER_READ: _orders,
    Permission.CERTIFICATE_READ: _certificates,
    Permission.FAULT_READ: _faults,
    Permission.PEOPLE_READ: _people,
}
