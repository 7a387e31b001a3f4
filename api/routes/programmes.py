"""Maintenance programmes: drafted, changed, published, per model and version."""

from typing import Any

from aftersales.maintenance import programmes, service
from aftersales.maintenance.programmes import ProgrammeView
from aftersales.work import Work
from api.http import Paged, Room, paged
from api.schemas.maintenance import (
    ProgrammeAnswer,
    ProgrammeBody,
    ProgrammeChangeBody,
    ProgrammeQuery,
    ProgrammeSummary,
)

room = Room("programmes", __name__, "Maintenance programmes of machine models")


@room.reads("/programmes", answer=ProgrammeSummary, query=ProgrammeQuery, listed=True)
def list_programmes(work: Work, query: dict[str, Any]) -> Paged:
    """List maintenance programmes, newest first; drafts are seen by their makers alone."""
    limit = query.pop("limit")
    return paged(programmes.programmes(work.session, work.actor, **query, limit=limit + 1), limit)


@room.reads("/programmes/<id:programme_id>", answer=ProgrammeAnswer)
def get_programme(work: Work, programme_id: int) -> ProgrammeView:
    """Show a programme with its tasks, checklists and kits."""
    return programmes.programme(work.session, work.actor, programme_id)


@room.writes("POST", "/programmes", body=ProgrammeBody, answer=ProgrammeAnswer, status=201)
def create_programme(work: Work, body: dict[str, Any]) -> ProgrammeView:
    """Draft the next version of a model's programme."""
    row = service.create_programme(work, **body)
    return programmes.programme(work.session, work.actor, row.id)


@room.writes("PATCH", "/programmes/<id:programme_id>", body=ProgrammeChangeBody, answer=ProgrammeAnswer, versioned=True)
def change_programme(work: Work, body: dict[str, Any], programme_id: int, expected_version: int) -> ProgrammeView:
    """Change a draft: its name, or all its tasks."""
    service.change_programme(work, programme_id, **body, expected_version=expected_version)
    return programmes.programme(work.session, work.actor, programme_id)


@room.writes("POST", "/programmes/<id:programme_id>/publication", answer=ProgrammeAnswer)
def publish_programme(work: Work, programme_id: int) -> ProgrammeView:
    """Publish a draft: from now on it applies to every machine of the model."""
    service.publish(work, programme_id)
    return programmes.programme(work.session, work.actor, programme_id)


@room.writes("POST", "/programmes/<id:programme_id>/next-version", answer=ProgrammeAnswer, status=201)
def draft_next_version(work: Work, programme_id: int) -> ProgrammeView:
    """Draft the next version of a programme with the same tasks."""
    row = service.next_version(work, programme_id)
    return programmes.programme(work.session, work.actor, row.id)
