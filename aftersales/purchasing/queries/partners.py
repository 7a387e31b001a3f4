"""Whom an organisation can order from."""

from dataclasses import dataclass

from sqlalchemy import CompoundSelect, select, union
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import Organization, Part


@dataclass(frozen=True, slots=True)
class PartnerView:
    """An organisation to order from."""

    id: int
    name: str
    country: str


def suppliers_of(actor: Actor) -> CompoundSelect[int | None]:
    """Return the suppliers that the actor's own parts name, and the makers whose catalogue the actor sees."""
    named = select(Part.supplier_id).where(Part.supplier_id.is_not(None), visibility.owns(actor, Part.organization_id))
    makers = select(Part.organization_id).where(
        visibility.sees_part(actor), Part.organization_id != actor.organization_id
    )
    return union(named, makers)


def suppliers(session: Session, actor: Actor) -> list[PartnerView]:
    """Return whom the actor's organisation can order from, by name."""
    require(actor, Permission.SUPPLY_READ)
    query = select(Organization.id, Organization.name, Organization.country).where(
        Organization.id.in_(suppliers_of(actor)),
        Organization.id != actor.organization_id,
        Organization.ended_at.is_(None),
    )
    return [PartnerView(*row) for row in session.execute(query.order_by(Organization.name))]
