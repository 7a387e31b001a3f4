"""Maintenance: what is due on the fleet and on one machine, and a task noted as done."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission
from aftersales.maintenance import programmes, queries, service
from aftersales.maintenance.queries import WAITING, DueTask
from aftersales.registry import queries as registry
from aftersales.translate import N_
from aftersales.vocabulary import DueStatus
from aftersales.work import Work
from api import auth
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.pages.machines import MACHINE
from api.schemas.base import PageQuery
from api.schemas.maintenance import CompletionForm, FleetDueQuery

pages = Blueprint("maintenance_pages", __name__)


def named(tasks: Sequence[DueTask], kind: str) -> list[tuple[int, str]]:
    """Return (id, name) of the sites, models or operators of a list of tasks, for a filter."""
    found = {
        (getattr(task.machine, f"{kind}_id"), getattr(task.machine, f"{kind}_name"))
        for task in tasks
        if getattr(task.machine, f"{kind}_id") is not None
    }
    return sorted(found, key=lambda pair: pair[1])


@pages.get("/due")
@auth.signed_in
def list_due() -> ResponseReturnValue:
    """List what is due on the fleet, soonest first."""
    query = load_query(FleetDueQuery)
    with reading() as work:
        session, actor, on = work.session, work.actor, query["on"] or work.now.date()
        every = queries.due_for_fleet(session, actor, on, statuses=list(DueStatus), limit=1_000_000)
        wanted = {query["status"]} if query["status"] else WAITING
        after = queries.due_key(query["after"])
        fitting = [
            task
            for task in every
            if task.status in wanted
            and query["site_id"] in {None, task.machine.site_id}
            and query["model_id"] in {None, task.machine.model_id}
            and query["operator_id"] in {None, task.machine.operator_id}
        ]
        rest = [task for task in fitting if after is None or task.key > after][: query["limit"] + 1]
        return render_template(
            "maintenance/due.html",
            page=paged(rest, query["limit"], key=lambda task: task.cursor),
            query=query,
            on=on,
            may_open=opens_orders(work),
            counts={status: sum(task.status is status for task in every) for status in DueStatus},
            hours=sum(task.standard_hours for task in fitting if not task.covered_by),
            filters={kind: named(every, kind) for kind in ("site", "model", "operator")},
        )


def opens_orders(work: Work) -> bool:
    """Tell whether whoever asks may open work orders."""
    return work.actor.may(Permission.ORDER_PLAN) or work.actor.may(Permission.ORDER_WORK)


@pages.get(MACHINE + "/maintenance")
@auth.signed_in
def show_maintenance(machine_id: int) -> ResponseReturnValue:
    """Show the maintenance of a machine: every task and how it stands, and what was done."""
    query = load_query(PageQuery)
    with reading() as work:
        session, actor, limit = work.session, work.actor, query["limit"]
        page = registry.machine_page(session, actor, machine_id)
        tasks = queries.due_for_machine(session, actor, machine_id, work.now.date()) if page.current else []
        rows = programmes.completions(session, actor, machine_id, after=query["after"], limit=limit + 1)
        versions = programmes.programmes(session, actor, model_id=page.model.id, limit=50)
        return render_template(
            "maintenance/machine.html",
            page=page,
            machine=page.machine,
            tasks=tasks,
            done=paged(rows, limit),
            programme=next((each for each in versions if each.applies), None),
            may_open=page.current and opens_orders(work),
            may_complete=page.current and actor.may(Permission.ORDER_WORK),
        )


@pages.post(MACHINE + "/maintenance")
@auth.signed_in
@posted(CompletionForm, again=show_maintenance)
def note_done(work: Work, form: dict[str, Any], machine_id: int) -> Done:
    """Note a task, and what it includes, as done."""
    row = service.complete(work, machine_id=machine_id, **form)
    return done(url_for(".show_maintenance", machine_id=machine_id), N_("Noted as done: %(task)s"), task=row.task_code)
