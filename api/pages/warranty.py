"""Warranty: what ends soon, policies in clauses, a machine's cover, who pays for the lines of jobs."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission, require
from aftersales.parts import queries as parts
from aftersales.registry import queries as registry
from aftersales.translate import N_
from aftersales.visibility import roles_in
from aftersales.vocabulary import PartyRole
from aftersales.warranty import queries, service
from aftersales.warranty.queries import CoverageView
from aftersales.warranty.rules import Lapse
from aftersales.warranty.service import ClauseData
from aftersales.warranty.wording import said
from aftersales.work import Work
from api import auth
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.pages.parts import part_numbered
from api.pages.setup import translator, up_to
from api.schemas.trade_forms import PolicyForm
from api.schemas.warranty import ConfirmationBody, CoverageQuery, EndingQuery, PolicyChangeBody, PolicyQuery

pages = Blueprint("warranty_pages", __name__)
CLAUSE_ROWS = 8
MOST = 500


def reason(view: CoverageView) -> str:
    """Return why somebody pays, in the reader's language."""
    return said(translator(), view.coverage.explanation, view.coverage.explanation_params)


def lapse_words(lapse: Lapse) -> str:
    """Return what was done too late, in the reader's language."""
    return said(translator(), *lapse.said())


@pages.get("/warranty")
@auth.signed_in
def list_endings() -> ResponseReturnValue:
    """List the warranties that end soon."""
    query = load_query(EndingQuery)
    with reading() as work:
        endings = queries.endings(work.session, work.actor, work.now, **query)
        waiting = queries.coverages(work.session, work.actor, open_only=True, limit=MOST)
        mine = sum(view.may_confirm for view in waiting)
        return render_template(
            "warranty/list.html",
            endings=endings,
            days=query["days"],
            due=sum(ending.offer_due for ending in endings),
            waiting=up_to(mine, MOST - len(waiting) + mine),
            limit=query["limit"],
        )


@pages.get("/machines/<id:machine_id>/warranty")
@auth.signed_in
def show_machine(machine_id: int) -> ResponseReturnValue:
    """Show what a machine's warranty covers, its conditions and the decisions on its jobs."""
    with reading() as work:
        session, actor = work.session, work.actor
        status = queries.status(session, actor, machine_id, work.now)
        roles = roles_in(session, actor, machine_id)
        return render_template(
            "warranty/machine.html",
            status=status,
            machine=status.machine,
            decisions=queries.coverages(session, actor, machine_id=machine_id, limit=50),
            offers=queries.offers(session, actor, machine_id=machine_id),
            reason=reason,
            lapse_words=lapse_words,
            may_start=PartyRole.MANUFACTURER in roles and actor.may(Permission.WARRANTY_MANAGE),
            may_offer=PartyRole.MANUFACTURER in roles and actor.may(Permission.OFFER_MAKE),
        )


@pages.post("/machines/<id:machine_id>/warranty")
@auth.signed_in
@posted(None, again=show_machine)
def start(work: Work, form: dict[str, Any], machine_id: int) -> Done:
    """Start a machine's warranty by its policy."""
    here = url_for(".show_machine", machine_id=machine_id)
    if service.start_for(work, machine_id) is None:
        return done(here, N_("No policy is for this model, or the machine is not commissioned yet"))
    return done(here, N_("The warranty runs"))


@pages.get("/warranty/decisions")
@auth.signed_in
def list_decisions() -> ResponseReturnValue:
    """List who pays for the lines of jobs."""
    query = load_query(CoverageQuery)
    limit = query.pop("limit")
    with reading() as work:
        rows = queries.coverages(work.session, work.actor, limit=limit + 1, **query)
        page = paged(rows, limit, key=lambda row: row.coverage.id)
        return render_template("warranty/decisions.html", page=page, decisions=page.items, reason=reason, query=query)


@pages.get("/warranty/decisions/<id:coverage_id>")
@auth.signed_in
def show_decision(coverage_id: int) -> ResponseReturnValue:
    """Show one decision and let the manufacturer confirm it or decide otherwise."""
    with reading() as work:
        view = queries.coverage(work.session, work.actor, coverage_id)
        return render_template("warranty/decision.html", view=view, reason=reason)


@pages.post("/warranty/decisions/<id:coverage_id>")
@auth.signed_in
@posted(ConfirmationBody, again=show_decision)
def confirm(work: Work, form: dict[str, Any], coverage_id: int) -> Done:
    """Confirm a decision, or decide otherwise."""
    service.confirm(work, coverage_id, **form)
    return done(url_for(".show_decision", coverage_id=coverage_id), N_("The decision is confirmed"))


@pages.get("/warranty/policies")
@auth.signed_in
def list_policies() -> ResponseReturnValue:
    """List policies."""
    query = load_query(PolicyQuery)
    limit = query.pop("limit")
    with reading() as work:
        rows = queries.policies(work.session, work.actor, limit=limit + 1, **query)
        page = paged(rows, limit, key=lambda row: row.policy.id)
        return render_template("warranty/policies.html", page=page)


@pages.get("/warranty/policies/new")
@auth.signed_in
def show_new_policy() -> ResponseReturnValue:
    """Ask for a new policy."""
    with reading() as work:
        require(work.actor, Permission.WARRANTY_MANAGE)
        models = [
            (model.id, f"{model.code} {model.name}")
            for model, _ in registry.list_models(work.session, work.actor, limit=200)
            if model.manufacturer_id == work.actor.organization_id
        ]
        return render_template("warranty/policy_new.html", models=models, rows=CLAUSE_ROWS)


@pages.post("/warranty/policies/new")
@auth.signed_in
@posted(PolicyForm, again=show_new_policy)
def create_policy(work: Work, form: dict[str, Any]) -> Done:
    """Write a policy."""
    clauses = []
    for row, clause in enumerate(form.pop("clauses")):
        number = clause.pop("excluded_number", "")
        part = part_numbered(work, number, f"clauses-{row}-excluded_number") if number else None
        clauses.append(ClauseData(**clause, excluded_part_id=part))
    policy = service.create_policy(work, clauses=clauses, **form)
    return done(url_for(".show_policy", policy_id=policy.id), N_("Policy %(policy)s is written"), policy=policy.code)


@pages.get("/warranty/policies/<id:policy_id>")
@auth.signed_in
def show_policy(policy_id: int) -> ResponseReturnValue:
    """Show a policy with its clauses."""
    with reading() as work:
        view = queries.policy(work.session, work.actor, policy_id)
        excluded = {clause.excluded_part_id for clause in view.clauses if clause.excluded_part_id}
        numbers = parts.numbers(work.session, work.actor, excluded)
        may_change = view.is_own and work.actor.may(Permission.WARRANTY_MANAGE)
        return render_template(
            "warranty/policy.html", view=view, policy=view.policy, numbers=numbers, may_change=may_change
        )


@pages.post("/warranty/policies/<id:policy_id>")
@auth.signed_in
@posted(PolicyChangeBody, again=show_policy, versioned=True)
def change_policy(work: Work, form: dict[str, Any], policy_id: int, expected_version: int | None) -> Done:
    """Change name, price or time of offering."""
    policy = service.change_policy(work, policy_id, form, expected_version)
    return done(url_for(".show_policy", policy_id=policy_id), N_("Policy %(policy)s is changed"), policy=policy.code)


@pages.post("/warranty/policies/<id:policy_id>/ending")
@auth.signed_in
@posted(None, again=show_policy, versioned=True)
def end_policy(work: Work, form: dict[str, Any], policy_id: int, expected_version: int | None) -> Done:
    """Give the policy to no more machines."""
    policy = service.end_policy(work, policy_id, expected_version)
    return done(url_for(".list_policies"), N_("Policy %(policy)s is given to no more machines"), policy=policy.code)
