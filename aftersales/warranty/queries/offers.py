"""Reading extension offers: the manufacturer that made them and the machine's present owner and operator."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import ExtensionOffer, Machine, MachineModel, MachineParty, WarrantyPolicy
from aftersales.vocabulary import OfferState, PartyRole


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer with the machine and the terms it is about."""

    offer: ExtensionOffer
    serial_number: str
    model: str
    policy: str
    policy_name: str
    is_own: bool

    @property
    def pricing(self) -> dict[str, Any] | None:
        """What the failures over the extension are expected to cost; for the manufacturer that offers it alone."""
        return self.offer.pricing if self.is_own else None

    @property
    def version(self) -> int:
        """The version of the row."""
        return self.offer.version


def offers(
    session: Session,
    actor: Actor,
    *,
    state: OfferState | None = None,
    machine_id: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> list[OfferView]:
    """Return offers, newest first."""
    require(actor, Permission.WARRANTY_READ)
    query = _offers(actor).order_by(ExtensionOffer.id.desc()).limit(limit)
    if state is not None:
        query = query.where(ExtensionOffer.state == state)
    if machine_id is not None:
        query = query.where(ExtensionOffer.machine_id == machine_id)
    if after is not None:
        query = query.where(ExtensionOffer.id < after)
    return [OfferView(*row, is_own=_is_own(actor, row[0])) for row in session.execute(query)]


def offer(session: Session, actor: Actor, offer_id: int) -> OfferView:
    """Return one offer.

    :raises NotFound: when there is none that the actor sees.
    """
    require(actor, Permission.WARRANTY_READ)
    visibility.get(session, ExtensionOffer, offer_id, _sees(actor))
    row = session.execute(_offers(actor).where(ExtensionOffer.id == offer_id)).one()
    return OfferView(*row, is_own=_is_own(actor, row[0]))


def _is_own(actor: Actor, row: ExtensionOffer) -> bool:
    return actor.is_system or row.organization_id == actor.organization_id


def _sees(actor: Actor) -> ColumnElement[bool]:
    customer = and_(
        MachineParty.machine_id == ExtensionOffer.machine_id,
        MachineParty.organization_id == actor.organization_id,
        MachineParty.role.in_((PartyRole.OWNER, PartyRole.OPERATOR)),
        MachineParty.valid_to.is_(None),
        MachineParty.valid_from <= ExtensionOffer.offered_at,
    )
    return or_(visibility.owns(actor, ExtensionOffer.organization_id), exists().where(customer))


def _offers(actor: Actor) -> Select[ExtensionOffer, str, str, str, str]:
    return (
        select(ExtensionOffer, Machine.serial_number, MachineModel.code, WarrantyPolicy.code, WarrantyPolicy.name)
        .join(Machine, Machine.id == ExtensionOffer.machine_id)
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .join(WarrantyPolicy, WarrantyPolicy.id == ExtensionOffer.policy_id)
        .where(_sees(actor))
    )
