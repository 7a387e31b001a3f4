"""What is due on machines, and what was done."""

from typing import Any

from aftersales.maintenance import programmes, queries, service
from aftersales.maintenance.programmes import CompletionView
from aftersales.maintenance.queries import WAITING
from aftersales.work import Work
from api.http import Paged, Room, paged
from api.schemas.base import PageQuery
from api.schemas.maintenance import CompletionAnswer, CompletionBody, DueQuery, DueTaskAnswer, FleetDueQuery

room = Room("due", __name__, "Maintenance that is due, and what was done")


@room.reads("/due-tasks", answer=DueTaskAnswer, query=FleetDueQuery, listed=True)
def list_due_tasks(work: Work, query: dict[str, Any]) -> Paged:
    """List the maintenance due on the whole fleet, soonest first."""
    limit, status, on = query.pop("limit"), query.pop("status"), query.pop("on") or work.now.date()
    after = queries.due_key(query.pop("after"))
    rows = queries.due_for_fleet(
        work.session, work.actor, on, **query, after=after, statuses=[status] if status else WAITING, limit=limit + 1
    )
    return paged(rows, limit, key=lambda row: row.cursor)


@room.reads("/machines/<id:machine_id>/due-tasks", answer=DueTaskAnswer, query=DueQuery, listed=True)
def list_machine_due_tasks(work: Work, query: dict[str, Any], machine_id: int) -> Paged:
    """List every task of a machine's programme and how it stands, soonest first."""
    on = query["on"] or work.now.date()
    return Paged(queries.due_for_machine(work.session, work.actor, machine_id, on), None)


@room.reads("/machines/<id:machine_id>/task-completions", answer=CompletionAnswer, query=PageQuery, listed=True)
def list_completions(work: Work, query: dict[str, Any], machine_id: int) -> Paged:
    """List what was done on a machine, last recorded first."""
    limit = query.pop("limit")
    return paged(programmes.completions(work.session, work.actor, machine_id, **query, limit=limit + 1), limit)


@room.writes(
    "POST", "/machines/<id:machine_id>/task-completions", body=CompletionBody, answer=CompletionAnswer, status=201
)
def complete_task(work: Work, body: dict[str, Any], machine_id: int) -> CompletionView:
    """Note a task, and every task it includes, as done on a machine."""
    row = service.complete(work, machine_id=machine_id, **body)
    return programmes.completion(work.session, row.id)
