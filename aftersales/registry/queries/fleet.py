"""How the machines of an organisation stand, counted."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import Machine
from aftersales.vocabulary import MachineState


def states(session: Session, actor: Actor) -> dict[MachineState, int]:
    """Return how many machines the actor's organisation has to do with now are in each state, in the order of life."""
    require(actor, Permission.REGISTRY_READ)
    query = select(Machine.state, func.count()).where(visibility.holds_machine(actor, Machine.id))
    found = {row[0]: row[1] for row in session.execute(query.group_by(Machine.state))}
    return {state: found[state] for state in MachineState if state in found}
