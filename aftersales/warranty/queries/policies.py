"""Reading policies. The manufacturer sees its own; a party of a machine sees those the machine has or is offered.

The list price of an extension is the manufacturer's matter until it offers it.
"""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import ExtensionOffer, MachineModel, Warranty, WarrantyPolicy
from aftersales.warranty import loading
from aftersales.warranty.rules import Clause


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy with its clauses in order; ``price`` is ``None`` for everyone but its manufacturer."""

    policy: WarrantyPolicy
    model: str | None
    price: Decimal | None
    is_own: bool
    clauses: tuple[Clause, ...]

    @property
    def version(self) -> int:
        """The version of the row."""
        return self.policy.version


def policies(
    session: Session,
    actor: Actor,
    *,
    is_extension: bool | None = None,
    with_ended: bool = False,
    after: int | None = None,
    limit: int = 100,
) -> list[PolicyView]:
    """Return the policies the actor sees, by id."""
    require(actor, Permission.WARRANTY_READ)
    query = select(WarrantyPolicy).where(_sees(actor)).order_by(WarrantyPolicy.id).limit(limit)
    if is_extension is not None:
        query = query.where(WarrantyPolicy.is_extension.is_(is_extension))
    if not with_ended:
        query = query.where(WarrantyPolicy.ended_at.is_(None))
    if after is not None:
        query = query.where(WarrantyPolicy.id > after)
    return _views(session, actor, list(session.scalars(query)))


def policy(session: Session, actor: Actor, policy_id: int) -> PolicyView:
    """Return one policy.

    :raises NotFound: when there is none that the actor sees.
    """
    require(actor, Permission.WARRANTY_READ)
    return _views(session, actor, [visibility.get(session, WarrantyPolicy, policy_id, _sees(actor))])[0]


def _sees(actor: Actor) -> ColumnElement[bool]:
    given = select(Warranty.policy_id).where(visibility.sees_machine(actor, Warranty.machine_id))
    offered = select(ExtensionOffer.policy_id).where(visibility.holds_machine(actor, ExtensionOffer.machine_id))
    return or_(
        visibility.owns(actor, WarrantyPolicy.organization_id),
        WarrantyPolicy.id.in_(given),
        WarrantyPolicy.id.in_(offered),
    )


def _views(session: Session, actor: Actor, rows: list[WarrantyPolicy]) -> list[PolicyView]:
    clauses = loading.clauses_of(session, [row.id for row in rows])
    models = select(MachineModel.id, MachineModel.code).where(MachineModel.id.in_([row.model_id for row in rows]))
    codes = {row.id: row.code for row in session.execute(models)}
    views = []
    for row in rows:
        is_own = actor.is_system or row.organization_id == actor.organization_id
        model = codes.get(row.model_id) if row.model_id else None
        views.append(PolicyView(row, model, row.price if is_own else None, is_own, clauses[row.id]))
    return views
