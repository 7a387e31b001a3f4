"""Warranty: policies, a machine's cover, decisions on the lines of jobs."""

from typing import Any

from aftersales.translate import translator
from aftersales.warranty import queries, service
from aftersales.warranty.queries import CoverageView, PolicyView, WarrantyStatus
from aftersales.warranty.service import ClauseData
from aftersales.warranty.wording import said
from aftersales.work import Work
from api.http import Paged, Room, paged
from api.schemas.base import Empty
from api.schemas.warranty import (
    ConfirmationBody,
    CoverageAnswer,
    CoverageQuery,
    EndingAnswer,
    EndingQuery,
    PolicyAnswer,
    PolicyBody,
    PolicyChangeBody,
    PolicyQuery,
    WarrantyAnswer,
)

room = Room("warranty", __name__, "Warranty: policies in numbered clauses, cover of machines, who pays for what")
POLICY = "/warranty-policies/<id:policy_id>"
WARRANTY = "/machines/<id:machine_id>/warranty"


@room.reads("/warranty-policies", answer=PolicyAnswer, query=PolicyQuery, listed=True)
def list_policies(work: Work, query: dict[str, Any]) -> Paged:
    """List the policies you wrote, or that your machines have."""
    limit = query.pop("limit")
    rows = queries.policies(work.session, work.actor, limit=limit + 1, **query)
    return paged(rows, limit, key=lambda row: row.policy.id)


@room.writes("POST", "/warranty-policies", body=PolicyBody, answer=PolicyAnswer, status=201)
def create_policy(work: Work, body: dict[str, Any]) -> PolicyView:
    """Write a policy with its clauses; they stay as they are."""
    clauses = [ClauseData(**clause) for clause in body.pop("clauses")]
    row = service.create_policy(work, clauses=clauses, **body)
    return queries.policy(work.session, work.actor, row.id)


@room.reads(POLICY, answer=PolicyAnswer)
def get_policy(work: Work, policy_id: int) -> PolicyView:
    """Show a policy with its clauses."""
    return queries.policy(work.session, work.actor, policy_id)


@room.writes("PATCH", POLICY, body=PolicyChangeBody, answer=PolicyAnswer, versioned=True)
def change_policy(work: Work, body: dict[str, Any], policy_id: int, expected_version: int) -> PolicyView:
    """Change name, price or the time of offering."""
    service.change_policy(work, policy_id, body, expected_version)
    return queries.policy(work.session, work.actor, policy_id)


@room.writes("POST", POLICY + "/ending", body=Empty, answer=PolicyAnswer)
def end_policy(work: Work, body: dict[str, Any], policy_id: int) -> PolicyView:
    """Give the policy to no more machines."""
    service.end_policy(work, policy_id)
    return queries.policy(work.session, work.actor, policy_id)


@room.reads(WARRANTY, answer=WarrantyAnswer)
def get_warranty(work: Work, machine_id: int) -> WarrantyStatus:
    """Tell what a machine's warranty covers today, when it ends, and whether its conditions are met."""
    return queries.status(work.session, work.actor, machine_id, work.now)


@room.writes("POST", WARRANTY, body=Empty, answer=WarrantyAnswer)
def start_warranty(work: Work, body: dict[str, Any], machine_id: int) -> WarrantyStatus:
    """Start a machine's warranty by its policy, where commissioning has not; one that runs stays as it is."""
    service.start_for(work, machine_id)
    return queries.status(work.session, work.actor, machine_id, work.now)


@room.reads("/warranty-endings", answer=EndingAnswer, query=EndingQuery, listed=True)
def list_warranty_endings(work: Work, query: dict[str, Any]) -> Paged:
    """List warranties that end soon, by date or by the hours expected, first the soonest."""
    return Paged(queries.endings(work.session, work.actor, work.now, **query), None)


@room.reads("/coverages", answer=CoverageAnswer, query=CoverageQuery, listed=True)
def list_coverages(work: Work, query: dict[str, Any]) -> Paged:
    """List who pays for the lines of jobs, newest first."""
    limit = query.pop("limit")
    rows = queries.coverages(work.session, work.actor, limit=limit + 1, **query)
    page = paged(rows, limit, key=lambda row: row.coverage.id)
    return Paged([spoken(work, row) for row in page.items], page.after)


@room.reads("/coverages/<id:coverage_id>", answer=CoverageAnswer)
def get_coverage(work: Work, coverage_id: int) -> dict[str, Any]:
    """Show who pays for a line of a job, by which clause and why."""
    return spoken(work, queries.coverage(work.session, work.actor, coverage_id))


@room.writes("POST", "/coverages/<id:coverage_id>/confirmation", body=ConfirmationBody, answer=CoverageAnswer)
def confirm_coverage(work: Work, body: dict[str, Any], coverage_id: int) -> dict[str, Any]:
    """Make a proposal binding, or decide otherwise with a reason."""
    service.confirm(work, coverage_id, **body)
    return spoken(work, queries.coverage(work.session, work.actor, coverage_id))


def spoken(work: Work, view: CoverageView) -> dict[str, Any]:
    """Return a decision with its reason in the reader's language."""
    row = view.coverage
    explanation = said(translator(work.actor.language), row.explanation, row.explanation_params)
    names = ("coverage", "order_id", "order", "machine_id", "serial_number", "clause", "clause_text")
    return {**{name: getattr(view, name) for name in names}, "explanation": explanation}
