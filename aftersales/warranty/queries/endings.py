"""Warranties that end soon, by date or by the hours expected, and whether their extension is due to be offered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import (
    ExtensionOffer,
    Machine,
    MachineModel,
    MachineParty,
    Organization,
    Warranty,
    WarrantyPolicy,
)
from aftersales.usage import queries as usage
from aftersales.usage.rules import Utilisation, predict_day
from aftersales.vocabulary import CostClass, MeterKind, OfferState, PartyRole
from aftersales.warranty import loading, rules

AHEAD_DAYS = 90
MOST = 5000


@dataclass(frozen=True, slots=True)
class Ending:
    """A machine whose cover ends. ``last_on`` is its last day by date, ``hours_end_on`` the day by expected hours.

    ``offer_due`` tells the manufacturer that an extension should be offered now: its policy's days before the end have
    come, and none was offered for this end yet.
    """

    machine_id: int
    serial_number: str
    model_id: int
    model: str
    manufacturer_id: int
    customer: str | None
    last_on: date
    hours_end_on: date | None
    days_left: int
    offer_state: OfferState | None
    offer_id: int | None
    offer_due: bool

    @property
    def ends_on(self) -> date:
        """The last day expected: by date or by hours, whichever is first."""
        return min(self.last_on, self.hours_end_on) if self.hours_end_on else self.last_on


def endings(
    session: Session, actor: Actor, at: datetime, *, days: int | None = None, due_only: bool = False, limit: int = 200
) -> list[Ending]:
    """Return the machines of the actor whose warranty ends soonest, first the soonest.

    :param days: how far ahead to look; by default as far as each policy says extensions are offered.
    :param due_only: only those to whom an extension is to be offered now.
    """
    require(actor, Permission.WARRANTY_READ)
    found = [
        ending
        for ending, horizon in _running(session, actor, at)
        if ending.days_left <= (horizon if days is None else days) and (ending.offer_due or not due_only)
    ]
    return sorted(found, key=lambda ending: (ending.ends_on, ending.machine_id))[:limit]


def _running(session: Session, actor: Actor, at: datetime) -> Iterator[tuple[Ending, int]]:
    later = aliased(Warranty)
    query = (
        select(Warranty, Machine, MachineModel.code, WarrantyPolicy.offer_days_before_end)
        .join(Machine, Machine.id == Warranty.machine_id)
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .join(WarrantyPolicy, WarrantyPolicy.id == Warranty.policy_id)
        .outerjoin(later, later.follows_id == Warranty.id)
        .where(later.id.is_(None), Warranty.ends_on > at.date(), visibility.holds_machine(actor, Machine.id))
        .order_by(Warranty.ends_on)
        .limit(MOST)
    )
    rows = list(session.execute(query))
    ids = [machine.id for _, machine, _, _ in rows]
    chains = loading.chains(session, ids)
    uses = usage.utilisations(session, ids, MeterKind.HOURS, at)
    lives = usage.latest_life(session, ids, MeterKind.HOURS)
    customers, offered = _customers(session, ids), _offers(session, ids)
    for warranty, machine, model, horizon in rows:
        hours_end = _hours_end(chains[machine.id], lives.get(machine.id), uses.get(machine.id))
        last = rules.last_day(warranty.ends_on)
        left = (min(last, hours_end) if hours_end else last) - at.date()
        offer = offered.get((machine.id, warranty.ends_on))
        is_ours = actor.is_system or machine.manufacturer_id == actor.organization_id
        yield (
            Ending(
                machine.id,
                machine.serial_number,
                machine.model_id,
                model,
                machine.manufacturer_id,
                customers.get(machine.id),
                last,
                hours_end,
                left // timedelta(days=1),
                offer.state if offer else None,
                offer.id if offer else None,
                is_ours and offer is None and left <= timedelta(days=horizon),
            ),
            horizon,
        )


def _hours_end(chain: list[rules.Stretch], latest: usage.LatestLife | None, use: Utilisation | None) -> date | None:
    """Return the day the last class of costs is expected to run out of hours; ``None`` when one has no hour limit."""
    limits: list[Decimal | None] = [found[-1].until_hours for each in CostClass if (found := rules.terms(chain, each))]
    if latest is None or use is None or not limits or None in limits:
        return None
    farthest = max(limit for limit in limits if limit is not None)
    if latest.life >= farthest:
        return latest.at.date()
    predicted = predict_day(latest.life, latest.at.date(), farthest, use)
    return predicted.day if predicted else None


def _customers(session: Session, machine_ids: list[int]) -> dict[int, str]:
    query = (
        select(MachineParty.machine_id, Organization.name)
        .join(Organization, Organization.id == MachineParty.organization_id)
        .where(MachineParty.machine_id.in_(machine_ids), MachineParty.valid_to.is_(None))
        .where(MachineParty.role.in_((PartyRole.OWNER, PartyRole.OPERATOR)))
        .order_by(MachineParty.role)
    )
    return {row.machine_id: row.name for row in session.execute(query)}


def _offers(session: Session, machine_ids: list[int]) -> dict[tuple[int, date], ExtensionOffer]:
    query = select(ExtensionOffer).where(ExtensionOffer.machine_id.in_(machine_ids)).order_by(ExtensionOffer.id)
    return {(row.machine_id, row.starts_on): row for row in session.scalars(query)}
