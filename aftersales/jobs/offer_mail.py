"""Mail about extension offers: to the customer when one is made, to the manufacturer when it is decided."""

from email.message import EmailMessage
from typing import Any

from sqlalchemy import select

from aftersales.jobs.mail import send
from aftersales.models import ExtensionOffer, Machine, MachineParty, User
from aftersales.translate import N_, translator
from aftersales.vocabulary import PartyRole, Role
from aftersales.work import Work

READERS = (Role.MANAGER, Role.ADMIN)
CUSTOMERS = (PartyRole.OWNER, PartyRole.OPERATOR)
SUBJECT = N_("Extension offer %(number)s for machine %(serial)s")
MADE = N_(
    "The warranty of machine %(serial)s ends soon. See the offer to extend it, open until %(until)s:\n%(address)s\n"
)
DECIDED = N_("The offer for machine %(serial)s was decided:\n%(address)s\n")


def handle_offer_made(work: Work, payload: dict[str, Any]) -> None:
    """Tell the machine's owner and operator of an offer."""
    offer = work.session.get_one(ExtensionOffer, payload["offer_id"])
    parties = select(MachineParty.organization_id).where(
        MachineParty.machine_id == offer.machine_id, MachineParty.role.in_(CUSTOMERS), MachineParty.valid_to.is_(None)
    )
    _tell(work, offer, sorted(set(work.session.scalars(parties))), MADE)


def handle_offer_decided(work: Work, payload: dict[str, Any]) -> None:
    """Tell whoever made the offer that it was accepted or refused."""
    offer = work.session.get_one(ExtensionOffer, payload["offer_id"])
    _tell(work, offer, [offer.organization_id], DECIDED)


def _tell(work: Work, offer: ExtensionOffer, organizations: list[int], body: str) -> None:
    serial = work.session.get_one(Machine, offer.machine_id).serial_number
    query = select(User).where(
        User.organization_id.in_(organizations),
        User.role.in_(READERS),
        User.ended_at.is_(None),
        User.email.is_not(None),
        User.is_sample.is_(False),
    )
    for user in work.session.scalars(query.order_by(User.id)):
        t = translator(user.language)
        message = EmailMessage()
        message["From"], message["To"] = work.settings.mail_from, user.email
        message["Subject"] = t.gettext(SUBJECT, number=offer.number, serial=serial)
        address = f"{work.settings.public_url}/offers/{offer.id}"
        message.set_content(t.gettext(body, serial=serial, until=t.date(offer.valid_until), address=address))
        send(work.settings, message)
