"""Stock policies: the curve to choose by, what a target changes, adoption, and decisions about single parts."""

from decimal import Decimal
from typing import Any

from flask import Response

from aftersales.models import PartDecision
from aftersales.planning.supply import export, policy, queries
from aftersales.work import Work
from api.errors import speak
from api.http import Paged, Room, paged
from api.routes.forecasts import XLSX, xlsx_file
from api.schemas.base import NumberPageQuery
from api.schemas.stock_policy import (
    AdoptBody,
    DecisionAnswer,
    DecisionBody,
    DecisionRowAnswer,
    PartChangeAnswer,
    StockPolicyAnswer,
    StockPolicyLineAnswer,
    TargetPageQuery,
    TargetQuery,
    WorkbenchAnswer,
)

room = Room("stock_policy", __name__, "Which parts to keep in stock, and how many")


@room.reads("/stock-policy-workbench", answer=WorkbenchAnswer, query=TargetQuery)
def get_stock_policy_workbench(work: Work, query: dict[str, Any]) -> dict[str, Any]:
    """Show the curve of money against requests served at once, and what a target comes to."""
    found = policy.workbench(work.session, work.actor, **query)
    in_force = found.known.in_force
    return {
        "forecast_run_id": found.known.run.id,
        "policy_in_force": None if in_force is None else in_force.number,
        "summary": policy.summary(found),
        "curve": [
            {"investment": Decimal(f"{money:.2f}"), "availability": share, "owed": owed}
            for money, share, owed in found.points()
        ],
    }


@room.reads("/stock-policy-workbench/parts", answer=PartChangeAnswer, query=TargetPageQuery, listed=True)
def list_stock_policy_changes(work: Work, query: dict[str, Any]) -> Paged:
    """List what a target changes part by part, and why."""
    after, limit = query.pop("after"), query.pop("limit")
    t = speak()
    found = sorted(policy.workbench(work.session, work.actor, **query).changes, key=lambda change: change.id)
    page = paged([change for change in found if after is None or change.id > after][: limit + 1], limit)
    names = policy.PartChange.__slots__
    rows = [{**{name: getattr(one, name) for name in names}, "words": one.said(t)} for one in page.items]
    return Paged(rows, page.after)


@room.reads("/stock-policy-workbench/parts.xlsx", answer=None, query=TargetQuery, media=XLSX)
def export_stock_policy_changes(work: Work, query: dict[str, Any]) -> Response:
    """Export what a target changes as an XLSX workbook."""
    found = policy.workbench(work.session, work.actor, **query)
    return xlsx_file(export.changes_sheet(found, speak()).xlsx("stock-policy"), "stock-policy.xlsx")


@room.reads("/stock-policies", answer=StockPolicyAnswer, query=NumberPageQuery, listed=True)
def list_stock_policies(work: Work, query: dict[str, Any]) -> Paged:
    """List the policies adopted, newest first."""
    rows = queries.policies(work.session, work.actor, after=query["after"], limit=query["limit"] + 1)
    return paged(rows, query["limit"])


@room.writes("POST", "/stock-policies", body=AdoptBody, answer=StockPolicyAnswer, status=201)
def adopt_stock_policy(work: Work, body: dict[str, Any]) -> queries.PolicyView:
    """Adopt the policy for a target; reorder proposals follow it from now on."""
    return queries.policy(work.session, work.actor, policy.adopt(work, **body).id)


@room.reads("/stock-policies/<id:stock_policy_id>", answer=StockPolicyAnswer)
def get_stock_policy(work: Work, stock_policy_id: int) -> queries.PolicyView:
    """Show a policy."""
    return queries.policy(work.session, work.actor, stock_policy_id)


@room.reads(
    "/stock-policies/<id:stock_policy_id>/lines", answer=StockPolicyLineAnswer, query=NumberPageQuery, listed=True
)
def list_stock_policy_lines(work: Work, query: dict[str, Any], stock_policy_id: int) -> Paged:
    """List what a policy keeps, by part."""
    after, limit = query["after"], query["limit"]
    rows = queries.policy_lines(work.session, work.actor, stock_policy_id, after=after, limit=limit + 1)
    return paged(rows, limit)


@room.reads("/parts/<id:part_id>/stock-decisions", answer=DecisionAnswer, query=NumberPageQuery, listed=True)
def list_stock_decisions(work: Work, query: dict[str, Any], part_id: int) -> Paged:
    """List what was decided about a part, newest first."""
    after, limit = query["after"], query["limit"]
    return paged(queries.decisions(work.session, work.actor, part_id, after=after, limit=limit + 1), limit)


@room.writes("POST", "/parts/<id:part_id>/stock-decisions", body=DecisionBody, answer=DecisionRowAnswer, status=201)
def decide_stock(work: Work, body: dict[str, Any], part_id: int) -> PartDecision:
    """Set a part's criticality by hand, or whether to stock it, with the reason."""
    return policy.decide(work, part_id, **body)
