"""What narrows the lists of the store."""

from sqlalchemy import ColumnElement, Select, select

from aftersales import visibility
from aftersales.access import Actor
from aftersales.models import Location


def mine(actor: Actor) -> Select[int]:
    """Return the places of the actor's organisation."""
    return select(Location.id).where(visibility.owns(actor, Location.organization_id))


def narrowed(
    part: visibility.IdColumn, part_id: int | None, place: visibility.IdColumn, location_id: int | None
) -> list[ColumnElement[bool]]:
    """Return the conditions for a part and a place, as far as they are given."""
    found = []
    if part_id is not None:
        found.append(part == part_id)
    if location_id is not None:
        found.append(place == location_id)
    return found
