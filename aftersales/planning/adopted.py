"""The stock policy in force: the newest one adopted."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftersales.access import Actor
from aftersales.models import StockPolicy, StockPolicySet


def in_force(session: Session, actor: Actor) -> tuple[StockPolicySet | None, dict[int, StockPolicy]]:
    """Return the policy in force in the actor's organisation and its lines by part; nothing before the first one."""
    query = select(StockPolicySet).where(StockPolicySet.organization_id == actor.organization)
    found = session.scalar(query.order_by(StockPolicySet.number.desc()).limit(1))
    if found is None:
        return None, {}
    lines = session.scalars(select(StockPolicy).where(StockPolicy.set_id == found.id))
    return found, {line.part_id: line for line in lines}
