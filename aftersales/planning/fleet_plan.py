"""The fleet plan: how many machines of a model will be sold or retired in which month."""

from datetime import date

from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.errors import Invalid
from aftersales.models import FleetPlanEntry, MachineModel
from aftersales.planning.installed_base.plans import KINDS, Planned, standing
from aftersales.planning.rules import months
from aftersales.translate import N_
from aftersales.work import Work

MOST_MACHINES = 100_000


def enter(work: Work, *, model_id: int, month: date, machines: int, kind: str = "sale") -> FleetPlanEntry:
    """Plan machines of a model for a month; an earlier plan of the same is replaced, zero takes it away.

    :param month: any day of it.
    :param kind: ``sale`` or ``retirement``.
    :raises NotFound: for a model that does not concern the actor's organisation.
    """
    require(work.actor, Permission.FORECAST_RUN)
    if kind not in KINDS:
        message = N_("A fleet plan is of sales or of retirements")
        raise Invalid(message, errors=[{"field": "kind", "message": message}])
    if not 0 <= machines <= MOST_MACHINES:
        message = N_("Not between %(low)s and %(high)s")
        errors = [{"field": "machines", "message": message, "params": {"low": 0, "high": MOST_MACHINES}}]
        raise Invalid(message, errors=errors, low=0, high=MOST_MACHINES)
    seen = visibility.sees_model(work.actor, MachineModel.id, MachineModel.manufacturer_id)
    model = visibility.get(work.session, MachineModel, model_id, seen)
    row = FleetPlanEntry(
        organization_id=work.actor.organization,
        model_id=model.id,
        kind=kind,
        month=months.month_of(month),
        machines=machines,
        entered_at=work.now,
        actor_id=work.actor.user_id,
    )
    work.session.add(row)
    work.session.flush()
    return row


def plan(session: Session, actor: Actor) -> list[Planned]:
    """Return what stands of the actor's organisation's plan, by month and model."""
    require(actor, Permission.FORECAST_READ)
    return standing(session, actor)
