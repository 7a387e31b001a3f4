"""What the certificate of an extension says."""

from typing import Any

from sqlalchemy import select

from aftersales.models import ExtensionOffer, Machine, Organization, User, Warranty, WarrantyPolicy
from aftersales.papers.content import Amount, Clause, MeterLine, PartyLine, ScopeLine
from aftersales.usage import queries as usage
from aftersales.vocabulary import CostClass, MeterKind, PartyRole
from aftersales.warranty import loading, rules
from aftersales.work import Work


def extension_paper(work: Work, offer: ExtensionOffer, customer: Organization) -> dict[str, Any]:
    """Return the content of the certificate of an accepted offer, without its heading; the warranty exists by now."""
    policy = work.session.get_one(WarrantyPolicy, offer.policy_id)
    clauses = loading.clauses_of(work.session, [policy.id])[policy.id]
    machine = work.session.get_one(Machine, offer.machine_id)
    person = work.session.get(User, work.actor.user_id) if work.actor.user_id else None
    party = PartyLine(
        name=customer.name, role=PartyRole.OWNER.value, address=customer.address or "", contact=customer.email or ""
    )
    return {
        "starts_on": offer.starts_on.isoformat(),
        "ends_on": rules.last_day(offer.ends_on).isoformat(),
        "customer": party.to_dict(),
        "policy": f"{policy.code} {policy.name}",
        "offer": offer.number,
        "accepted_at": work.now.isoformat(),
        "accepted_by": person.full_name if person else "",
        "warranty_ended_on": rules.last_day(offer.starts_on).isoformat(),
        "price": Amount(value=offer.price, currency=offer.currency).to_dict(),
        "meters": [line.to_dict() for line in _meters(work, machine)],
        "scope": [line.to_dict() for line in _scope(work, offer)],
        "clauses": [_words(each) for each in clauses if each.kind != "condition"],
        "conditions": [_words(each) for each in clauses if each.kind == "condition"],
    }


def _words(clause: rules.Clause) -> dict[str, Any]:
    return Clause(number=clause.number, text=clause.text).to_dict()


def _scope(work: Work, offer: ExtensionOffer) -> list[ScopeLine]:
    """Return the extension's terms; hours are life hours of the machine, counted on from the warranty before."""
    chain = loading.chain(work.session, offer.machine_id)
    own = work.session.scalar(select(Warranty.id).where(Warranty.offer_id == offer.id))
    lines = []
    for cost_class in CostClass:
        for term in rules.terms(chain, cost_class):
            if chain[term.place].warranty_id == own:
                last = rules.last_day(term.ends_on)
                months, hours = term.clause.months, term.until_hours
                lines.append(ScopeLine(cost_class=cost_class.value, months=months, hours=hours, ends_on=last))
    return lines


def _meters(work: Work, machine: Machine) -> list[MeterLine]:
    latest = usage.latest_life(work.session, [machine.id], MeterKind.HOURS).get(machine.id)
    return [MeterLine(value=latest.life, unit="h", read_at=latest.at)] if latest else []
