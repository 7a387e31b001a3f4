"""What may be read of stock policies: an organisation's own, by those who plan."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftersales.access import Actor, Permission, require
from aftersales.errors import NotFound
from aftersales.models import Location, Part, PartDecision, StockPolicy, StockPolicySet, User
from aftersales.planning.adopted import in_force
from aftersales.planning.queries import number_of
from aftersales.planning.supply import catalogue, criticality
from aftersales.planning.supply.criticality import Proposal
from aftersales.translate import N_


@dataclass(frozen=True, slots=True)
class PolicyView:
    """An adopted policy, who adopted it, and whether it is in force."""

    policy: StockPolicySet
    actor: str | None
    in_force: bool

    @property
    def id(self) -> int:
        """The policy's number in the database."""
        return self.policy.id


@dataclass(frozen=True, slots=True)
class PolicyLineView:
    """What a policy keeps of a part, and where."""

    line: StockPolicy
    part: Part
    location: str | None

    @property
    def id(self) -> int:
        """The part's number in the database."""
        return self.part.id


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision about a part and who made it."""

    decision: PartDecision
    actor: str | None

    @property
    def id(self) -> int:
        """The decision's number in the database."""
        return self.decision.id


@dataclass(frozen=True, slots=True)
class PartView:
    """A part with the criticality proposed for it and what was decided."""

    part: Part
    proposal: Proposal | None
    stocked: bool
    newest: DecisionView | None

    @property
    def id(self) -> int:
        """The part's number in the database."""
        return self.part.id

    @property
    def differs(self) -> bool:
        """Whether something else is proposed than holds and nobody decided otherwise."""
        by_hand = self.newest is not None and self.newest.decision.criticality is not None
        return self.proposal is not None and self.proposal.criticality != self.part.criticality and not by_hand


def policies(session: Session, actor: Actor, *, after: object = None, limit: int = 50) -> list[PolicyView]:
    """Return the policies of the actor's organisation, newest first."""
    require(actor, Permission.PLAN_READ)
    newest = in_force(session, actor)[0]
    query = (
        select(StockPolicySet, User.full_name)
        .outerjoin(User, User.id == StockPolicySet.actor_id)
        .where(StockPolicySet.organization_id == actor.organization)
        .order_by(StockPolicySet.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(StockPolicySet.id < number_of(after))
    return [PolicyView(row, name, newest is not None and row.id == newest.id) for row, name in session.execute(query)]


def policy(session: Session, actor: Actor, stock_policy_id: int) -> PolicyView:
    """Return one policy.

    :raises NotFound: when it is none of the actor's organisation.
    """
    require(actor, Permission.PLAN_READ)
    query = (
        select(StockPolicySet, User.full_name)
        .outerjoin(User, User.id == StockPolicySet.actor_id)
        .where(StockPolicySet.id == stock_policy_id, StockPolicySet.organization_id == actor.organization)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    newest = in_force(session, actor)[0]
    return PolicyView(row[0], row[1], newest is not None and row[0].id == newest.id)


def policy_lines(
    session: Session, actor: Actor, stock_policy_id: int, *, after: object = None, limit: int = 50
) -> list[PolicyLineView]:
    """Return what a policy keeps, by part.

    :raises NotFound: when it is none of the actor's organisation.
    """
    policy(session, actor, stock_policy_id)
    query = (
        select(StockPolicy, Part, Location.name)
        .join(Part, Part.id == StockPolicy.part_id)
        .outerjoin(Location, Location.id == StockPolicy.location_id)
        .where(StockPolicy.set_id == stock_policy_id)
        .order_by(StockPolicy.part_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(StockPolicy.part_id > number_of(after))
    return [PolicyLineView(*row) for row in session.execute(query)]


def decisions(
    session: Session, actor: Actor, part_id: int, *, after: object = None, limit: int = 50
) -> list[DecisionView]:
    """Return what was decided about a part, newest first.

    :raises NotFound: for a part of somebody else.
    """
    require(actor, Permission.PLAN_READ)
    part(session, actor, part_id)
    query = (
        select(PartDecision, User.full_name)
        .outerjoin(User, User.id == PartDecision.actor_id)
        .where(PartDecision.part_id == part_id, PartDecision.organization_id == actor.organization)
        .order_by(PartDecision.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(PartDecision.id < number_of(after))
    return [DecisionView(*row) for row in session.execute(query)]


def part(session: Session, actor: Actor, part_id: int) -> PartView:
    """Return a part of the actor's own catalogue with what is proposed and decided.

    :raises NotFound: for a part of somebody else.
    """
    require(actor, Permission.PLAN_READ)
    found = parts(session, actor, part_ids=[part_id], limit=1)
    if not found:
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    return found[0]


def parts(
    session: Session,
    actor: Actor,
    *,
    part_ids: list[int] | None = None,
    only_different: bool = False,
    after: object = None,
    limit: int = 50,
) -> list[PartView]:
    """Return the parts of the actor's catalogue with what is proposed and decided, by their number in the database.

    :param only_different: those for which another criticality is proposed than holds, not decided by hand.
    """
    require(actor, Permission.PLAN_READ)
    query = select(Part).where(Part.organization_id == actor.organization, Part.ended_at.is_(None)).order_by(Part.id)
    if part_ids is not None:
        query = query.where(Part.id.in_(part_ids))
    if after is not None:
        query = query.where(Part.id > number_of(after))
    if not only_different:
        query = query.limit(limit)
    rows = list(session.scalars(query))
    proposed = criticality.proposals(session, actor, rows)
    newest = _newest_decisions(session, actor)
    stocked = catalogue.decisions(session, actor)
    views = [PartView(row, proposed.get(row.id), stocked.get(row.id, True), newest.get(row.id)) for row in rows]
    return [view for view in views if view.differs or not only_different][:limit]


def _newest_decisions(session: Session, actor: Actor) -> dict[int, DecisionView]:
    query = (
        select(PartDecision, User.full_name)
        .outerjoin(User, User.id == PartDecision.actor_id)
        .where(PartDecision.organization_id == actor.organization)
        .order_by(PartDecision.id)
    )
    return {row.part_id: DecisionView(row, name) for row, name in session.execute(query)}
