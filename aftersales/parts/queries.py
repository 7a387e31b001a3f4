"""What may be read of the catalogue.

Prices: ``cost`` is shown to the organisation the part belongs to alone. The list ``price`` is shown to everyone who
sees the part, except to one who sees it only as its supplier.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import Alternate, Machine, MachineModel, Organization, Part, Position, Supersession
from aftersales.parts import rules
from aftersales.vocabulary import Criticality


@dataclass(frozen=True, slots=True)
class PartView:
    """A part as the actor may see it; prices that are none of their business are ``None``."""

    part: Part
    owner: str
    supplier: str | None
    price: Decimal | None
    cost: Decimal | None
    is_own: bool

    @property
    def version(self) -> int:
        """The version of the part."""
        return self.part.version


@dataclass(frozen=True, slots=True)
class ChainStep:
    """A part in a supersession chain; ``ratio`` units of it do the work of one of the step before."""

    part_id: int
    number: str
    name: str
    valid_from: date | None
    ratio: Decimal
    both_ways: bool


@dataclass(frozen=True, slots=True)
class SubstituteView:
    """A part that can stand in, how many do the work of one, and how far away it is."""

    part_id: int
    number: str
    name: str
    ratio: Decimal
    level: int


@dataclass(frozen=True, slots=True)
class Use:
    """A place in a model's component tree that holds the part, and how many machines of it the actor sees."""

    model_id: int
    model_code: str
    model_name: str
    position_id: int
    position_code: str
    position_name: str
    quantity: int
    machines: int


def parts(
    session: Session,
    actor: Actor,
    *,
    text: str = "",
    own: bool | None = None,
    criticality: Criticality | None = None,
    with_ended: bool = False,
    after: int | None = None,
    limit: int = 50,
) -> list[PartView]:
    """Return parts the actor sees, by number.

    :param text: a piece of the number, name or maker, in any case.
    :param own: only parts the maker makes (true) or buys (false).
    :param after: the id of the last part of the page before.
    """
    require(actor, Permission.PART_READ)
    query = _views(actor).order_by(Part.number, Part.id).limit(limit)
    for word in text.split():
        query = query.where(_matches(word))
    if own is not None:
        query = query.where(Part.own == own)
    if criticality is not None:
        query = query.where(Part.criticality == criticality)
    if not with_ended:
        query = query.where(Part.ended_at.is_(None))
    if after is not None:
        last = select(Part.number).where(Part.id == after).scalar_subquery()
        query = query.where(or_(Part.number > last, and_(Part.number == last, Part.id > after)))
    return [_view(actor, *row) for row in session.execute(query)]


def part(session: Session, actor: Actor, part_id: int) -> PartView:
    """Return one part.

    :raises NotFound: when there is none that the actor sees.
    """
    require(actor, Permission.PART_READ)
    found = visibility.get(session, Part, part_id, visibility.sees_part(actor))
    return _view(actor, *session.execute(_views(actor).where(Part.id == found.id)).one())


def by_number(session: Session, actor: Actor, number: str) -> Part | None:
    """Return the part with this number; one of the actor's own catalogue comes first."""
    query = select(Part).where(Part.number == number, visibility.sees_part(actor))
    return session.scalar(query.order_by((Part.organization_id == actor.organization_id).desc(), Part.id).limit(1))


def chain(session: Session, actor: Actor, part_id: int) -> list[ChainStep]:
    """Return the whole chain the part stands in, oldest first; just the part itself when it stands alone.

    Whoever sees a part sees numbers and names along its chain, or they could not order what replaces it. Where several
    parts have the same successor, the line that leads through this part is shown.
    """
    require(actor, Permission.PART_READ)
    start = visibility.get(session, Part, part_id, visibility.sees_part(actor))
    links = _catalogue_links(session, start.organization_id)
    backward = {link.new: link.old for link in reversed(links)}
    before = rules.chain(backward, start.id)[:0:-1]
    line = [*before, *rules.chain({link.old: link.new for link in links}, start.id)]
    into = {(link.old, link.new): link for link in links}
    named = _named(session, line)
    steps = []
    for previous, current in zip([None, *line], line, strict=False):
        link = into.get((previous, current)) if previous is not None else None
        number, name = named[current]
        ratio, both_ways = (link.ratio, link.both_ways) if link else (Decimal(1), False)
        steps.append(ChainStep(current, number, name, link.valid_from if link else None, ratio, both_ways))
    return steps


def successor(session: Session, part_id: int, on: date) -> rules.Replacement:
    """Return the part to order on a day instead of this one, and how many of it do the work of one.

    For other rooms, which have loaded the part through visibility already.
    """
    links = _catalogue_links(session, session.get_one(Part, part_id).organization_id)
    return rules.successor({link.old: link for link in links}, part_id, on)


def successors(session: Session, organization_id: int, on: date) -> dict[int, rules.Replacement]:
    """Return, for every part of a catalogue that is replaced on a day, what replaces it."""
    links = {link.old: link for link in _catalogue_links(session, organization_id)}
    found = {part_id: rules.successor(links, part_id, on) for part_id in links}
    return {part_id: replacement for part_id, replacement in found.items() if replacement.part_id != part_id}


def substitutes(session: Session, actor: Actor, part_id: int, on: date, *, levels: int = 3) -> list[SubstituteView]:
    """Return what can stand in for a part, nearest first, through successors and alternates at several levels."""
    require(actor, Permission.PART_READ)
    start = visibility.get(session, Part, part_id, visibility.sees_part(actor))
    links = _catalogue_links(session, start.organization_id)
    pairs = session.execute(
        select(Alternate.part_id, Alternate.alternate_id)
        .join(Part, Part.id == Alternate.part_id)
        .where(Part.organization_id == start.organization_id)
        .order_by(Alternate.part_id, Alternate.alternate_id)
    )
    found = rules.substitutes(start.id, links, [(row.part_id, row.alternate_id) for row in pairs], on, levels=levels)
    named = _named(session, [item.part_id for item in found])
    return [SubstituteView(item.part_id, *named[item.part_id], item.ratio, item.level) for item in found]


def where_used(session: Session, actor: Actor, part_id: int) -> list[Use]:
    """Return the positions of models the actor sees that hold the part."""
    require(actor, Permission.PART_READ)
    visibility.get(session, Part, part_id, visibility.sees_part(actor))
    machines = (
        select(func.count(Machine.id))
        .where(Machine.model_id == MachineModel.id, visibility.sees_machine(actor, Machine.id))
        .correlate(MachineModel)
        .scalar_subquery()
    )
    query = (
        select(
            MachineModel.id,
            MachineModel.code,
            MachineModel.name,
            Position.id,
            Position.code,
            Position.name,
            Position.quantity,
            machines,
        )
        .join(Position, Position.model_id == MachineModel.id)
        .where(Position.part_id == part_id)
        .where(visibility.sees_model(actor, MachineModel.id, MachineModel.manufacturer_id))
        .order_by(MachineModel.code, Position.code)
    )
    return [Use(*row) for row in session.execute(query)]


def _matches(word: str) -> ColumnElement[bool]:
    columns = (Part.number, Part.name, Part.maker)
    return or_(*(column.icontains(word, autoescape=True) for column in columns))


def _views(actor: Actor) -> Select[Part, str, str | None]:
    owner, supplier = aliased(Organization), aliased(Organization)
    return (
        select(Part, owner.name, supplier.name)
        .join(owner, owner.id == Part.organization_id)
        .outerjoin(supplier, supplier.id == Part.supplier_id)
        .where(visibility.sees_part(actor))
    )


def _view(actor: Actor, row: Part, owner: str, supplier: str | None) -> PartView:
    is_own = actor.is_system or row.organization_id == actor.organization_id
    is_supplier = not is_own and row.supplier_id == actor.organization_id
    is_shown = is_own or is_supplier
    return PartView(
        row,
        owner,
        supplier if is_shown else None,
        None if is_supplier else row.price,
        row.cost if is_own else None,
        is_own,
    )


def _catalogue_links(session: Session, organization_id: int) -> list[rules.Link]:
    query = (
        select(Supersession)
        .join(Part, Part.id == Supersession.old_id)
        .where(Part.organization_id == organization_id)
        .order_by(Supersession.id)
    )
    return [
        rules.Link(row.old_id, row.new_id, row.valid_from, row.ratio, row.both_ways) for row in session.scalars(query)
    ]


def _named(session: Session, ids: list[int]) -> dict[int, tuple[str, str]]:
    query = select(Part.id, Part.number, Part.name).where(Part.id.in_(ids))
    return {row.id: (row.number, row.name) for row in session.execute(query)}


def numbers(session: Session, actor: Actor, part_ids: Collection[int]) -> dict[int, str]:
    """Return the numbers of those of the parts that the actor sees."""
    query = select(Part.id, Part.number).where(Part.id.in_(part_ids), visibility.sees_part(actor))
    return {row.id: row.number for row in session.execute(query)}
