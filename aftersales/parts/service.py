"""Use-cases of the catalogue. Only the organisation a part belongs to changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select

from aftersales import visibility
from aftersales.access import Permission, expect, require
from aftersales.errors import Conflict, Invalid, RuleBroken
from aftersales.models import Alternate, Organization, Part, StockMove, Supersession
from aftersales.parts import rules
from aftersales.translate import N_
from aftersales.vocabulary import Criticality
from aftersales.work import Work

FIXED_ONCE_MOVED = ("unit", "whole_units", "serialised")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartData:
    """What a catalogue line says of a part. ``price`` is what customers pay, ``cost`` what the part costs us."""

    number: str
    name: str
    own: bool = True
    maker: str | None = None
    supplier_id: int | None = None
    unit: str = "pcs"
    whole_units: bool = True
    price: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    currency: str = "EUR"
    lead_time_days: int = 30
    minimum_quantity: Decimal = Decimal(1)
    multiple: Decimal = Decimal(1)
    criticality: Criticality = Criticality.ESSENTIAL
    shelf_life_days: int | None = None
    serialised: bool = False
    repairable: bool = False


FIELDS = tuple(field.name for field in fields(PartData))


def create_part(work: Work, data: PartData) -> Part:
    """Add a part to the catalogue of the actor's organisation.

    :raises Conflict: when the catalogue has this number already.
    :raises Invalid: for an impossible value, naming the field.
    """
    require(work.actor, Permission.PART_MANAGE)
    _check(work, data)
    taken = select(Part.id).where(Part.organization_id == work.actor.organization, Part.number == data.number)
    if work.session.scalar(taken) is not None:
        raise Conflict(
            N_("Part number %(number)s is in the catalogue already"), code="number_taken", number=data.number
        )
    values = {name: getattr(data, name) for name in FIELDS}
    part = Part(organization_id=work.actor.organization, created_at=work.now, **values)
    work.session.add(part)
    work.session.flush()
    return part


def change_part(work: Work, part_id: int, changes: Mapping[str, Any], expected_version: int | None = None) -> Part:
    """Change some of a part's fields (names as in :class:`PartData`).

    :raises RuleBroken: when unit or serial numbering of a part with stock moves would change.
    """
    require(work.actor, Permission.PART_MANAGE)
    part = own_part(work, part_id)
    expect(part.version, expected_version)
    if unknown := sorted(set(changes) - set(FIELDS)):
        raise Invalid(N_("A part has no field %(field)s"), field=unknown[0])
    data = PartData(**{name: changes.get(name, getattr(part, name)) for name in FIELDS})
    _check(work, data)
    fixed = [name for name in FIXED_ONCE_MOVED if getattr(data, name) != getattr(part, name)]
    if fixed and work.session.scalar(select(StockMove.id).where(StockMove.part_id == part.id).limit(1)) is not None:
        message = N_("%(field)s of part %(number)s cannot change: it has been in stock")
        raise RuleBroken(message, code="part_has_moves", field=fixed[0], number=part.number)
    for name in FIELDS:
        setattr(part, name, getattr(data, name))
    work.session.flush()
    return part


def end_part(work: Work, part_id: int, expected_version: int | None = None) -> Part:
    """Take a part out of use; it stays in the catalogue with its history."""
    require(work.actor, Permission.PART_MANAGE)
    part = own_part(work, part_id)
    expect(part.version, expected_version)
    part.ended_at = part.ended_at or work.now
    work.session.flush()
    return part


def supersede(
    work: Work, old_id: int, new_id: int, *, valid_from: date, ratio: Decimal = Decimal(1), both_ways: bool = False
) -> Supersession:
    """Have one part replaced by another of the same catalogue from a day on.

    :param ratio: how many of the new part do the work of one old part.
    :param both_ways: the old part may also be used in place of the new one.
    :raises RuleBroken: when the old part has a successor already, or the chain would close to a circle.
    """
    require(work.actor, Permission.PART_MANAGE)
    _lock_catalogue(work)
    old, new = own_part(work, old_id), own_part(work, new_id)
    if ratio <= 0:
        raise Invalid(N_("The ratio must be above zero"), errors=[{"field": "ratio", "message": "must be above 0"}])
    links = {link.old_id: link for link in work.session.scalars(_links(work))}
    _check_no_circle(work, {link.old_id: link.new_id for link in links.values()}, old, new)
    if old.id in links:
        following = work.session.get_one(Part, links[old.id].new_id)
        message = N_("Part %(number)s is replaced by %(other)s already; a part has one successor")
        raise RuleBroken(message, code="has_successor", number=old.number, other=following.number)
    link = Supersession(old_id=old.id, new_id=new.id, valid_from=valid_from, ratio=ratio, both_ways=both_ways)
    work.session.add(link)
    work.session.flush()
    return link


def withdraw_supersession(work: Work, old_id: int) -> None:
    """Take back that a part is replaced."""
    require(work.actor, Permission.PART_MANAGE)
    part = own_part(work, old_id)
    link = work.session.scalar(select(Supersession).where(Supersession.old_id == part.id))
    if link is None:
        raise RuleBroken(N_("Part %(number)s has no successor"), code="no_successor", number=part.number)
    work.session.delete(link)
    work.session.flush()


def add_alternate(work: Work, part_id: int, alternate_id: int, *, note: str = "") -> Alternate:
    """Say that another part may be used instead of this one, one way."""
    require(work.actor, Permission.PART_MANAGE)
    part = own_part(work, part_id)
    other = visibility.get(work.session, Part, alternate_id, visibility.sees_part(work.actor))
    if part.id == other.id:
        raise Invalid(N_("A part is no alternate of itself"))
    if work.session.get(Alternate, (part.id, other.id)) is not None:
        message = N_("%(other)s is an alternate of %(number)s already")
        raise Conflict(message, number=part.number, other=other.number)
    alternate = Alternate(part_id=part.id, alternate_id=other.id, note=note)
    work.session.add(alternate)
    work.session.flush()
    return alternate


def remove_alternate(work: Work, part_id: int, alternate_id: int) -> None:
    """Take an alternate off the list."""
    require(work.actor, Permission.PART_MANAGE)
    part = own_part(work, part_id)
    alternate = work.session.get(Alternate, (part.id, alternate_id))
    if alternate is None:
        raise RuleBroken(N_("This is not an alternate of part %(number)s"), number=part.number)
    work.session.delete(alternate)
    work.session.flush()


def own_part(work: Work, part_id: int) -> Part:
    """Return a part of the actor's own catalogue, for a change.

    :raises NotFound: when it belongs to somebody else, even if the actor may read it.
    """
    return visibility.get(work.session, Part, part_id, visibility.owns(work.actor, Part.organization_id))


def _links(work: Work) -> Select[Supersession]:
    organization = work.actor.organization
    return select(Supersession).join(Part, Part.id == Supersession.old_id).where(Part.organization_id == organization)


def _lock_catalogue(work: Work) -> None:
    """Queue up changes of chains in one catalogue, so that two links cannot close a circle together."""
    organization = select(Organization.id).where(Organization.id == work.actor.organization)
    work.session.execute(organization.with_for_update(key_share=True))


def _check_no_circle(work: Work, links: Mapping[int, int], old: Part, new: Part) -> None:
    circle = [old.id, old.id] if old.id == new.id else rules.circle(links, old.id, new.id)
    if circle is None:
        return
    named = select(Part.id, Part.number).where(Part.id.in_(circle))
    numbers = {row.id: row.number for row in work.session.execute(named)}
    message = N_("This would close a circle: %(chain)s")
    raise RuleBroken(message, code="supersession_circle", chain=" → ".join(numbers[part] for part in circle))


def _check(work: Work, data: PartData) -> None:
    wrong = [
        ("number", not data.number.strip(), N_("is missing")),
        ("name", not data.name.strip(), N_("is missing")),
        ("price", data.price < 0, N_("must not be negative")),
        ("cost", data.cost < 0, N_("must not be negative")),
        ("lead_time_days", data.lead_time_days < 0, N_("must not be negative")),
        ("minimum_quantity", data.minimum_quantity < 0, N_("must not be negative")),
        ("multiple", data.multiple <= 0, N_("must be above zero")),
        ("multiple", data.whole_units and data.multiple % 1 != 0, N_("must be a whole number")),
        ("minimum_quantity", data.whole_units and data.minimum_quantity % 1 != 0, N_("must be a whole number")),
        (
            "whole_units",
            data.serialised and not data.whole_units,
            N_("a part with serial numbers comes in whole units"),
        ),
        ("shelf_life_days", data.shelf_life_days is not None and data.shelf_life_days <= 0, N_("must be above zero")),
    ]
    errors = [{"field": field, "message": message} for field, is_wrong, message in wrong if is_wrong]
    if data.supplier_id is not None and work.session.get(Organization, data.supplier_id) is None:
        errors.append({"field": "supplier_id", "message": N_("there is no such organisation")})
    if errors:
        message = N_("Field %(field)s of the part is wrong: %(problem)s")
        raise Invalid(message, errors=errors, field=errors[0]["field"], problem=errors[0]["message"])
