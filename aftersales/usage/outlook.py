"""How hard a machine works and what its meter will show, for those who may see it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.usage import queries
from aftersales.usage.rules import Utilisation
from aftersales.vocabulary import MeterKind


@dataclass(frozen=True, slots=True)
class Outlook:
    """A prediction asked for: the life at a moment, the day of a life value; what is not known is empty."""

    kind: MeterKind
    at: datetime | None = None
    life: Decimal | None = None
    life_low: Decimal | None = None
    life_high: Decimal | None = None
    day: date | None = None
    earliest: date | None = None
    latest: date | None = None


def utilisation(session: Session, actor: Actor, machine_id: int, kind: MeterKind, now: datetime) -> Utilisation | None:
    """Return a machine's utilisation over the last 12 months.

    :raises NotFound: for a machine that does not concern the actor now.
    """
    require(actor, Permission.USAGE_READ)
    visibility.machine(session, actor, machine_id, change=True)
    return queries.utilisation(session, machine_id, kind, now)


def predict(
    session: Session,
    actor: Actor,
    machine_id: int,
    *,
    kind: MeterKind,
    now: datetime,
    at: datetime | None = None,
    life: Decimal | None = None,
) -> Outlook:
    """Return the life to expect at a moment, and the day a life value is to be expected, as far as asked.

    :raises NotFound: for a machine that does not concern the actor.
    """
    use = utilisation(session, actor, machine_id, kind, now)
    then = queries.predicted_life(session, machine_id, kind, at, use) if at else None
    day = queries.predicted_date(session, machine_id, kind, life, use) if life is not None else None
    return Outlook(
        kind,
        at,
        then.life if then else life,
        then.low if then else None,
        then.high if then else None,
        day.day if day else None,
        day.earliest if day else None,
        day.latest if day else None,
    )
