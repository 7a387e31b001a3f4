"""Extensions: offered in time, accepted or refused by the customer, or expired."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select

from aftersales import visibility
from aftersales.access import Permission, expect, require
from aftersales.certificates import service as certificates
from aftersales.errors import Conflict, Invalid, NotFound, RuleBroken
from aftersales.models import ExtensionOffer, Machine, Organization, Warranty, WarrantyPolicy
from aftersales.translate import N_
from aftersales.usage import queries as usage
from aftersales.vocabulary import CertificateKind, MeterKind, OfferState, PartyRole, RefusalReason
from aftersales.warranty import loading, rules
from aftersales.warranty.service.paper import extension_paper
from aftersales.warranty.service.start import end_of_terms
from aftersales.work import Work

SERIES = "WE"
CUSTOMERS = frozenset({PartyRole.OWNER, PartyRole.OPERATOR})


def offer(
    work: Work,
    *,
    machine_id: int,
    policy_id: int,
    price: Decimal | None = None,
    valid_until: date | None = None,
    pricing: dict[str, Any] | None = None,
) -> ExtensionOffer:
    """Offer an extension of a machine's warranty, before that ends.

    :param price: the policy's own price by default.
    :param pricing: the reasons of the price, kept with the offer for its maker.
    :param valid_until: the last day to accept, at the latest (and by default) the last day of the warranty.
    :raises RuleBroken: when there is no warranty to extend, or it has ended.
    :raises Conflict: when an offer for the machine is open.
    """
    require(work.actor, Permission.OFFER_MAKE)
    made_by_us = visibility.owns(work.actor, Machine.manufacturer_id)
    machine = visibility.get(work.session, Machine, machine_id, made_by_us, lock=True)
    policy = extension_policy(work, machine, policy_id)
    today = loading.day_of(work.session, machine, work.now)
    last = running(work, machine, today)
    asked = policy.price if price is None else price
    if asked is None or asked < 0:
        message = N_("The offer needs a price of zero or more")
        raise Invalid(message, code="price_missing", errors=[{"field": "price", "message": message}])
    until = rules.last_day(last.ends_on) if valid_until is None else valid_until
    if not today <= until < last.ends_on:
        message = N_("The offer must be open from today to %(last_on)s at the latest, the last day of the warranty")
        errors = [{"field": "valid_until", "message": message}]
        raise Invalid(message, code="valid_until", errors=errors, last_on=rules.last_day(last.ends_on).isoformat())
    waiting = select(ExtensionOffer.number).where(
        ExtensionOffer.machine_id == machine.id, ExtensionOffer.state == OfferState.OFFERED
    )
    if number := work.session.scalar(waiting):
        raise Conflict(N_("Offer %(number)s for this machine is open"), code="offer_open", number=number)
    row = ExtensionOffer(
        number=certificates.next_number(work, SERIES, issuer_id=policy.organization_id),
        organization_id=policy.organization_id,
        machine_id=machine.id,
        policy_id=policy.id,
        price=asked,
        currency=policy.currency,
        starts_on=last.ends_on,
        ends_on=end_of_terms(work, policy.id, last.ends_on),
        valid_until=until,
        state=OfferState.OFFERED,
        offered_at=work.now,
        pricing=pricing,
    )
    work.session.add(row)
    work.session.flush()
    work.emit("offer.made", offer_id=row.id)
    return row


def accept(work: Work, offer_id: int, expected_version: int | None = None) -> ExtensionOffer:
    """Accept an offer for the customer: the extension begins the day the warranty ends, with its certificate.

    :raises RuleBroken: when the offer is no longer open.
    :raises Conflict: when the warranty changed since the offer was made.
    """
    row, machine = _for_decision(work, offer_id, expected_version)
    today = loading.day_of(work.session, machine, work.now)
    if today > row.valid_until:
        message = N_("The offer was open until %(until_on)s")
        raise RuleBroken(message, code="offer_expired", until_on=row.valid_until.isoformat())
    last = running(work, machine, today)
    if last.ends_on != row.starts_on:
        raise Conflict(N_("The warranty changed since this offer was made; ask for a new one"), code="warranty_changed")
    extension = Warranty(
        machine_id=machine.id,
        policy_id=row.policy_id,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        start_hours=_expected_hours(work, machine, row.starts_on),
        offer_id=row.id,
        follows_id=last.id,
        created_at=work.now,
    )
    work.session.add(extension)
    _decide(work, row, OfferState.ACCEPTED)
    customer = work.session.get_one(Organization, work.actor.organization)
    certificates.issue(
        work,
        kind=CertificateKind.EXTENSION,
        machine_id=machine.id,
        content=extension_paper(work, row, customer),
        language=customer.language,
        issuer_id=row.organization_id,
    )
    work.emit("offer.accepted", offer_id=row.id)
    return row


def refuse(
    work: Work, offer_id: int, reason: RefusalReason, text: str = "", expected_version: int | None = None
) -> ExtensionOffer:
    """Refuse an offer for the customer, with a coded reason."""
    row, _ = _for_decision(work, offer_id, expected_version)
    if reason is RefusalReason.OTHER and not text.strip():
        message = N_("Say what the other reason is")
        raise Invalid(message, errors=[{"field": "text", "message": message}])
    row.refusal_reason, row.refusal_text = reason, text.strip() or None
    _decide(work, row, OfferState.REFUSED)
    work.emit("offer.refused", offer_id=row.id)
    return row


def expire_offers(work: Work) -> int:
    """Mark open offers whose last day has passed where the machine stands; return how many. A daily job."""
    require(work.actor, Permission.OFFER_MAKE)
    query = (
        select(ExtensionOffer)
        .where(
            ExtensionOffer.state == OfferState.OFFERED,
            ExtensionOffer.valid_until <= (work.now + timedelta(days=1)).date(),
            visibility.owns(work.actor, ExtensionOffer.organization_id),
        )
        .order_by(ExtensionOffer.id)
        .with_for_update()
    )
    expired = 0
    for row in work.session.scalars(query):
        machine = work.session.get_one(Machine, row.machine_id)
        if loading.day_of(work.session, machine, work.now) > row.valid_until:
            _decide(work, row, OfferState.EXPIRED)
            expired += 1
    return expired


def running(work: Work, machine: Machine, today: date) -> Warranty:
    """Return the last warranty of a machine while it lasts.

    :raises RuleBroken: when there is none or it has ended.
    """
    query = select(Warranty).where(Warranty.machine_id == machine.id).order_by(Warranty.starts_on.desc()).limit(1)
    last = work.session.scalar(query)
    if last is None:
        raise RuleBroken(N_("The machine has no warranty that could be extended"), code="no_warranty")
    if today >= last.ends_on:
        message = N_("The warranty ended on %(ended_on)s; it can only be extended before it ends")
        raise RuleBroken(message, code="warranty_ended", ended_on=rules.last_day(last.ends_on).isoformat())
    return last


def extension_policy(work: Work, machine: Machine, policy_id: int) -> WarrantyPolicy:
    """Return a policy that is offered as an extension for a machine.

    :raises RuleBroken: when the policy is none, or is offered no more.
    """
    policy = visibility.get(
        work.session,
        WarrantyPolicy,
        policy_id,
        visibility.owns(work.actor, WarrantyPolicy.organization_id),
        WarrantyPolicy.organization_id == machine.manufacturer_id,
        or_(WarrantyPolicy.model_id == machine.model_id, WarrantyPolicy.model_id.is_(None)),
    )
    if not policy.is_extension or policy.ended_at is not None:
        message = N_("Policy %(policy)s is no extension that is offered")
        raise RuleBroken(message, code="no_extension_policy", policy=policy.code)
    return policy


def _for_decision(work: Work, offer_id: int, expected_version: int | None) -> tuple[ExtensionOffer, Machine]:
    require(work.actor, Permission.OFFER_DECIDE)
    row = visibility.get(
        work.session,
        ExtensionOffer,
        offer_id,
        visibility.holds_machine(work.actor, ExtensionOffer.machine_id),
        lock=True,
    )
    if not visibility.roles_in(work.session, work.actor, row.machine_id) & CUSTOMERS:
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    expect(row.version, expected_version)
    if row.state is not OfferState.OFFERED:
        message = N_("Offer %(number)s is no longer open (%(state)s)")
        raise RuleBroken(message, code="offer_decided", number=row.number, state=row.state)
    machine = visibility.machine(work.session, work.actor, row.machine_id, change=True, lock=True)
    return row, machine


def _decide(work: Work, row: ExtensionOffer, state: OfferState) -> None:
    row.state, row.decided_at, row.decided_by_id = state, work.now, work.actor.user_id
    work.session.flush()


def _expected_hours(work: Work, machine: Machine, starts_on: date) -> Decimal:
    """Return the hours expected when the extension begins: they count where the terms before it had no limit."""
    at = loading.end_of(work.session, machine, starts_on)
    use = usage.utilisation(work.session, machine.id, MeterKind.HOURS, work.now)
    expected = usage.predicted_life(work.session, machine.id, MeterKind.HOURS, at, use)
    known = usage.life_at(work.session, machine.id, MeterKind.HOURS, work.now) or Decimal(0)
    return round(expected.life if expected else known) + Decimal(0)
