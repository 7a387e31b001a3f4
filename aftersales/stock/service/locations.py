"""Places stock can be: warehouses, bins, vans, quarantine; and the virtual ones that close the double entry."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, expect, require
from aftersales.errors import Conflict, Invalid, RuleBroken
from aftersales.models import Balance, Location, Organization, User
from aftersales.stock import rules
from aftersales.translate import N_
from aftersales.vocabulary import REAL_LOCATIONS, LocationKind
from aftersales.work import Work


def create_location(
    work: Work, *, code: str, name: str, kind: LocationKind, parent_id: int | None = None, keeper_id: int | None = None
) -> Location:
    """Add a real place to the actor's organisation; its virtual places are made along with the first one.

    :param parent_id: the warehouse a bin is in.
    :param keeper_id: the colleague who drives the van or answers for the place.
    :raises Conflict: when the code is taken.
    """
    require(work.actor, Permission.STOCK_MOVE)
    organization = work.actor.organization
    if kind not in REAL_LOCATIONS:
        raise Invalid(N_("Places of the kind '%(kind)s' are made by the system"), kind=kind.value)
    if not code.strip() or code.startswith("~"):
        raise Invalid(N_("A place needs a code that does not begin with ~"), errors=[{"field": "code"}])
    _check_people(work, parent_id, keeper_id)
    for each in sorted(rules.VIRTUAL):
        virtual(work, organization, each)
    if work.session.scalar(select(Location.id).where(Location.organization_id == organization, Location.code == code)):
        raise Conflict(N_("There is a place %(place)s already"), code="code_taken", place=code)
    location = Location(
        organization_id=organization, code=code, name=name, kind=kind, parent_id=parent_id, keeper_id=keeper_id
    )
    work.session.add(location)
    work.session.flush()
    return location


def change_location(
    work: Work, location_id: int, changes: Mapping[str, Any], expected_version: int | None = None
) -> Location:
    """Change name, parent or keeper of a place."""
    require(work.actor, Permission.STOCK_MOVE)
    location = own_location(work, location_id)
    expect(location.version, expected_version)
    if unknown := sorted(set(changes) - {"name", "parent_id", "keeper_id"}):
        raise Invalid(N_("The field %(field)s of a place cannot change"), field=unknown[0])
    _check_people(work, changes.get("parent_id"), changes.get("keeper_id"))
    if changes.get("parent_id") == location.id:
        raise Invalid(N_("A place is not inside itself"))
    for field, value in changes.items():
        setattr(location, field, value)
    work.session.flush()
    return location


def end_location(work: Work, location_id: int, expected_version: int | None = None) -> Location:
    """Close an empty place.

    :raises RuleBroken: while it holds stock.
    """
    require(work.actor, Permission.STOCK_MOVE)
    location = own_location(work, location_id, lock=True)
    expect(location.version, expected_version)
    holds = select(Balance.id).where(Balance.location_id == location.id, Balance.on_hand > 0).limit(1)
    if work.session.scalar(holds) is not None:
        raise RuleBroken(N_("%(place)s still holds stock"), code="location_not_empty", place=location.code)
    location.ended_at = location.ended_at or work.now
    work.session.flush()
    return location


def own_location(work: Work, location_id: int, *, lock: bool = False) -> Location:
    """Return a real place of the actor's organisation.

    :raises NotFound: when it is somebody else's, or virtual.
    """
    return visibility.get(
        work.session,
        Location,
        location_id,
        visibility.owns(work.actor, Location.organization_id),
        Location.kind.in_(REAL_LOCATIONS),
        lock=lock,
    )


def open_location(work: Work, location_id: int) -> Location:
    """Return a real place of the actor's organisation that takes stock in, locked against being closed meanwhile."""
    held = select(Location).where(Location.id == own_location(work, location_id).id)
    location = work.session.scalars(
        held.with_for_update(read=True), execution_options={"populate_existing": True}
    ).one()
    if location.ended_at is not None:
        raise RuleBroken(N_("%(place)s is closed"), code="location_ended", place=location.code)
    return location


def virtual(work: Work, organization_id: int, kind: LocationKind) -> Location:
    """Return an organisation's virtual place of a kind, made when it is missing."""
    query = select(Location).where(Location.organization_id == organization_id, Location.code == f"~{kind.value}")
    location = work.session.scalar(query)
    if location is None:
        organization = select(Organization.id).where(Organization.id == organization_id)
        work.session.execute(organization.with_for_update(key_share=True))
        location = work.session.scalar(query)
    if location is None:
        location = Location(organization_id=organization_id, code=f"~{kind.value}", name=kind.value, kind=kind)
        work.session.add(location)
        work.session.flush()
    return location


def _check_people(work: Work, parent_id: int | None, keeper_id: int | None) -> None:
    if parent_id is not None:
        own_location(work, parent_id)
    if keeper_id is not None:
        visibility.get(work.session, User, keeper_id, visibility.owns(work.actor, User.organization_id))
