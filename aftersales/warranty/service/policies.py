"""A manufacturer's policies. Clauses are written once: terms that were given are not changed afterwards."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, expect, require
from aftersales.errors import Conflict, Invalid, RuleBroken
from aftersales.models import MachineModel, Organization, Part, WarrantyClause, WarrantyPolicy
from aftersales.translate import N_
from aftersales.vocabulary import CostClass, OrganizationKind
from aftersales.work import Work

KINDS = ("term", "exclusion", "condition")
CHANGEABLE = ("name", "offer_days_before_end", "price", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseData:
    """A clause to be written: a term (class, months, hours), an exclusion or a condition, always in words."""

    number: str
    kind: str
    text: str
    cost_class: CostClass | None = None
    months: int | None = None
    hours: Decimal | None = None
    excluded_part_id: int | None = None
    excluded_cause: str | None = None
    requires_maintenance: bool = False


def create_policy(
    work: Work,
    *,
    code: str,
    name: str,
    clauses: Sequence[ClauseData],
    model_id: int | None = None,
    is_extension: bool = False,
    start_rule: str = "commissioning",
    offer_days_before_end: int = 90,
    price: Decimal | None = None,
    currency: str = "EUR",
) -> WarrantyPolicy:
    """Write a policy with all its clauses.

    :param model_id: the model it is for; ``None`` for every model of the manufacturer.
    :param offer_days_before_end: how long before a warranty ends its extension is to be offered.
    :raises Invalid: for clauses that do not make sense, naming them.
    """
    require(work.actor, Permission.WARRANTY_MANAGE)
    organization = work.session.get_one(Organization, work.actor.organization)
    if not organization.holds(OrganizationKind.MANUFACTURER):
        raise RuleBroken(N_("Only a manufacturer writes warranty policies"), code="not_a_manufacturer")
    if model_id is not None:
        own = visibility.owns(work.actor, MachineModel.manufacturer_id)
        visibility.get(work.session, MachineModel, model_id, own)
    _check(work, clauses)
    taken = select(WarrantyPolicy.id).where(
        WarrantyPolicy.organization_id == organization.id, WarrantyPolicy.code == code
    )
    if work.session.scalar(taken) is not None:
        raise Conflict(N_("There is a policy %(policy)s already"), code="code_taken", policy=code)
    policy = WarrantyPolicy(
        organization_id=organization.id,
        model_id=model_id,
        code=code,
        name=name,
        is_extension=is_extension,
        start_rule=start_rule,
        offer_days_before_end=offer_days_before_end,
        price=price,
        currency=currency,
    )
    work.session.add(policy)
    work.session.flush()
    for clause in clauses:
        values = {field: getattr(clause, field) for field in ClauseData.__dataclass_fields__}
        work.session.add(WarrantyClause(policy_id=policy.id, **values))
    work.session.flush()
    return policy


def change_policy(
    work: Work, policy_id: int, changes: Mapping[str, Any], expected_version: int | None = None
) -> WarrantyPolicy:
    """Change the name, the price or how early an extension is offered. Clauses stay as they were given."""
    require(work.actor, Permission.WARRANTY_MANAGE)
    policy = own_policy(work, policy_id)
    expect(policy.version, expected_version)
    if unknown := sorted(set(changes) - set(CHANGEABLE)):
        raise Invalid(N_("The field %(field)s of a policy cannot change"), field=unknown[0])
    for field, value in changes.items():
        setattr(policy, field, value)
    work.session.flush()
    return policy


def end_policy(work: Work, policy_id: int, expected_version: int | None = None) -> WarrantyPolicy:
    """Give the policy to no more machines; those that have it keep it."""
    require(work.actor, Permission.WARRANTY_MANAGE)
    policy = own_policy(work, policy_id)
    expect(policy.version, expected_version)
    policy.ended_at = policy.ended_at or work.now
    work.session.flush()
    return policy


def own_policy(work: Work, policy_id: int) -> WarrantyPolicy:
    """Return a policy of the actor's own organisation."""
    return visibility.get(
        work.session, WarrantyPolicy, policy_id, visibility.owns(work.actor, WarrantyPolicy.organization_id)
    )


def _check(work: Work, clauses: Sequence[ClauseData]) -> None:
    errors = [*_twice(clauses), *(error for clause in clauses for error in _wrong(clause))]
    for clause in clauses:
        if clause.excluded_part_id is not None:
            visibility.get(work.session, Part, clause.excluded_part_id, visibility.sees_part(work.actor))
    if not any(clause.kind == "term" for clause in clauses):
        errors.append(("", N_("a policy needs a term: which costs it covers and how long")))
    if errors:
        number, problem = errors[0]
        listed = [{"field": "clauses", "clause": number, "message": problem} for number, problem in errors]
        raise Invalid(N_("Clause %(clause)s: %(problem)s"), errors=listed, clause=number or "-", problem=problem)


def _twice(clauses: Sequence[ClauseData]) -> Iterator[tuple[str, str]]:
    for number, times in Counter(clause.number for clause in clauses).items():
        if times > 1:
            yield number, N_("the number is there twice")
    classes = Counter(clause.cost_class for clause in clauses if clause.kind == "term")
    for clause in clauses:
        if clause.kind == "term" and clause.cost_class and classes[clause.cost_class] > 1:
            yield clause.number, N_("a class of costs has one term")


def _wrong(clause: ClauseData) -> Iterator[tuple[str, str]]:
    if clause.kind not in KINDS:
        yield clause.number, N_("it is a term, an exclusion or a condition")
    if not clause.text.strip():
        yield clause.number, N_("it needs words")
    if clause.kind == "term" and (clause.cost_class is None or not clause.months):
        yield clause.number, N_("a term needs a class of costs and months")
    if clause.months is not None and not 1 <= clause.months <= 600:
        yield clause.number, N_("months are from 1 to 600")
    if clause.hours is not None and clause.hours <= 0:
        yield clause.number, N_("hours are above zero")
