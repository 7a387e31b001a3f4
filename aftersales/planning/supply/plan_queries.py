"""What may be read of plans: an organisation's own, by those who plan."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftersales.access import Actor, Permission, require
from aftersales.errors import NotFound
from aftersales.models import Part, PlanLine, PlannedOrder, PlannedOrderStep, PlanRun, SupplyOrder, User
from aftersales.planning.queries import number_of
from aftersales.planning.rules import months
from aftersales.planning.supply.plans import newest_steps, own_run
from aftersales.translate import N_


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan and who made it."""

    plan: PlanRun
    actor: str | None

    @property
    def id(self) -> int:
        """The plan's number."""
        return self.plan.id


@dataclass(frozen=True, slots=True)
class PlannedView:
    """A planned order as it stands: changed, approved, dropped or released."""

    order: PlannedOrder
    part: Part
    step: PlannedOrderStep | None
    supply_order: str | None

    @property
    def id(self) -> int:
        """The planned order's number."""
        return self.order.id

    @property
    def state(self) -> str:
        """What was decided last; ``planned`` while nothing was."""
        return "planned" if self.step is None else self.step.action

    @property
    def quantity(self) -> Decimal:
        """Pieces, as changed."""
        return self.order.quantity if self.step is None else self.step.quantity

    @property
    def comes(self) -> date:
        """The month it is to come, as changed."""
        return self.order.comes if self.step is None else self.step.comes

    @property
    def money(self) -> Decimal:
        """What it costs."""
        return self.quantity * self.order.unit_cost


@dataclass(frozen=True, slots=True)
class PlanMonth:
    """A month of a part's plan, in pieces; ``stock`` is at its end, below zero owed."""

    month: date
    demand: float
    receipts: float
    ordered: float
    begun: float
    stock: float


@dataclass(frozen=True, slots=True)
class PartPlan:
    """A part's plan month by month with its planned orders."""

    plan: PlanRun
    part: Part
    on_hand: float
    lead_time: int
    safety: float
    months: tuple[PlanMonth, ...]
    orders: tuple[PlannedView, ...]


def plans(session: Session, actor: Actor, *, after: object = None, limit: int = 50) -> list[PlanView]:
    """Return the plans of the actor's organisation, newest first."""
    require(actor, Permission.PLAN_READ)
    query = (
        select(PlanRun, User.full_name)
        .outerjoin(User, User.id == PlanRun.actor_id)
        .where(PlanRun.organization_id == actor.organization)
        .order_by(PlanRun.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(PlanRun.id < number_of(after))
    return [PlanView(*row) for row in session.execute(query)]


def plan(session: Session, actor: Actor, plan_id: int) -> PlanView:
    """Return one plan.

    :raises NotFound: when it is none of the actor's organisation.
    """
    require(actor, Permission.PLAN_READ)
    found = own_run(session, actor, plan_id)
    return PlanView(found, session.scalar(select(User.full_name).where(User.id == found.actor_id)))


def planned_orders(
    session: Session,
    actor: Actor,
    plan_id: int,
    *,
    part_id: int | None = None,
    after: object = None,
    limit: int | None = 50,
) -> list[PlannedView]:
    """Return the planned orders of a plan by when they begin.

    :raises NotFound: when the plan is none of the actor's organisation.
    """
    require(actor, Permission.PLAN_READ)
    run = own_run(session, actor, plan_id)
    query = (
        select(PlannedOrder, Part)
        .join(Part, Part.id == PlannedOrder.part_id)
        .where(PlannedOrder.run_id == run.id)
        .order_by(PlannedOrder.begins, PlannedOrder.id)
    )
    if part_id is not None:
        query = query.where(PlannedOrder.part_id == part_id)
    rows = list(session.execute(query))
    steps = newest_steps(session, run.id)
    became = {step.supply_order_id for step in steps.values() if step.supply_order_id is not None}
    named = select(SupplyOrder.id, SupplyOrder.number).where(SupplyOrder.id.in_(became))
    numbers = {row.id: row.number for row in session.execute(named)}
    views = [
        PlannedView(row, part, step := steps.get(row.id), None if step is None else numbers.get(step.supply_order_id))
        for row, part in rows
    ]
    if after is not None:
        last = number_of(after)
        place = next((at for at, view in enumerate(views) if view.id == last), len(views) - 1)
        views = views[place + 1 :]
    return views if limit is None else views[:limit]


def planned_order(session: Session, actor: Actor, planned_order_id: int) -> PlannedView:
    """Return one planned order.

    :raises NotFound: when it is of no plan of the actor's organisation.
    """
    require(actor, Permission.PLAN_READ)
    query = (
        select(PlannedOrder.run_id, PlannedOrder.part_id)
        .join(PlanRun, PlanRun.id == PlannedOrder.run_id)
        .where(PlannedOrder.id == planned_order_id, PlanRun.organization_id == actor.organization)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    views = planned_orders(session, actor, row.run_id, part_id=row.part_id, limit=None)
    return next(view for view in views if view.id == planned_order_id)


def part_plan(session: Session, actor: Actor, plan_id: int, part_id: int) -> PartPlan:
    """Return a part's plan by month.

    :raises NotFound: when the plan is none of the actor's organisation, or does not hold the part.
    """
    require(actor, Permission.PLAN_READ)
    run = own_run(session, actor, plan_id)
    query = select(PlanLine, Part).join(Part, Part.id == PlanLine.part_id)
    row = session.execute(query.where(PlanLine.run_id == run.id, PlanLine.part_id == part_id)).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    line, part = row
    numbers, inputs = line.numbers, line.inputs
    columns = (numbers["gross"], inputs["receipts"], numbers["ordered"], numbers["begun"], numbers["stock"])
    ahead = tuple(
        PlanMonth(months.plus(run.origin, step), *values) for step, values in enumerate(zip(*columns, strict=True))
    )
    orders = tuple(planned_orders(session, actor, plan_id, part_id=part_id, limit=None))
    return PartPlan(run, part, inputs["on_hand"], int(inputs["lead_time"]), inputs["safety"], ahead, orders)
